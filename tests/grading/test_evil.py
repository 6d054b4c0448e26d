"""The attack set: no point forged, none lost, nothing left behind.

    pytest tests/grading/test_evil.py -m "" -s      # all of it, with the table

Every notebook here runs inside the sandbox. Where none can be made, the tests are
skipped and say why: nothing runs without one.
"""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from pace import at_most

from course_utils.checks import questions
from course_utils.checks.read_notebook import read_cells
from course_utils.checks.run_question import exercises
from course_utils.grading import bubblewrap
from course_utils.grading.grade_notebook import grade_notebook
from course_utils.grading.sandbox import Sandbox, SubmissionLimits, descendants
from course_utils.machine.errors import CourseError

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil
from evil import everywhere

SECRET = 0x1F2E3D4C5B6A79880123456789ABCDEF
LIMITS = {
    "seconds": 12.0,
    "cell_seconds": 3.0,
    "memory": 2 * 2**30,
    "disk": 64 * 2**20,
    "files": 2000,
}
CASES = evil.everything()
QUESTIONS = [item for exercise in exercises() for item in questions(exercise)]
MODULES = tuple(f"course_utils.checks.probes.{item.id}" for item in QUESTIONS)
TABLE: list[tuple[str, float, float, int, float]] = []
KEPT: list[int] = []  # bytes of each result


@pytest.fixture(scope="module")
def box():
    try:
        made = Sandbox(MODULES, home=prepared_data())
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    with made:
        yield made
    if TABLE:
        print("\n\n| submission | true score | ours | deaths | seconds |")
        print("|---|---|---|---|---|")
        for name, score, ours, deaths, seconds in TABLE:
            print(f"| {name} | {score:g} | {ours:g} | {deaths} | {seconds:.1f} |")
        forged = sum(max(0, ours - score) for _, score, ours, *_ in TABLE)
        lost = sum(max(0, score - ours) for _, score, ours, *_ in TABLE)
        print(
            f"{len(TABLE)} attacks: {forged:g} points forged, {lost:g} honest points "
            f"lost, at most {max(KEPT, default=0) / 2**10:.0f} KB kept of one"
        )


def prepared_data() -> Path:
    from course_utils.data.sources import write_local_data
    from course_utils.lesson.profile import local_data

    write_local_data(local_data())
    return local_data().parent


@pytest.fixture(scope="module")
def pace(box):
    return pace_of(box)


def pace_of(box: Sandbox) -> float:
    """Return how many times slower than a free machine this one is now."""
    start = time.monotonic()
    grade_evil(evil.Evil("honest", evil.RATE), box)
    return max(1.0, (time.monotonic() - start) / 0.5)


def grade_evil(case: evil.Evil, box: Sandbox, pace: float = 1.0) -> dict:
    cells = read_cells(json.dumps(evil.notebook(case)).encode())
    limits = {**LIMITS, **case.limits}
    for name in ("seconds", "cell_seconds"):
        limits[name] *= pace
    return grade_notebook(cells, "ex05", SECRET, SubmissionLimits(**limits), box)


def test_there_are_enough():
    answers = sum(len(everywhere.kinds(*one)) for one in everywhere.rounds())
    assert len(CASES) + answers >= 280
    used = {k for one in everywhere.rounds() for k in everywhere.kinds(*one).values()}
    assert used == set(everywhere.KINDS)
    assert len({case.name for case in CASES}) == len(CASES)


BROKEN = {
    "syntax error in a cell",
    "null bytes in a cell",
    "brackets nested 5,000 deep",
    "a sum of 100,000 terms",
}


def test_attacks_are_no_accidents():
    """A cell that does not compile attacks nothing."""
    for case in CASES:
        for cell in evil.notebook(case)["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and case.name not in BROKEN:
                source = TransformerManager().transform_cell(source)
                compile(source, case.name, "exec", dont_inherit=True)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else [])
        for case in CASES
    ],
)
def test_attack(case, box, pace):
    before, marks = settled(box, set()), traces()
    start = time.monotonic()
    result = grade_evil(case, box, pace)
    seconds = time.monotonic() - start
    points = sum(row["points"] for row in result["questions"])
    TABLE.append((case.name, case.score, points, len(result["deaths"]), seconds))

    hints = {row["id"]: (row["points"], row["hint"]) for row in result["questions"]}
    assert points == case.score, hints
    assert len(result["deaths"]) <= case.deaths, result["deaths"]
    assert case.listed in " ".join(result["look_at"])
    assert settled(box, before) <= before
    assert traces() == marks
    KEPT.append(len(json.dumps(result)))
    assert KEPT[-1] < 100_000


@pytest.mark.parametrize(("exercise", "number"), everywhere.rounds())
def test_no_question_falls_for(exercise, number, box, pace):
    limits = {**LIMITS, "seconds": 30 * pace, "cell_seconds": 3 * pace}
    cells = everywhere.cells(exercise, number)
    result = grade_notebook(cells, exercise, SECRET, SubmissionLimits(**limits), box)
    kinds = everywhere.kinds(exercise, number)
    for row in result["questions"]:
        name = f"{row['id']}: {kinds[row['id']]}"
        TABLE.append((name, 0, row["points"], 0, result["seconds"]))
    earned = {r["id"]: r["points"] for r in result["questions"] if r["points"]}
    assert {name: kinds[name] for name in earned} == {}
    assert result["deaths"] == []
    assert not [line for line in result["look_at"] if "judge" in line]


def settled(box: Sandbox, wanted: set[int]) -> set[int]:
    """Return the sandbox's processes, once those not wanted had a moment to end."""
    end = time.monotonic() + 30
    found = set(descendants(box._process.pid))
    while wanted and not found <= wanted and time.monotonic() < end:
        time.sleep(0.02)
        found = set(descendants(box._process.pid))
    return found


def traces() -> dict[str, int]:
    """Return what an attack could leave on this machine: files, and their times."""
    places = [Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path("/")]
    marks = {str(path): 1 for place in places for path in place.glob("*evil*") if place}
    for path in [
        *bubblewrap.LIBRARY.glob("checks/*.py"),
        *bubblewrap.LIBRARY.glob("*.py"),
    ]:
        marks[str(path)] = path.stat().st_mtime_ns
    return marks


def evil_files():
    from evil import files

    return files


def test_the_set_notices_an_open_door(box, pace):
    """Each attack that has to get out does earn the points if it gets out."""
    out = evil.Evil("nothing to overcome", evil.escape("assert True"))
    result = grade_evil(out, box, pace)
    assert sum(row["points"] for row in result["questions"]) == evil.HONEST + 2


def test_files(tmp_path):
    from course_utils.grading.discover import find

    files = evil_files()
    files.write(tmp_path)
    with at_most(20):
        found = {item.path: item for item in find(tmp_path)}
    for name, _, why in files.FILES:
        [item] = [
            item for path, item in found.items() if path.startswith(evil_name(name))
        ]
        assert why in item.problem, (name, item.problem)
        assert bool(why) == bool(item.problem), (name, item.problem)
    assert "over 1024 MB" in found["quoting.zip"].problem
    for name in ("link_ex05.ipynb", "passwd_ex05.ipynb", "pipe_ex05.ipynb"):
        assert found[name].problem
        assert not found[name].cells
    assert not any("round/" in path or "secret" in path for path in found)
    assert all(item.student.isprintable() for item in found.values())
    assert os.listdir("/tmp/evil") == [] if Path("/tmp/evil").exists() else True


def evil_name(name: str) -> str:
    from course_utils.grading.names import shown

    return shown(name)
