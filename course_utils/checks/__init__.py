"""Checks of the exercises: points, or one hint that names the likely mistake.

A question is two halves in two modules, probes/exNN_Q.py and judges/exNN_Q.py. The
probe calls the student's code and returns plain data; the judge judges plain data and
never sees the code. docs/exercises.md says how to write one.
"""

from course_utils.checks.contract import CheckFailed, Question, Verdict
from course_utils.checks.notebook import check_notebook
from course_utils.checks.plain_data import from_bytes, to_bytes, to_plain
from course_utils.checks.run_question import (
    PUBLIC_SEED,
    check,
    make_inputs,
    question,
    questions,
    run_judge,
    run_probe,
)

__all__ = [
    "PUBLIC_SEED",
    "CheckFailed",
    "Question",
    "Verdict",
    "check",
    "check_notebook",
    "from_bytes",
    "make_inputs",
    "question",
    "questions",
    "run_judge",
    "run_probe",
    "to_bytes",
    "to_plain",
]
