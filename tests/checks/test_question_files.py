"""A question is a file on each side of the wall, and a file of wrong answers."""

import re
from pathlib import Path

from course_utils.checks import questions
from course_utils.checks.run_question import PROBES, exercises

ROOT = Path(__file__).parents[2]
SIDES = [PROBES, PROBES.parent / "judges", ROOT / "tests" / "mutants"]


def test_a_question_is_called_as_its_files():
    ids = [item.id for exercise in exercises() for item in questions(exercise)]
    assert len(ids) == 64
    for folder in SIDES:
        files = {path.stem for path in folder.glob("*.py")}
        assert {name for name in files if re.fullmatch(r"ex\d\d_\d+", name)} == set(ids)


def test_questions_are_in_their_order():
    for exercise in exercises():
        numbers = [int(item.id.partition("_")[2]) for item in questions(exercise)]
        assert numbers == list(range(1, len(numbers) + 1))
