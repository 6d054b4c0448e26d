"""The setup cell in a fresh environment that looks like Colab's, then like Kaggle's.

Their Pythons come with torch, numpy and a kernel: installing the course must move none
of them, need no restart, and be safe to run twice.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from course_utils.authoring.build import build, read_notebook
from course_utils.checks import questions
from course_utils.checks.run_question import exercises

QUESTIONS = [item.id for exercise in exercises() for item in questions(exercise)]
ROOT = Path(__file__).parents[2]
KEPT = ("torch", "numpy", "ipykernel", "pyzmq")
OLDER_NUMPY = "2.0.2"
PLACES = {
    "colab": {"COLAB_RELEASE_TAG": "fake"},
    "kaggle": {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"},
}

# Runs the cell as a notebook does, magics included; twice, as students do.
SCRIPT = """
import json, sys
if sys.argv[3] == "colab":
    import google.colab  # as its kernels do
from importlib import import_module
from importlib.metadata import version
from IPython.core.interactiveshell import InteractiveShell

import numpy, torch  # a kernel may have them loaded before the cell runs

kept = json.loads(sys.argv[2])
before = {name: version(name) for name in kept}
shell = InteractiveShell.instance()
for _ in range(2):
    shell.run_cell(open(sys.argv[1]).read()).raise_error()
import course_utils, course_utils.machine.runtime
answer = '''
def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, {count}
'''
# A right answer and a wrong one: the checks and what they read came with the package.
shell.run_cell("from course_utils import check").raise_error()
shell.run_cell(answer.format(count="-(-n_blocks // size)"))
shell.run_cell('check("ex05_1")').raise_error()
shell.run_cell(answer.format(count="n_blocks // size"))
wrong = shell.run_cell('check("ex05_1")').error_in_exec
from course_utils.checks import make_inputs, questions
from course_utils.checks.run_question import exercises
asked = [item.id for exercise in exercises() for item in questions(exercise)]
for name in asked:
    make_inputs(name, 1)
print("RESULT", json.dumps({
    "before": before,
    "after": {name: version(name) for name in kept},
    "where": course_utils.machine.runtime.where(),
    "course": course_utils.__file__,
    "lesson": shell.user_ns["profile"].name,
    "wrong": str(wrong),
    "questions": len(asked),
    "judges": sum(
        callable(import_module(f"course_utils.checks.judges.{name}").judge)
        for name in asked
    ),
}))
"""


def python_of(environment: Path) -> str:
    return str(environment / "bin" / "python")


@pytest.fixture
def hosted(tmp_path):
    """A virtual environment with an older numpy, the libraries, a fake google.colab."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    # The libraries of this Python, but not the course: its own .pth is not followed.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    package = site / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    subprocess.run(
        [python_of(environment), "-m", "pip", "install", "-q", f"numpy=={OLDER_NUMPY}"],
        check=True,
    )
    return environment


@pytest.fixture
def published(tmp_path):
    """The course at a stand-in for its public home: its cell, and how git finds it."""
    home = tmp_path / "home.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(ROOT), str(home)], check=True)
    subprocess.run(["git", "-C", str(home), "branch", "-f", "public"], check=True)
    checkout = tmp_path / "checkout"
    (checkout / "source" / "lessons").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    shutil.copy(
        ROOT / "source/lessons/03_build_the_model.py", checkout / "source/lessons"
    )
    shutil.copytree(ROOT / "source/drawings", checkout / "source/drawings")
    build(checkout, repo="someone/train-gpt", tag="public")
    notebook = read_notebook(checkout / "notebooks/03_build_the_model.ipynb")
    (cell,) = [c for c in notebook.cells if "setup" in c.metadata.get("tags", [])]
    git = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{home}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/train-gpt",
    }
    return cell.source, git


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_setup_cell_installs_the_course_and_moves_nothing(
    hosted, published, tmp_path
):
    source, git = published
    assert len(source.split("\n")) <= 6
    assert "import course_utils" in source
    (tmp_path / "cell.txt").write_text(source)
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = os.environ | git | {"COURSE_HOME": str(tmp_path / "cache")}
    environment |= {"HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    for place, variables in PLACES.items():
        try_the_cell(hosted, place, environment | variables, tmp_path)
        remove = ["-m", "pip", "uninstall", "-q", "-y", "train-gpt-course"]
        subprocess.run([python_of(hosted), *remove], check=True)


def try_the_cell(hosted, place, environment, folder):
    done = subprocess.run(
        [python_of(hosted), "script.py", "cell.txt", json.dumps(KEPT), place],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (line,) = [x for x in done.stdout.split("\n") if x.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    assert result["before"]["numpy"] == OLDER_NUMPY
    assert result["after"] == result["before"]
    assert result["where"] == place
    assert Path(result["course"]).is_relative_to(hosted)
    assert result["lesson"] == "tiny"
    assert "ex05_1: 1 of 1 point" in done.stdout
    assert "round up, not down" in result["wrong"]
    assert result["questions"] == len(QUESTIONS)
    assert result["judges"] == result["questions"]
