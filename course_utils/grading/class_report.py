"""Scores, feedback pages and the class report, from finished results.

What a student gets to see holds the hints and no input: inputs come from the secret
seed. All text of a student is escaped, and the pages load nothing and run no script.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.checks.run_question import exercises, questions
from course_utils.grading import course_notebooks
from course_utils.grading.discover import Entry
from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text, write_text
from course_utils.machine.pages import render

Result = dict[str, Any]
Results = Callable[[str], Result | None]
Points = dict[str, dict[str, float]]  # {student: {question: points}}, by a person


@dataclass
class Mark:
    """The points of one student for one question.

    Attributes:
        points: None while it waits for a person.
        out_of: None if it is not known, for lack of the course's notebooks.
        text: the answer in words, for a person to grade.
    """

    question: str
    title: str
    points: float | None
    out_of: float | None
    hint: str = ""
    text: str = ""


@dataclass
class Student:
    """One student's marks over all exercises, and files that cannot be graded."""

    name: str
    marks: dict[str, Mark] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The points so far."""
        return sum(mark.points or 0 for mark in self.marks.values())

    @property
    def out_of(self) -> float:
        """The points of all questions, as far as known."""
        return sum(mark.out_of or 0 for mark in self.marks.values())

    @property
    def judged(self) -> float:
        """The points of the questions that do not wait for a person."""
        done = (mark for mark in self.marks.values() if mark.points is not None)
        return sum(mark.out_of or 0 for mark in done)

    @property
    def page(self) -> str:
        """The file name of the feedback page; no two students share one."""
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:8]
        plain = re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[:40]
        return f"{plain or 'student'}-{digest}.html"


def write_report(
    out: Path, entries: list[Entry], results: Results, persons: Points
) -> dict[str, Any]:
    """Write scores.csv, points.csv, report.html and feedback/; return the counts."""
    students, look_at = _students(entries, results, persons)
    alike = _alike(entries, results)
    ids = sorted({q for student in students for q in student.marks}, key=_order)
    rows = [["student", *ids, "total", "out_of", "page"]]
    waiting = [["student", "question", "out_of", "points"]]
    texts = []
    for student in students:
        marks = [student.marks.get(q) for q in ids]
        points = ["" if m is None or m.points is None else m.points for m in marks]
        numbers = [f"{p:g}" if p != "" else "" for p in points]
        total, out_of = f"{student.total:g}", f"{student.out_of:g}"
        page = f"feedback/{student.page}"
        rows.append([student.name, *numbers, total, out_of, page])
        write_text(out / page, render("class_feedback.html", student=student))
        for mark in student.marks.values():
            if mark.points is None:
                known = "" if mark.out_of is None else f"{mark.out_of:g}"
                waiting.append([student.name, mark.question, known, ""])
                texts.append((student.name, mark))
    _remove_pages(out / "feedback", {student.page for student in students})
    write_text(out / "scores.csv", _csv(rows))
    write_text(out / "points.csv", _csv(waiting))
    counts = {
        "students": len(students),
        "submissions": len(entries),
        "graded": sum(entry.problem == "" for entry in entries),
        "look_at": len(look_at) + len(alike),
        "waiting": len(texts),
    }
    page = render(
        "class_report.html",
        counts=counts,
        students=students,
        distribution=_distribution(students),
        questions=[_difficulty(q, students) for q in ids],
        mistakes=_mistakes(students),
        look_at=look_at,
        waiting=texts,
        alike=alike,
    )
    write_text(out / "report.html", page)
    return counts


def _remove_pages(folder: Path, keep: set[str]) -> None:
    """Remove the pages that earlier runs wrote for students who are gone."""
    for path in folder.glob("*.html"):
        if re.fullmatch(r".+-[0-9a-f]{8}\.html", path.name) and path.name not in keep:
            path.unlink()


def _students(
    entries: list[Entry], results: Results, persons: Points
) -> tuple[list[Student], list[tuple[str, str, str]]]:
    students: dict[str, Student] = {}
    look_at: list[tuple[str, str, str]] = []
    several = Counter((e.student, e.exercise) for e in entries if not e.problem)
    best: dict[tuple[str, str], float] = {}
    for entry in entries:
        student = students.setdefault(entry.student, Student(entry.student))
        if entry.problem:
            if entry.path not in student.problems:  # once for all of an archive
                look_at.append((entry.student, entry.path, entry.problem))
            student.problems[entry.path] = entry.problem
            continue
        result = results(entry.key)
        if result is None:
            look_at.append((entry.student, entry.path, "it is not graded yet."))
            continue
        for reason in result["look_at"]:
            look_at.append((entry.student, entry.path, reason))
        place = (entry.student, entry.exercise)
        total = sum(row["points"] for row in result["questions"])
        if several[place] > 1:
            reason = "several notebooks for one exercise: the best of them counts."
            look_at.append((entry.student, entry.path, reason))
        if total > best.get(place, -1):
            best[place] = total
            student.marks.update({m.question: m for m in _marks(entry, result)})
    for name, given in persons.items():
        for question, points in given.items():
            student = students.setdefault(name, Student(name))
            mark = student.marks.get(question)
            if mark is None:
                known = course_notebooks.written_points().get(question)
                mark = student.marks[question] = Mark(question, "", None, known)
            mark.points = points
    return sorted(students.values(), key=lambda student: student.name), look_at


def _marks(entry: Entry, result: Result) -> Iterator[Mark]:
    for row in result["questions"]:
        yield Mark(row["id"], row["title"], row["points"], row["out_of"], row["hint"])
    texts = {item["id"]: item["text"] for item in result["written"]}
    known = {
        question: points
        for question, points in course_notebooks.written_points().items()
        if question.startswith(f"{entry.exercise}_")
    }
    for question in known or texts:
        text = texts.get(question, "(no such cell: look into the notebook)")
        yield Mark(question, "in words", None, known.get(question), text=text)


def read_points(path: Path | None, folder: Path, names: set[str]) -> Points:
    """Return a person's points: those kept in `folder`, and those in the file `path`.

    Args:
        path: a file in the form of points.csv, or None.
        folder: the grader's own folder, which keeps the points.
        names: the names of the students.

    Raises:
        CourseError: a line makes no sense; the message gives its number.
    """
    kept = folder / "points.json"
    points = _kept_points(kept)
    if path is None:
        return points
    given: Points = {}
    reader = csv.reader(io.StringIO(read_text(path)), strict=True)
    try:
        columns = [name.strip() for name in next(reader)]
        if not {"student", "question", "points"} <= set(columns):
            raise CourseError("it needs the columns student, question and points.")
        for values in reader:
            if any(values):
                _add_points(columns, values, names, given)
    except (CourseError, csv.Error) as error:
        raise CourseError(f"{path}, line {reader.line_num}: {error}") from error
    for student, its in given.items():
        points.setdefault(student, {}).update(its)
    write_text(kept, json.dumps(points))
    return points


def _kept_points(path: Path) -> Points:
    """Return the points that earlier runs have kept.

    Raises:
        CourseError: the file is broken.
    """
    if not path.exists():
        return {}
    try:
        points = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(student): {
                _known(question): float(number) for question, number in its.items()
            }
            for student, its in points.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CourseError(
            f"{path}, the points that persons gave, is broken: delete it, and give "
            "--points again."
        ) from error


def _known(question: str) -> str:
    """Return a question's id.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(r"ex\d\d_\d{1,3}", question):
        raise ValueError(question)
    return question


def _add_points(
    columns: list[str], values: list[str], names: set[str], points: Points
) -> None:
    """Add the points of one line of the file, if it has any.

    Raises:
        CourseError: the line makes no sense.
    """
    if len(values) != len(columns):
        raise CourseError(
            f"{len(values)} values for {len(columns)} columns. (Write 0.5, not 0,5.)"
        )
    row = dict(zip(columns, values, strict=True))
    student, question, number = row["student"], row["question"], row["points"].strip()
    if not number:
        return
    if student not in names:
        student = student.removeprefix("'")  # as _csv writes what looks like a formula
    if student not in names:
        raise CourseError(f"no student {student!r}.")
    most = _most_points(question)
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) or float(number) > most:
        raise CourseError(f"{number!r} is no number from 0 to {most:g}.")
    if question in points.setdefault(student, {}):
        raise CourseError(f"{student} has points for {question} on an earlier line.")
    points[student][question] = float(number)


def _most_points(question: str) -> float:
    """Return what a question is worth; 1000 if the course's notebooks are not here.

    Raises:
        CourseError: there is no such question.
    """
    exercise, written = question.partition("_")[0], course_notebooks.written_points()
    known = dict(written)
    if exercise in exercises():
        known.update({item.id: item.points for item in questions(exercise)})
        if not written and re.fullmatch(r"ex\d\d_\d{1,3}", question):
            known.setdefault(question, 1000)
    if question not in known:
        raise CourseError(f"no question {question!r}.")
    return known[question]


def _csv(rows: list[list[str]]) -> str:
    """Return CSV text in which a spreadsheet finds no formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([f"'{c}" if c[:1] in tuple("=+-@") else c for c in row])
    return text.getvalue()


def _order(question: str) -> tuple[str, int]:
    exercise, _, number = question.partition("_")
    return exercise, int(number)


def _distribution(students: list[Student]) -> list[tuple[str, int]]:
    """Return how many students have 0-9 %, ... 90-100 % of the points judged."""
    bins = Counter(
        min(9, int(10 * student.total / student.judged))
        for student in students
        if student.judged
    )
    names = [f"{10 * i} to {10 * i + 9} %" for i in range(9)] + ["90 to 100 %"]
    return [(name, bins[i]) for i, name in enumerate(names)]


def _difficulty(question: str, students: list[Student]) -> dict[str, Any]:
    marks = [s.marks[question] for s in students if question in s.marks]
    done = [m for m in marks if m.points is not None]
    shares = [(m.points or 0) / m.out_of for m in done if m.out_of]
    return {
        "id": question,
        "title": marks[0].title,
        "answers": len(done),
        "share": sum(shares) / len(shares) if shares else None,
        "right": sum(share == 1 for share in shares),
    }


def _mistakes(students: list[Student], most: int = 15) -> list[tuple[int, str, str]]:
    found = Counter(
        (mark.question, mark.hint)
        for student in students
        for mark in student.marks.values()
        if mark.points != mark.out_of
        and mark.hint
        and "is still the stub" not in mark.hint
    )
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(count, question, hint) for (question, hint), count in ranked[:most]]


def _alike(entries: list[Entry], results: Results) -> list[list[str]]:
    """Return students whose notebooks are identical and earned something."""
    groups: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.key:
            groups[entry.key].add(entry.student)
    return [
        sorted(names)
        for key, names in sorted(groups.items())
        if len(names) > 1
        and any(
            row["points"] for row in (results(key) or {"questions": []})["questions"]
        )
    ]
