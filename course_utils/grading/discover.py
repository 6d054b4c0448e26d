"""Find the submissions in a folder: notebooks, nbgrader's layout, zips of either.

Nothing here runs a student's code, and every byte may come from a hostile writer:
file_tree.py limits what is read, layouts.py says whose it is.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from course_utils.checks.read_notebook import Cell, exercise_of
from course_utils.grading.file_tree import File, Folder, Place, files_in, tree
from course_utils.grading.layouts import (
    HandIn,
    Sender,
    hand_ins,
    instead,
    is_notebook,
    named_in,
)
from course_utils.grading.names import exercise_in, shown
from course_utils.grading.read_submission import Reader
from course_utils.grading.roster import NO_ROSTER, Roster, Students
from course_utils.machine.errors import CourseError

MAX_FILES = 20_000  # of one person's folder, looked at
MAX_NOTEBOOKS = 100  # of one person's folder, read
MAX_ATTEMPTS = 5  # of one person for one exercise, graded
MOST_TOLD = 3  # files that are no notebooks, of one hand-in


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, read once: a later change of the file is not seen.

    Attributes:
        student: the name, without characters that harm; no two people share one.
        path: where it lies, for the instructor; "a.zip/b.ipynb" for a zip's member.
        exercise: such as "ex05", or "" if it cannot be graded.
        cells: cell_type, source, id and metadata (nbgrader's alone) of each cell.
        problem: why it cannot be graded, or "".
        sender: what the platform's names say of who handed it in.
        time: when it was handed in, in seconds since 1970, if known.
    """

    student: str
    path: str
    exercise: str = ""
    cells: tuple[Cell, ...] = ()
    problem: str = ""
    sender: Sender = field(default=Sender("", ""), compare=False)
    time: float | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """A hash of what is graded: the same for identical submissions."""
        text = json.dumps([self.exercise, self.cells], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Entry:
    """A submission without its cells."""

    student: str
    path: str
    exercise: str
    key: str
    problem: str
    sender: Sender = field(default=Sender("", ""), compare=False)
    time: float | None = field(default=None, compare=False)


def find(folder: Path, roster: Roster | None = None) -> Iterator[Submission]:
    """Yield every submission below `folder`, and every person who handed in anything.

    `folder` may be a zip, or nbgrader's course folder: then `submitted` in it counts.

    Args:
        folder: what the class handed in, in any of the layouts of layouts.py.
        roster: who is who.

    Raises:
        CourseError: no such folder, or the people in it cannot be told apart.
    """
    roster = roster or NO_ROSTER
    with Reader() as reader:
        found = list(hand_ins(tree(folder, reader), frozenset(roster.joined_names)))
        found.sort(key=lambda hand_in: hand_in.items[0][1].path)
        _refuse_merged(found)
        senders = [sender for hand_in in found for sender, _ in hand_in.items]
        students = Students(roster, senders)
        attempts: Counter[tuple[str, str]] = Counter()
        for hand_in in found:
            for submission in _submissions(hand_in, students):
                attempts[submission.student, submission.exercise] += 1
                yield _one_of_few(submission, attempts)


def _refuse_merged(found: list[HandIn]) -> None:
    """Refuse a folder of which all that holds work looks like classes."""
    merged = [hand_in for hand_in in found if hand_in.is_merged]
    if merged and all(hand_in.problem for hand_in in found):
        _, place = merged[0].items[0]
        raise CourseError(f"{shown(place.path)}: {merged[0].problem}")


def _one_of_few(
    submission: Submission, attempts: Counter[tuple[str, str]]
) -> Submission:
    """Return a submission, refused if its student has handed in too many others."""
    number = attempts[submission.student, submission.exercise]
    if submission.problem or number <= MAX_ATTEMPTS:
        return submission
    problem = f"only {MAX_ATTEMPTS} notebooks for one exercise are graded."
    return replace(submission, exercise="", cells=(), problem=problem)


def _submissions(hand_in: HandIn, students: Students) -> Iterator[Submission]:
    """Yield a person's notebooks of one place, and what lies there instead of one."""
    exercises, others, count = set(), [], 0
    # The newest first, since only a few attempts are graded.
    for sender, top in sorted(hand_in.items, key=lambda item: -(item[0].time or 0)):
        student = students.name_of(sender)
        refused = hand_in.problem or top.problem or students.doubt(student)
        if refused:
            yield _refused(student, sender, top, refused)
            count += 1
            continue
        files, problem = _files(top)
        moment = _nbgrader_time(files)
        for file in files:
            if not is_notebook(file):
                others.append((student, sender, file))
                continue
            count += 1
            if count > MAX_NOTEBOOKS:
                problem = f"it holds over {MAX_NOTEBOOKS} notebooks: hand in one."
                break
            found = _notebook(student, sender, top, file, students)
            exercises.add(found.exercise)
            yield found if moment is None else replace(found, time=moment)
        if not files:
            others.append((student, sender, top))
        if problem:
            without = "" if count else " It holds no notebook among the first."
            yield _refused(student, sender, top, problem + without)
            count += 1
    if hand_in.note:
        sender, top = hand_in.items[0]
        yield _refused(students.name_of(sender), sender, top, hand_in.note)
    told = 0
    for student, sender, file in others:
        problem = _why_not(file, exercises, alone=count == 0)
        told += bool(problem)
        if problem and told <= MOST_TOLD:
            yield _refused(student, sender, file, problem)


def _files(top: Place) -> tuple[list[Place], str]:
    """Return the files below a place, and why these may not be all."""
    files = []
    try:
        for file in files_in(top, MAX_FILES):
            files.append(file)
    except CourseError as error:
        return files, str(error)
    return sorted(files, key=lambda file: -(file.time or 0)), ""


def _notebook(
    student: str, sender: Sender, top: Place, file: Place, students: Students
) -> Submission:
    if not isinstance(file, File):
        return _refused(student, sender, file, file.problem or "it is no plain file.")
    inside = file.path.relative_to(top.path).parts if file is not top else ()
    named = next((n for part in inside if (n := named_in(part))), "")
    if students.is_another(named, student):
        problem = f"it is called after {named}, who is another student: not graded."
        return _refused(student, sender, file, problem)
    try:
        cells = file.reader.cells(*file.source)
    except CourseError as error:
        return _refused(student, sender, file, str(error))
    exercise = exercise_of(list(cells), file.path) or exercise_in(str(file.path))
    if not exercise:
        problem = "it belongs to no exercise that has checks."
        return _refused(student, sender, file, problem)
    if not student:
        problem = "its path names no student: use STUDENT/ex05_training.ipynb."
        return _refused(student, sender, file, problem)
    moment = file.time if sender.time is None else sender.time
    path = shown(file.path)
    return Submission(student, path, exercise, cells, "", sender, moment)


def _refused(student: str, sender: Sender, place: Place, problem: str) -> Submission:
    path = shown(place.path)
    return Submission(student or path, path, problem=problem, sender=sender)


def _why_not(file: Place, exercises: set[str], alone: bool) -> str:
    """Return why a file that is no notebook has to be told, or "".

    It is told if there is no notebook with it, or none for the exercise that it names.
    """
    what, named = instead(file), exercise_in(file.name)
    if file.problem:
        is_work = is_notebook(file) or file.name.lower().endswith(".zip")
        return file.problem if alone or is_work else ""
    if not alone and not (what and named and named not in exercises):
        return ""
    if file.is_container:
        is_empty = isinstance(file, Folder) and not file.children
        nothing = "it is empty, or all that it holds is hidden."
        return nothing if is_empty else "it holds no notebook."
    if not what and not alone:
        return ""
    return f"it is {what or 'no notebook'}: hand in the notebook, as .ipynb."


def _nbgrader_time(files: list[Place]) -> float | None:
    """Return the time in a timestamp.txt, as nbgrader writes it beside a notebook."""
    for file in files:
        if isinstance(file, File) and file.name == "timestamp.txt":
            with suppress(CourseError, ValueError):
                text = file.reader.start(*file.source).strip().removesuffix(" UTC")
                return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    return None
