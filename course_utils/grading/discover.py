"""Find the submissions in a folder: notebooks, nbgrader's layout, zips of either.

Nothing here runs a student's code, and every byte may come from a hostile writer: links
and devices are not followed, sizes are limited, and names are made harmless.
"""

import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course_utils.checks.read_notebook import EXERCISE, Cell, exercise_of
from course_utils.grading.course_notebooks import notebook_names
from course_utils.grading.read_submission import MAX_NOTEBOOK, Reader
from course_utils.machine.errors import CourseError

MAX_ZIP = 1024 * 2**20  # bytes unpacked, of one archive
MAX_FILES = 20_000  # looked at, below one folder at the top
MAX_DEPTH = 30  # folders above a file
MAX_ATTEMPTS = 5  # notebooks of one student for one exercise
# Nothing handed in lies there, and some hold tens of thousands of files.
IGNORED = {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "data"}
COPY = re.compile(r"-Copy\d+$|\(\d+\)$")  # by JupyterLab, by a browser


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, read once: a later change of the file is not seen.

    Attributes:
        student: the name found in the path, without control characters.
        path: where it lies, for the instructor; "a.zip/b.ipynb" for a zip's member.
        exercise: such as "ex05", or "" if it cannot be graded.
        cells: cell_type, source, id and metadata (nbgrader's alone) of each cell.
        problem: why it cannot be graded, or "".
    """

    student: str
    path: str
    exercise: str = ""
    cells: tuple[Cell, ...] = ()
    problem: str = ""

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


def find(folder: Path) -> Iterator[Submission]:
    """Yield every submission below `folder`, in the order of their paths.

    `folder` may be a zip, or nbgrader's course folder: then `submitted` in it counts.

    Raises:
        CourseError: no such folder, or it cannot be read.
    """
    is_zip = folder.suffix.lower() == ".zip" and folder.is_file()
    if not folder.is_dir() and not is_zip:
        raise CourseError(f"no such folder: {folder}. Give the folder of submissions.")
    if (folder / "submitted").is_dir():
        folder = folder / "submitted"
    places = [(folder, "")] if is_zip else _files(folder)
    attempts: Counter[tuple[str, str]] = Counter()
    with Reader() as reader:
        for path, problem in places:
            inside = PurePosixPath(path.name)
            if not is_zip:
                inside = PurePosixPath(path.relative_to(folder).as_posix())
            if problem:
                found = iter([_refused(student_of(inside), inside, problem)])
            elif inside.suffix.lower() == ".zip":
                found = _from_zip(reader, path, inside)
            else:
                found = iter(
                    [_submission(reader, path, (), student_of(inside), inside)]
                )
            for submission in found:
                attempts[submission.student, submission.exercise] += 1
                yield _one_of_few(submission, attempts)


def _one_of_few(
    submission: Submission, attempts: Counter[tuple[str, str]]
) -> Submission:
    """Return a submission, refused if its student has handed in too many others."""
    number = attempts[submission.student, submission.exercise]
    if submission.problem or number <= MAX_ATTEMPTS:
        return submission
    problem = f"only the first {MAX_ATTEMPTS} notebooks for one exercise are graded."
    return Submission(submission.student, submission.path, problem=problem)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the notebooks and zips below a folder, and what cannot be read, with why.

    Every limit is that of a folder at the top, which costs nobody else anything.
    """
    try:
        tops = _sorted(folder)
    except OSError as error:
        raise CourseError(f"{folder} cannot be read: {error.strerror}.") from error
    for top in tops:
        seen = 0
        waiting = [top]
        while waiting:
            here = waiting.pop()
            depth = len(here.parts) - len(folder.parts)
            seen += 1
            if seen > MAX_FILES:
                yield (
                    top,
                    f"it holds over {MAX_FILES} files: hand in the notebook alone.",
                )
                break
            if here.is_symlink() or not here.is_dir():
                if here.name.lower().endswith((".ipynb", ".zip")):
                    yield here, ""
            elif depth > MAX_DEPTH:
                yield here, f"it lies below {MAX_DEPTH} other folders."
            else:
                try:
                    inside = _sorted(here)
                except OSError as error:
                    yield here, f"it cannot be read: {error.strerror}."
                    continue
                # As os.walk goes: the files of a folder come before those below it.
                is_folder = [
                    (path.is_dir() and not path.is_symlink()) for path in inside
                ]
                rest = sorted(zip(is_folder, inside, strict=True), reverse=True)
                waiting += [
                    path for is_one, path in rest if not (is_one and _skip(path))
                ]


def _sorted(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(e.name for e in entries if not e.name.startswith("."))
    return [folder / name for name in names]


def _skip(folder: Path) -> bool:
    """Return whether a folder holds what nobody hands in."""
    return folder.name in IGNORED or (folder / "pyvenv.cfg").exists()


def _from_zip(reader: Reader, path: Path, place: PurePosixPath) -> Iterator[Submission]:
    """Yield the notebooks of an archive; nothing is unpacked onto the disk."""
    try:
        members = _members(reader, path)
    except CourseError as error:
        yield _refused(student_of(place), place, str(error))
        return
    # An archive in a student's folder is the student's, whatever it holds.
    is_class = len(place.parts) == 1 and _is_class(reader, path, members)
    owner = "" if is_class else student_of(place)
    for number, name, full in members:
        student = owner or student_of(name)
        yield _submission(reader, path, (number,), student, place / full)


def _members(
    reader: Reader, path: Path
) -> list[tuple[int, PurePosixPath, PurePosixPath]]:
    """Return the notebooks: number, path below a folder that holds them all, path."""
    found, unpacked = [], 0
    for number, member in enumerate(reader.members(path)):
        parts = [
            part[:255] for part in member.name.replace("\\", "/").split("/") if part
        ]
        hidden = any(p.startswith((".", "__MACOSX")) or p in IGNORED for p in parts)
        is_file = member.name[-1:] not in ("/", "\\", "")
        if is_file and not hidden and parts[-1].lower().endswith(".ipynb"):
            found.append((number, PurePosixPath(*parts)))
            # Nothing unpacks to more than its header says, or than the limit.
            unpacked += min(member.size, MAX_NOTEBOOK)
    if not found:
        raise CourseError("it holds no notebook.")
    if unpacked > MAX_ZIP:
        raise CourseError(f"it unpacks to over {MAX_ZIP // 2**20} MB.")
    tops = {name.parts[0] for _, name in found}
    is_below = tops != {"submitted"} and all(len(name.parts) > 1 for _, name in found)
    if len(tops) == 1 and is_below:
        return [(n, PurePosixPath(*name.parts[1:]), name) for n, name in found]
    return [(number, name, name) for number, name in found]


def _is_class(
    reader: Reader,
    path: Path,
    members: list[tuple[int, PurePosixPath, PurePosixPath]],
) -> bool:
    """Return whether notebooks of one exercise name different students."""
    if all(name.parts[0] == "submitted" for _, name, _ in members):
        return True
    if len({student_of(name) for _, name, _ in members} - {""}) < 2:
        return False
    first: dict[str, str] = {}
    for number, name, _ in members:
        try:
            exercise = exercise_of(list(reader.cells(path, (number,))), name)
        except CourseError:
            continue  # it is told when its turn comes
        student = student_of(name)
        if exercise and student and first.setdefault(exercise, student) != student:
            return True
    return False


def _refused(student: str, place: PurePosixPath, problem: str) -> Submission:
    return Submission(student or shown(place), shown(place), problem=problem)


def _submission(
    reader: Reader,
    path: Path,
    inside: tuple[int, ...],
    student: str,
    place: PurePosixPath,
) -> Submission:
    try:
        cells = reader.cells(path, inside)
    except CourseError as error:
        return _refused(student, place, str(error))
    exercise = exercise_of(list(cells), place)
    if not exercise:
        return _refused(student, place, "it belongs to no exercise that has checks.")
    if not student:
        problem = "its path names no student: use STUDENT/ex05_training.ipynb."
        return _refused(student, place, problem)
    return Submission(student, shown(place), exercise, cells)


def student_of(place: PurePosixPath) -> str:
    """Return the student that a path names, or "".

    This is the outermost folder that is no exercise, below `submitted` if the path
    begins so. Without such a folder, it is the file's name without the exercise's name
    and the marks of a copy.
    """
    parts = list(place.parts[:-1])
    if parts[:1] == ["submitted"]:
        parts = parts[1:]
    folders = [part for part in parts if not EXERCISE.match(part.lower())]
    if folders:
        return shown(folders[0])
    name = place.name[:255]  # which is as much as a disk takes
    stem = re.sub(r"\.(ipynb|zip)$", "", name, flags=re.IGNORECASE)
    known = notebook_names()
    for name in known:
        stem = re.sub(re.escape(name), " ", stem, flags=re.IGNORECASE)
    stem = re.sub(r"(?<![A-Za-z])ex\d\d(?!\d)", " ", stem, flags=re.IGNORECASE)
    stem = COPY.sub(" ", stem)
    return shown(re.sub(r"[\s_\-.]*\s[\s_\-.]*", " ", stem).strip(" _-."))


def shown(text: object) -> str:
    """Return `text` with codes for characters that are invisible or reverse a line."""
    plain = unicodedata.normalize("NFC", str(text))
    kept = "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c)[0] == "C" else c for c in plain
    )
    return " ".join(kept.split())[:200]
