"""Files that go back to a platform: Canvas, Moodle, Gradescope, or a plain table."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from course_utils.grading.names import exercise_in
from course_utils.grading.roster import Person, Roster
from course_utils.grading.scores import Mark, Student
from course_utils.grading.tables import write_csv
from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path, write_text
from course_utils.machine.pages import render

LONGEST_NAME = 200  # bytes; a disk takes 255


def write_export(
    folder: Path, platform: str, students: list[Student], roster: Roster
) -> None:
    """Write the files that a platform takes back.

    Args:
        folder: where they go; files of the same name are written anew.
        platform: a key of EXPORTS.
        students: with their points.
        roster: the list from the platform, which has the numbers that it asks for.

    Raises:
        CourseError: there is no such platform, or it needs its own list.
    """
    if platform not in EXPORTS:
        known = ", ".join(EXPORTS)
        raise CourseError(f"--export {platform}: there are {known}.")
    EXPORTS[platform](folder, students, roster)


def _exercises(students: Iterable[Student]) -> list[str]:
    return sorted({name for student in students for name in student.exercises})


def _number(value: float) -> str:
    return f"{round(value, 4):g}"


def _possible(students: list[Student], exercise: str) -> float:
    return max(student.possible(exercise) for student in students)


def comment(student: Student, exercise: str) -> str:
    """Return what a platform shows beside the points: a line for each question."""
    lines = []
    for mark in student.marks_of(exercise):
        lines.append(f"{mark.question}: {_points_of(mark)}. {_what(mark)}".strip())
    days = student.days_late.get(exercise, 0)
    if days:
        lost = 100 * (1 - student.shares.get(exercise, 1))
        lines.append(f"{days} days late: {lost:g} % less.")
    lines += [
        f"{path} could not be graded: {problem}"
        for path, problem in student.problems.items()
        if exercise_in(path) in ("", exercise)
    ]
    return "\n".join(lines)


def _points_of(mark: Mark) -> str:
    known = "" if mark.out_of is None else f" of {_number(mark.out_of)}"
    points = "waits for your teacher" if mark.points is None else _number(mark.points)
    return points if mark.points is None else f"{points}{known}"


def _what(mark: Mark) -> str:
    is_short = mark.points is not None and mark.points != mark.out_of
    return mark.comment or (mark.hint if is_short else "")


def write_csv_export(folder: Path, students: list[Student], roster: Roster) -> None:
    """Write scores.csv: a line a student, totals of each exercise, no platform's."""
    names = _exercises(students)
    kinds = [
        kind
        for kind in ("sid", "login", "email", "canvas", "github", "identifier")
        if any(kind in person.ids for person in roster.people)
    ]
    heads = ["student", *kinds, "section", *names, "total", "out_of", "reason"]
    rows = [heads]
    for student in students:
        ids = student.person.ids if student.person else {}
        points = [
            _number(student.points(name)) if name in student.exercises else ""
            for name in names
        ]
        rows.append(
            [
                student.name,
                *(ids.get(kind, "") for kind in kinds),
                student.section,
                *points,
                _number(student.total),
                _number(student.out_of),
                student.reason,
            ]
        )
    write_csv(folder / "scores.csv", rows)


CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def write_canvas(folder: Path, students: list[Student], roster: Roster) -> None:
    """Write canvas.csv, for "Import Grades", and a zip of feedback for each exercise.

    An exercise's column is that of the gradebook which was given as --roster, such as
    "Exercise 5 (1234)". For any other name, Canvas makes a new one.
    """
    names = _exercises(students)
    columns = {exercise_in(name): name for name in roster.columns if exercise_in(name)}
    heads = [columns.get(name, name) for name in names]
    possible = [_number(_possible(students, name)) for name in names]
    rows = [[*CANVAS, *heads], ["    Points Possible", "", "", "", "", *possible]]
    for student in students:
        person = student.person
        if person is None and roster.people:
            continue  # Canvas refuses a line that it does not know
        points = [
            _number(student.points(name)) if name in student.exercises else ""
            for name in names
        ]
        rows.append([*_canvas_ids(student, person), *points])
    write_csv(folder / "canvas.csv", rows)
    for name in names:
        path = folder / f"canvas_feedback_{name}.zip"
        _write_feedback(path, students, name, "canvas", "{}.html")


def _canvas_ids(student: Student, person: Person | None) -> list[str]:
    if person is not None and "Student" in person.line:
        return [person.line.get(name, "") for name in CANVAS]
    ids = person.ids if person else {}
    for entry in student.entries.values():
        ids = {**dict(entry.sender.ids), **ids}
    name = person.name if person else student.name
    known = [ids.get(kind, "") for kind in ("canvas", "sid", "login")]
    return [name, *known, student.section]


MOODLE = (
    "Identifier",
    "Full name",
    "Email address",
    "Grade",
    "Maximum Grade",
    "Feedback comments",
)


def write_moodle(folder: Path, students: list[Student], roster: Roster) -> None:
    """Write a grading worksheet and a zip of feedback files for each exercise.

    The zip's folders have the names of the download, by which Moodle knows whose they
    are ("Upload multiple feedback files in a zip").
    """
    names = _exercises(students)
    found = 0
    for exercise in names:
        most = _number(_possible(students, exercise))
        rows = [list(MOODLE)]
        for student in students:
            number = _participant(student, exercise, len(names) == 1)
            if not number:
                continue  # Moodle refuses a line without one
            done = exercise in student.exercises
            address = student.person.ids.get("email", "") if student.person else ""
            points = _number(student.points(exercise)) if done else ""
            said = comment(student, exercise)
            name = _full_name(student)
            rows.append([f"Participant {number}", name, address, points, most, said])
        found += len(rows) - 1
        write_csv(folder / f"moodle_{exercise}.csv", rows)
        path = folder / f"moodle_feedback_{exercise}.zip"
        _write_feedback(path, students, exercise, "moodle", "{}feedback.html")
    if not found:
        raise CourseError(
            "--export moodle: nothing here has Moodle's numbers. Grade Moodle's own "
            "download, or give its grading worksheet as --roster."
        )


def _participant(student: Student, exercise: str, only: bool) -> str:
    """Return Moodle's number of a student in an exercise, or "".

    Args:
        student: with the attempt that counts.
        exercise: such as "ex05".
        only: whether the roster's number can mean no other exercise.
    """
    entry, person = student.entries.get(exercise), student.person
    number = dict(entry.sender.ids).get("moodle", "") if entry else ""
    if not number and person and only:
        number = person.ids.get("moodle", "")
    return number


def _full_name(student: Student) -> str:
    line = student.person.line if student.person else {}
    return line.get("Full name") or student.name


def write_gradescope(folder: Path, students: list[Student], roster: Roster) -> None:
    """Write a results.json for each submission, as an autograder of Gradescope does."""
    for student in students:
        for exercise, entry in student.entries.items():
            label = Path(_plain(entry.sender.label)).name
            if not 0 < len(label.encode()) <= LONGEST_NAME:
                label = student.page.removesuffix(".html")
            tests = [
                {
                    "name": f"{mark.question}: {mark.title}",
                    "number": mark.question.replace("ex", "").replace("_", "."),
                    "score": mark.points or 0,
                    "max_score": mark.out_of or 0,
                    "output": _what(mark),
                }
                for mark in student.marks_of(exercise)
            ]
            result: dict[str, Any] = {
                "score": round(student.points(exercise), 4),
                "output": comment(student, exercise),
                "visibility": "visible",
                "tests": tests,
            }
            place = folder / "gradescope" / exercise / label
            text = json.dumps(result, indent=1, ensure_ascii=False)
            write_text(place / "results.json", text)


def _plain(label: str) -> str:
    """Return a download's name without what no archive may hold.

    These are separators of another system, and bytes of a name that are no UTF-8.
    """
    return label.replace("\\", "_").encode("utf-8", "replace").decode()


def _write_feedback(
    path: Path, students: list[Student], exercise: str, platform: str, name: str
) -> None:
    """Write a zip of feedback pages under the names of the download."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in students:
            entry = student.entries.get(exercise)
            if entry and platform in dict(entry.sender.ids):
                page = render("class_feedback.html", student=student)
                archive.writestr(name.format(_plain(entry.sender.label)), page)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.getvalue())


EXPORTS: dict[str, Callable[[Path, list[Student], Roster], None]] = {
    "canvas": write_canvas,
    "moodle": write_moodle,
    "gradescope": write_gradescope,
    "csv": write_csv_export,
}
