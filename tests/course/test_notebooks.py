"""Every built notebook runs: lessons and solutions under nbval, stubs up to a stub.

One test a notebook, named after it, on a copy in a folder of its own. The lessons that
take few seconds run in the fast tier, all others in full length: the capstones in the
long tier, the rest in the slow one.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.authoring.build import build, is_code, read_notebook
from course_utils.authoring.run_lessons import FIRST_LABORATORY

ROOT = Path(__file__).parents[2]
LESSONS = sorted(ROOT.glob("notebooks/*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("solutions/*.ipynb"))
STUBS = sorted(ROOT.glob("exercises/*.ipynb"))
CAPSTONES = ("ex11", "ex12", "ex13")
CELL_SECONDS = 600
NOTEBOOK_SECONDS = 1100
FEW_STEPS = "20"
# They take long although they name no number of steps.
LONG = {
    "01_collect_data",
    "02_preprocess",
    "03_build_the_model",
    "10_when_it_goes_wrong",
    "ex06_fine_tune",
    "ex11_samsum",
}
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


def run_with_nbval(
    path: Path, folder: Path, steps: str | None, *, failing: int = 0, **variables: str
) -> str:
    """Run a copy in `folder`; return nbval's report. So many cells have to fail."""
    cells = [cell for cell in read_notebook(path).cells if is_code(cell)]
    copy = shutil.copy(path, folder)
    command = [sys.executable, "-m", "pytest", copy, "--nbval-lax", "-q", "-rN"]
    command += ["--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"]
    command += [f"--rootdir={folder}", "-p", "no:cacheprovider", "-p", "no:timeout"]
    environment = {**os.environ, "COURSE_PROFILE": "tiny", "TQDM_DISABLE": "1"}
    environment.pop("COURSE_MAX_STEPS", None)
    if steps:
        environment["COURSE_MAX_STEPS"] = steps
    environment |= variables
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=NOTEBOOK_SECONDS,
    )
    report = done.stdout[-6000:] + done.stderr[-2000:]
    assert done.returncode == (1 if failing else 0), report
    # nbval: one test a code cell
    assert f"{len(cells) - failing} passed" in done.stdout, report
    return done.stdout


def trains(path: Path) -> bool:
    """Return whether this notebook trains, or takes long for another reason."""
    code = "\n".join(cell.source for cell in read_notebook(path).cells if is_code(cell))
    is_laboratory = path in LESSONS and path.stem[:2] >= FIRST_LABORATORY
    return (
        path.stem in LONG
        or is_laboratory
        or bool(re.search(r"\bmax_steps|\bsteps=|summariser\(", code))
    )


# In the slow tier, grading/test_grade_folder.py runs the capstones whole.
TRAINING = [
    pytest.param(path, marks=[pytest.mark.long] * path.stem.startswith(CAPSTONES))
    for path in (*LESSONS, *SOLUTIONS)
    if trains(path)
]
QUICK = [path for path in (*LESSONS, *SOLUTIONS) if not trains(path)]
# The code of the solutions runs in checks/test_answers.py too, so a kernel for each of
# them is left to the slow tier.
TIERS = [
    pytest.param(path, marks=[pytest.mark.slow] if path in SOLUTIONS else [])
    for path in QUICK
]


@pytest.mark.timeout(NOTEBOOK_SECONDS + 20)
@pytest.mark.parametrize("path", TIERS, ids=name_of)
def test_notebook_runs(path, tmp_path):
    run_with_nbval(path, tmp_path, steps=None)


@pytest.mark.slow
@pytest.mark.timeout(NOTEBOOK_SECONDS + 20)
@pytest.mark.parametrize("path", TRAINING, ids=name_of)
def test_notebook_runs_in_full_length(path, tmp_path):
    run_with_nbval(path, tmp_path, steps=None)


@pytest.mark.slow
@pytest.mark.timeout(NOTEBOOK_SECONDS + 20)
@pytest.mark.parametrize("path", STUBS, ids=name_of)
def test_stub_fails_only_at_its_questions_and_says_which(
    path, tmp_path, monkeypatch, counted
):
    from nbclient import NotebookClient

    counted("stubs that fail at each marked cell", tried=1)
    monkeypatch.setenv("COURSE_PROFILE", "tiny")
    monkeypatch.setenv("COURSE_MAX_STEPS", FEW_STEPS)
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
    counted("stubs that fail at each marked cell")
