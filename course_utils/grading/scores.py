"""The points of each student: attempts, lateness, and what a person has given."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from course_utils.checks.run_question import exercises
from course_utils.grading import course_notebooks
from course_utils.grading.discover import Entry
from course_utils.grading.roster import Person, Roster
from course_utils.machine.errors import CourseError

DAY = 24 * 60 * 60  # seconds
NOTHING = "handed in nothing."

Result = dict[str, Any]
Results = Callable[[str], Result | None]
Points = dict[str, dict[str, float]]  # {student: {question: points}}, by a person


@dataclass(frozen=True)
class Rules:
    """How a class is scored.

    Attributes:
        deadlines: seconds since 1970 by exercise; under "" that of all others.
        percent_a_day: what a day of lateness takes of an exercise's points.
        latest: whether of several attempts the latest counts, and not the best.
    """

    deadlines: dict[str, float] = field(default_factory=dict)
    percent_a_day: float = 0
    latest: bool = False

    def days_late(self, entry: Entry, person: Person | None) -> int:
        """Return the days that an entry is late; a begun day counts.

        The time is the roster's, else the platform's, else the file's. A mark of the
        platform counts as a day at least, unless the person had extra days.
        """
        sender, extra = entry.sender, person.extra_days if person else 0
        marked = int(sender.late and not extra)
        deadline = self.deadlines.get(entry.exercise, self.deadlines.get(""))
        moment = entry.time
        kinds = dict(sender.ids)
        if "canvas" in kinds:  # its archives hold the time of the download
            moment = sender.time
        if person:
            listed = person.submitted
            moment = listed.get(kinds.get("moodle", ""), listed.get("", moment))
        if deadline is None or moment is None:
            return marked
        return max(marked, math.ceil((moment - deadline) / DAY - extra))

    def share(self, days: int) -> float:
        """Return the share of the points that is left after so many days."""
        return max(0.0, 1 - days * self.percent_a_day / 100)


def read_deadlines(texts: Iterable[str]) -> dict[str, float]:
    """Return deadlines by exercise, of texts such as "ex05=2026-11-20T23:59".

    A day without a time is meant to its end; without an exercise, all are meant.

    Raises:
        CourseError: a text is no such deadline.
    """
    deadlines = {}
    for text in texts:
        exercise, _, moment = text.rpartition("=")
        if exercise and exercise not in exercises():
            raise CourseError(f"--deadline {text}: there is no exercise {exercise!r}.")
        try:
            end = datetime.fromisoformat(moment.strip()).timestamp()
        except (ValueError, OverflowError):  # no date, or one at the end of time
            raise CourseError(
                f"--deadline {text}: write it as 2026-11-20T23:59, or for one exercise "
                "as ex05=2026-11-20T23:59."
            ) from None
        is_day = re.fullmatch(r"[\d-]+", moment.strip()) is not None
        deadlines[exercise] = end + is_day * (DAY - 1)
    return deadlines


@dataclass
class Mark:
    """The points of one student for one question.

    Attributes:
        points: None while it waits for a person.
        out_of: None if it is not known, for lack of the course's notebooks.
        text: the answer in words, for a person to grade.
        comment: what a person has written to the student.
    """

    question: str
    title: str
    points: float | None
    out_of: float | None
    hint: str = ""
    text: str = ""
    comment: str = ""


@dataclass
class Student:
    """One student's marks over all exercises, and files that cannot be graded.

    Attributes:
        name: no two students share one.
        section: the part of the class, of the roster or of the folder.
        person: the line of the roster, if there is one.
        marks: by question.
        problems: why a file cannot be graded, by its path.
        days_late: of the attempt that counts, by exercise.
        shares: what is left of the points then, by exercise.
        entries: the attempt that counts, by exercise.
        is_here: whether anything was handed in.
    """

    name: str
    section: str = ""
    person: Person | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    days_late: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    is_here: bool = False

    @property
    def exercises(self) -> list[str]:
        """The exercises with marks."""
        return sorted({exercise_of_question(question) for question in self.marks})

    def points(self, exercise: str) -> float:
        """Return the points of one exercise so far, less what lateness takes."""
        marks = self.marks_of(exercise)
        return sum(m.points or 0 for m in marks) * self.shares.get(exercise, 1)

    def possible(self, exercise: str) -> float:
        """Return the points of all questions of one exercise, as far as known."""
        return sum(mark.out_of or 0 for mark in self.marks_of(exercise))

    def marks_of(self, exercise: str) -> list[Mark]:
        """Return the marks of one exercise."""
        marks = self.marks.items()
        return [
            mark
            for question, mark in marks
            if exercise_of_question(question) == exercise
        ]

    @property
    def reason(self) -> str:
        """Why points are missing: what could not be graded, or that nothing came."""
        if not self.marks and not self.is_here:
            return NOTHING
        told = [f"{path}: {problem}" for path, problem in self.problems.items()]
        return " ".join(told[:3])

    @property
    def total(self) -> float:
        """The points so far."""
        return sum(self.points(exercise) for exercise in self.exercises)

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


def exercise_of_question(question: str) -> str:
    """Return the exercise of a question."""
    return question.partition("_")[0]


def collect(
    entries: list[Entry],
    results: Results,
    persons: Points,
    rules: Rules,
    roster: Roster,
) -> tuple[list[Student], list[tuple[str, str, str]]]:
    """Return the students in order, and what a person should look at, with why.

    The roster's people come first, in its order, whether they handed in anything or
    not.
    """
    listed = {person.name: person for person in roster.people}
    students = {n: Student(n, p.section, p) for n, p in listed.items()}
    look_at: list[tuple[str, str, str]] = []
    several = Counter((e.student, e.exercise) for e in entries if not e.problem)
    best: dict[tuple[str, str], tuple[float, float]] = {}
    for entry in entries:
        name = entry.student
        if name not in students and listed:
            look_at.append((name, entry.path, "the roster does not know this name."))
        student = students.setdefault(name, Student(name))
        student.is_here = True
        student.section = student.section or entry.sender.section
        if entry.problem:
            if entry.path not in student.problems:  # once for all of an archive
                look_at.append((name, entry.path, entry.problem))
            student.problems[entry.path] = entry.problem
            continue
        result = results(entry.key)
        if result is None:
            look_at.append((name, entry.path, "it is not graded yet."))
            continue
        for reason in result["look_at"]:
            look_at.append((name, entry.path, reason))
        place = (name, entry.exercise)
        if several[place] > 1:
            which = "latest" if rules.latest else "best"
            reason = f"several notebooks for one exercise: the {which} of them counts."
            look_at.append((name, entry.path, reason))
        days = rules.days_late(entry, student.person)
        share = rules.share(days)
        total = share * sum(row["points"] for row in result["questions"])
        rank = (entry.time or 0, total) if rules.latest else (total, entry.time or 0)
        if place not in best or rank > best[place]:
            best[place] = rank
            student.entries[entry.exercise] = entry
            student.days_late[entry.exercise] = days
            student.shares[entry.exercise] = share
            student.marks.update({m.question: m for m in _marks(entry, result)})
    _add_persons(students, persons)
    others = sorted(set(students) - set(listed))
    return [students[name] for name in [*listed, *others]], look_at


def _add_persons(students: dict[str, Student], persons: Points) -> None:
    for name, given in persons.items():
        for question, points in given.items():
            student = students.setdefault(name, Student(name))
            mark = student.marks.get(question)
            if mark is None:
                known = course_notebooks.known_points(exercise_of_question(question))
                mark = Mark(question, "", None, known.get(question))
                student.marks[question] = mark
            mark.points = points


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
