"""Points that a person gives: the lines of a filled-in points.csv, checked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course_utils.checks.run_question import exercises
from course_utils.grading import course_notebooks
from course_utils.grading.tables import read_csv
from course_utils.machine.errors import CourseError


@dataclass(frozen=True)
class Override:
    """Points of one student for one question, given by a person.

    Attributes:
        student: the name, as in scores.csv.
        question: such as "ex05_2".
        points: from 0 to what the question is worth.
        who: who gave them; "" if not said.
        why: for what reason; "" if not said.
        comment: what the student is told of it.
    """

    student: str
    question: str
    points: float
    who: str = ""
    why: str = ""
    comment: str = ""


def read_points(path: Path, students: Iterable[str]) -> list[Override]:
    """Return the points in a file of the form of points.csv.

    Columns `who`, `why` and `comment` may be added. Lines without points are left out.

    Args:
        path: commas, semicolons or tabs separate its cells.
        students: the names that may stand in it.

    Raises:
        CourseError: a line makes no sense; the message gives its number.
    """
    sign, lines = read_csv(path)
    number, head = next(lines)
    columns = [name.strip() for name in head]
    if not {"student", "question", "points"} <= set(columns):
        raise CourseError(
            f"{path}, line {number}: it needs the columns student, question and points."
        )
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise CourseError(f"{path}, line {number}: two columns are {twice[0]}.")
    names, given = _Names(students), {}
    for number, values in lines:
        try:
            override = _override(columns, values, names, sign)
            if override is None:
                continue
            place = override.student, override.question
            if place in given:
                student, question = place
                raise CourseError(
                    f"{student} has points for {question} on an earlier line."
                )
            given[place] = override
        except CourseError as error:
            raise CourseError(f"{path}, line {number}: {error}") from error
    return list(given.values())


class _Names:
    """The students by name, and by a number that lost its zeros in a spreadsheet."""

    def __init__(self, students: Iterable[str]) -> None:
        self._known = set(students)
        self._numbers: dict[int, list[str]] = {}
        for name in self._known:
            if name.isdecimal():
                self._numbers.setdefault(int(name), []).append(name)

    def find(self, name: str) -> str:
        if name in self._known:
            return name
        found = self._numbers.get(int(name), []) if name.isdecimal() else []
        # An apostrophe stands before what a spreadsheet would take for a formula.
        both = {name.removeprefix("'"), f"'{name}"} & self._known
        if len(found) + len(both) != 1:
            raise CourseError(f"no student {name!r}.")
        return [*found, *both][0]


def _override(
    columns: list[str], values: list[str], names: _Names, sign: str
) -> Override | None:
    """Return the points of one line, or None if it has none.

    Raises:
        CourseError: the line makes no sense.
    """
    if len(values) != len(columns):
        raise CourseError(
            f"{len(values)} values for {len(columns)} columns. (Write 0.5, not 0,5.)"
        )
    row = dict(zip(columns, values, strict=True))
    question, number = row["question"].strip(), row["points"].strip()
    if not number:
        return None
    student = names.find(row["student"])
    if sign != ",":
        number = number.replace(",", ".")
    points = points_in(number, most_points(question))
    said = (row.get(name, "").strip() for name in ("who", "why", "comment"))
    return Override(student, question, points, *said)


def points_in(text: str, most: float) -> float:
    """Return the points that a person has written.

    Raises:
        CourseError: it is no number from 0 to `most`.

    Example:
        >>> points_in("1.5", 2)
        1.5
    """
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) > most:
        raise CourseError(f"{text[:40]!r} is no number from 0 to {most:g}.")
    return float(text)


def most_points(question: str) -> float:
    """Return what a question is worth; 1000 if the course's notebooks are not here.

    Raises:
        CourseError: there is no such question.
    """
    exercise, written = question.partition("_")[0], course_notebooks.written_points()
    known = course_notebooks.known_points(exercise)
    is_question = re.fullmatch(r"ex\d\d_\d{1,3}", question)
    if exercise in exercises() and not written and is_question:
        known.setdefault(question, 1000)
    if question not in known:
        raise CourseError(f"no question {question!r}.")
    return known[question]
