"""What the course's own exercise notebooks say, if there is a checkout."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course_utils.checks.run_question import exercises, questions
from course_utils.machine.errors import CourseError
from course_utils.machine.places import course_root


def notebook_names() -> list[str]:
    """Return the notebooks' names, such as "ex05_training"; none without a checkout."""
    return [path.stem for path in _notebooks()]


@cache
def written_points() -> dict[str, float]:
    """Return the points of the answers in words, by question id.

    It is empty without a checkout of the course.
    """
    points = {}
    for path in _notebooks():
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] == "markdown" and marks.get("grade"):
                points[marks["grade_id"]] = float(marks["points"])
    return points


@cache
def released_code(exercise: str, folder: str = "exercises") -> dict[str, str]:
    """Return the code cells of an exercise by their ids.

    Args:
        exercise: such as "ex05".
        folder: "exercises", as they are given out, or "solutions".

    Returns:
        Nothing without a checkout of the course.
    """
    return {
        cell["id"]: "".join(cell["source"])
        for path in _notebooks(folder)
        if path.name.startswith(exercise)
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    }


@cache
def written_texts(question: str) -> tuple[str, str]:
    """Return what a question in words asks, and the course's own answer.

    Returns:
        "" for what is not here, as without a checkout of the course.
    """
    asked, cells = "", []
    for path in _notebooks("solutions"):
        if path.name.startswith(question.partition("_")[0]):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        text = "".join(cell["source"])
        if cell["id"] == question:
            return asked, text
        asked = text if cell["cell_type"] == "markdown" else ""
    return "", ""


def _notebooks(name: str = "exercises") -> Iterator[Path]:
    try:
        folder = course_root() / name
    except CourseError:
        return
    yield from sorted(folder.glob("ex*.ipynb"))


def known_points(exercise: str) -> dict[str, float]:
    """Return what the questions of an exercise are worth, as far as known."""
    known = dict(written_points())
    if exercise in exercises():
        known.update({item.id: item.points for item in questions(exercise)})
    return known
