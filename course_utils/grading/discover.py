"""Find the submissions in a folder: notebooks, nbgrader's layout, zips of either.

Nothing here runs a student's code, and every byte may come from a hostile writer: links
and devices are not followed, sizes are limited, and names are made harmless.
"""

import errno
import hashlib
import io
import json
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from course_utils.checks.notebook import QUESTION_ID
from course_utils.checks.run_question import exercises
from course_utils.grading.course_notebooks import notebook_names
from course_utils.machine.errors import CourseError

MAX_NOTEBOOK = 20 * 2**20  # bytes, with its outputs
MAX_SOURCE = 4 * 2**20  # bytes, without them
MAX_ZIP = 1024 * 2**20  # bytes unpacked, of one archive
MAX_FILES = 20_000  # looked at, in the folder or in one archive
EXERCISE = re.compile(r"ex\d\d(?!\d)")
COPY = re.compile(r"-Copy\d+$|\(\d+\)$")  # by JupyterLab, by a browser

Cell = dict[str, Any]


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
        CourseError: no such folder, or too many files in it.
    """
    is_zip = folder.suffix.lower() == ".zip" and folder.is_file()
    if not folder.is_dir() and not is_zip:
        raise CourseError(f"no such folder: {folder}. Give the folder of submissions.")
    if (folder / "submitted").is_dir():
        folder = folder / "submitted"
    for path in [folder] if is_zip else _files(folder):
        inside = PurePosixPath(path.name)
        if not is_zip:
            inside = PurePosixPath(path.relative_to(folder).as_posix())
        try:
            if inside.suffix.lower() == ".zip":
                yield from _from_zip(path, inside)
            else:
                yield _submission(student_of(inside), inside, _read(path))
        except CourseError as error:
            yield Submission(student_of(inside), shown(inside), problem=str(error))


def _files(folder: Path) -> Iterator[Path]:
    seen = 0
    closed: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            seen += 1
            if seen > MAX_FILES:
                raise CourseError(f"{folder} holds over {MAX_FILES} files: split it.")
            if name.lower().endswith((".ipynb", ".zip")) and not name.startswith("."):
                yield Path(root) / name
    for error in closed:
        if Path(error.filename) == folder:
            raise CourseError(f"{folder} cannot be read: {error.strerror}.")
        yield Path(error.filename)  # to be refused like a file that is closed to us


def _read(path: Path, limit: int = MAX_NOTEBOOK) -> bytes:
    """Read a file once, by one descriptor, if it is a plain file of a sane size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CourseError("it is a link: hand in the file.") from error
        raise CourseError(f"it cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CourseError("it is no plain file.")
    with open(descriptor, "rb") as file:
        try:
            content = file.read(limit + 1)
        except OSError as error:
            raise CourseError(f"it cannot be read: {error.strerror}.") from error
    if len(content) > limit:
        raise CourseError(f"it is larger than {limit // 2**20} MB.")
    return content


def _from_zip(path: Path, inside: PurePosixPath) -> Iterator[Submission]:
    """Yield the notebooks of an archive; nothing is unpacked onto the disk."""
    content = _read(path, MAX_ZIP // 4)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(archive)
            # An archive in a student's folder is the student's, whatever it holds.
            is_class = len(inside.parts) == 1 and _is_class(archive, members)
            owner = "" if is_class else student_of(inside)
            for name, member in members:
                student = owner or student_of(name)
                place = inside / member.filename.lstrip("/")
                try:
                    yield _submission(student, place, _member(archive, member))
                except CourseError as error:
                    yield Submission(student, shown(place), problem=str(error))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise CourseError("it is no readable zip archive.") from error


def _members(archive: zipfile.ZipFile) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """Return the notebooks, with their paths below a folder that holds them all."""
    if len(archive.infolist()) > MAX_FILES:
        raise CourseError(f"it holds over {MAX_FILES} files.")
    members = [member for member in archive.infolist() if _is_notebook(member)]
    if not members:
        raise CourseError("it holds no notebook.")
    # Nothing unpacks to more than its header says, or than the limit.
    if sum(min(m.file_size, MAX_NOTEBOOK) for m in members) > MAX_ZIP:
        raise CourseError(f"it unpacks to over {MAX_ZIP // 2**20} MB.")
    names = [PurePosixPath(member.filename.lstrip("/")) for member in members]
    tops = {name.parts[0] for name in names}
    if len(tops) == 1 and tops != {"submitted"} and len(names[0].parts) > 1:
        names = [name.relative_to(name.parts[0]) for name in names]
    return list(zip(names, members, strict=True))


def _is_class(
    archive: zipfile.ZipFile, members: list[tuple[PurePosixPath, zipfile.ZipInfo]]
) -> bool:
    """Return whether notebooks of one exercise name different students."""
    if all(name.parts[0] == "submitted" for name, _ in members):
        return True
    if len({student_of(name) for name, _ in members} - {""}) < 2:
        return False
    first: dict[str, str] = {}
    for name, member in members:
        try:
            exercise = _exercise(_cells(_member(archive, member)), name)
        except (CourseError, ValueError, RecursionError, MemoryError):
            continue  # it is told when its turn comes
        student = student_of(name)
        if exercise and student and first.setdefault(exercise, student) != student:
            return True
    return False


def _is_notebook(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() == ".ipynb" and not member.is_dir() and not hidden


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack one member, as far as its header and the limit say."""
    if member.flag_bits & 1:
        raise CourseError("it is encrypted.")
    try:
        with archive.open(member) as file:
            content = file.read(MAX_NOTEBOOK + 1)
    except Exception as error:  # zlib, lzma and zipfile have many ways to say it
        raise CourseError("it is broken inside its archive.") from error
    if len(content) > MAX_NOTEBOOK:
        raise CourseError(f"it unpacks to more than {MAX_NOTEBOOK // 2**20} MB.")
    return content


def _submission(student: str, place: PurePosixPath, content: bytes) -> Submission:
    path = shown(place)
    try:
        cells = _cells(content)
    except (ValueError, RecursionError, MemoryError) as error:
        raise CourseError("it is no notebook: save it as .ipynb.") from error
    exercise = _exercise(cells, place)
    if not exercise:
        problem = "it belongs to no exercise that has checks."
        return Submission(student, path, problem=problem)
    if not student:
        problem = "its path names no student: use STUDENT/ex05_training.ipynb."
        return Submission(path, path, problem=problem)
    return Submission(student, path, exercise, cells)


def _cells(content: bytes) -> tuple[Cell, ...]:
    """Return a notebook's cells, without outputs.

    Raises:
        ValueError: it is no notebook of format 4, or too long.
    """
    document = json.loads(content.decode("utf-8-sig"))
    if type(document) is not dict or type(document.get("cells")) is not list:
        raise ValueError("no cells")
    cells, size = [], 0
    for cell in document["cells"]:
        if type(cell) is not dict:
            raise ValueError("a cell is no object")
        source = cell.get("source", "")
        source = "".join(source) if type(source) is list else source
        if type(source) is not str:
            raise ValueError("a source is no text")
        plain = source.encode("utf-8", "replace").replace(b"\0", b"")
        source, size = plain.decode(), size + len(plain)
        metadata = cell.get("metadata")
        marks = metadata.get("nbgrader") if type(metadata) is dict else None
        grade_id = marks.get("grade_id", "") if type(marks) is dict else ""
        cells.append(
            {
                "cell_type": "code" if cell.get("cell_type") == "code" else "markdown",
                "source": source,
                "id": _label(cell.get("id")),
                "metadata": {"nbgrader": {"grade_id": _label(grade_id)}},
            }
        )
    if size > MAX_SOURCE or len(cells) > 5000:
        raise CourseError("it has more text than a notebook of the course can have.")
    return tuple(cells)


def _label(value: Any) -> str:
    return value if type(value) is str and re.fullmatch(r"[\w-]{1,64}", value) else ""


def _exercise(cells: tuple[Cell, ...], place: PurePosixPath) -> str:
    """Return the exercise that the cells name most often, or the one in the path."""
    known = exercises()
    counts = dict.fromkeys(known, 0)
    for cell in cells:
        marks = [cell["metadata"]["nbgrader"]["grade_id"], cell["id"], cell["source"]]
        for found in QUESTION_ID.findall("\n".join(marks)):
            if found in counts:
                counts[found] += 1
    best = max(counts, key=counts.__getitem__, default="")
    if best and counts[best]:
        return best
    named = [found for part in place.parts for found in EXERCISE.findall(part.lower())]
    return next((found for found in reversed(named) if found in known), "")


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
    stem = re.sub(r"\.(ipynb|zip)$", "", place.name, flags=re.IGNORECASE)
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
