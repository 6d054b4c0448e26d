"""Every built notebook runs: lessons and solutions under nbval, stubs up to a stub.

One test a notebook, named after it, on a copy in a folder of its own. While you work on
a lesson, COURSE_MAX_STEPS=20 makes these tests quick.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.authoring.build import build, is_code, read_notebook

ROOT = Path(__file__).parents[1]
LESSONS = sorted(ROOT.glob("notebooks/*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("solutions/*.ipynb"))
STUBS = sorted(ROOT.glob("exercises/*.ipynb"))
CELL_SECONDS = 300
NOTEBOOK_SECONDS = 580
WHOLE_RUNS = {"ex11_samsum"}  # judged by what they learn: COURSE_MAX_STEPS cuts none
STUB_MESSAGE = re.compile(r'raise NotImplementedError\("(Exercise \d+\.\d+: .*)"\)')


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_notebooks_are_built_from_the_sources_and_executed():
    lessons = list(ROOT.glob("source/lessons/*.py"))
    exercises = list(ROOT.glob("source/exercises/*.py"))
    assert lessons
    assert exercises
    assert [path.stem for path in LESSONS] == sorted(path.stem for path in lessons)
    for built in (SOLUTIONS, STUBS):
        assert [path.stem for path in built] == sorted(path.stem for path in exercises)
    assert build(ROOT, check=True) == []


@pytest.mark.timeout(NOTEBOOK_SECONDS + 20)
@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS], ids=name_of)
def test_notebook_runs(path, tmp_path):
    cells = [cell for cell in read_notebook(path).cells if is_code(cell)]
    copy = shutil.copy(path, tmp_path)
    command = [sys.executable, "-m", "pytest", copy, "--nbval-lax", "-q", "-rN"]
    command += ["--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"]
    command += [f"--rootdir={tmp_path}", "-p", "no:cacheprovider", "-p", "no:timeout"]
    environment = {**os.environ, "COURSE_PROFILE": "tiny", "TQDM_DISABLE": "1"}
    if path.stem in WHOLE_RUNS:
        environment.pop("COURSE_MAX_STEPS", None)
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=NOTEBOOK_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"{len(cells)} passed" in done.stdout  # nbval: one test a code cell


@pytest.mark.timeout(NOTEBOOK_SECONDS + 20)
@pytest.mark.parametrize("path", STUBS, ids=name_of)
def test_stub_fails_only_at_its_questions_and_says_which(path, tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("COURSE_PROFILE", "tiny")
    notebook = read_notebook(path)
    client = NotebookClient(
        notebook,
        allow_errors=True,
        timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    messages, shown = {}, {}
    for cell in filter(is_code, notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        question = grade_id.removesuffix("_check")
        if grade_id and grade_id == question:
            messages[question] = STUB_MESSAGE.findall(cell.source)
        for output in cell.outputs:
            if output.output_type == "error":
                assert question, f"fails outside a question:\n{cell.source}"
                shown[question] = shown.get(question, "") + output.evalue
    assert messages
    for question, expected in messages.items():
        assert expected, f"{question} has no stub"
        assert any(message in shown.get(question, "") for message in expected)
