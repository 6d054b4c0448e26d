"""Find the submissions in a folder: notebooks, nbgrader's layout, zips of either.

Nothing here runs a student's code, and every byte is taken from a hostile writer: links
and devices are not followed, sizes are capped, and names are made harmless.
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
from course_utils.checks.run import exercises
from course_utils.errors import CourseError

MAX_NOTEBOOK = 20 * 2**20  # bytes, with its outputs
MAX_SOURCE = 4 * 2**20  # bytes, without them
MAX_ZIP = 1024 * 2**20  # bytes unpacked, of one archive
MAX_FILES = 20_000  # looked at, in the folder or in one archive
EXERCISE = re.compile(r"ex\d\d(?!\d)")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, read once: a later change of the file is not seen.

    Attributes:
        student: the name found in the path, without control characters.
        path: where it lies, for the instructor; of a zip's member "a.zip/b.ipynb".
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


def find(folder: Path) -> Iterator[Submission]:
    """Yield every submission below `folder`, in the order of their paths.

    Raises:
        CourseError: no such folder, or too many files in it.
    """
    if not folder.is_dir():
        raise CourseError(f"no such folder: {folder}. Give the folder of submissions.")
    for path in _files(folder):
        inside = PurePosixPath(path.relative_to(folder).as_posix())
        try:
            if inside.suffix.lower() == ".zip":
                yield from _from_zip(path, inside)
            else:
                yield _submission(inside, _read(path))
        except CourseError as error:
            yield Submission(student_of(inside), shown(inside), problem=str(error))


def _files(folder: Path) -> Iterator[Path]:
    seen, closed = 0, []
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
            members = [m for m in archive.infolist() if _is_notebook(m)]
            if len(archive.infolist()) > MAX_FILES:
                raise CourseError(f"it holds over {MAX_FILES} files.")
            # Several folders: a class, with a folder a student. Else one student's.
            tops = {_inside(member).parts[0] for member in members}
            nested = {t for t in tops if not t.lower().endswith(".ipynb")}
            whole_class = len(nested) > 1 or "submitted" in nested
            left = MAX_ZIP
            for member in members:
                name = _inside(member)
                place = name if whole_class else inside.with_suffix("") / name
                left -= min(member.file_size, MAX_NOTEBOOK)  # nothing unpacks to more
                if left < 0:
                    raise CourseError(f"it unpacks to over {MAX_ZIP // 2**20} MB.")
                try:
                    data = _member(archive, member)
                    yield _submission(place, data, shown(inside / name))
                except CourseError as error:
                    path = shown(inside / name)
                    yield Submission(student_of(place), path, problem=str(error))
            if not members:
                raise CourseError("it holds no notebook.")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise CourseError("it is no readable zip archive.") from error


def _inside(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.lstrip("/"))


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


def _submission(
    place: PurePosixPath, content: bytes, path: str | None = None
) -> Submission:
    student, path = student_of(place), path or shown(place)
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
        source = source.encode("utf-8", "replace").decode().replace("\0", "")
        size += len(source)
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
    """Return the exercise that most marks in its cells, or else its path, speak of."""
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

    In this order: the folder below `submitted`; the outermost folder that is no
    exercise; the file's name without the exercise's.
    """
    parts = list(place.parts[:-1])
    if "submitted" in parts:
        parts = parts[parts.index("submitted") + 1 :]
    folders = [part for part in parts if not EXERCISE.match(part.lower())]
    if folders:
        return shown(folders[0])
    stem = re.sub(r"\.(ipynb|zip)$", "", place.name, flags=re.IGNORECASE)
    known = _names()
    for name in known:
        stem = re.sub(re.escape(name), " ", stem, flags=re.IGNORECASE)
    stem = re.sub(r"(?<![A-Za-z])ex\d\d(?!\d)", " ", stem, flags=re.IGNORECASE)
    return shown(re.sub(r"[\s_\-.]*\s[\s_\-.]*", " ", stem).strip(" _-."))


def _names() -> list[str]:
    """Return the notebooks' names, such as "ex05_training", if the course is here."""
    from course_utils.authoring.run import course_root

    try:
        root = course_root()
    except CourseError:
        return []
    return sorted(path.stem for path in (root / "exercises").glob("ex*.ipynb"))


def shown(text: object) -> str:
    """Return text with what has no shape, or turns writing around, spelled out."""
    plain = unicodedata.normalize("NFC", str(text))
    kept = "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c)[0] == "C" else c for c in plain
    )
    return " ".join(kept.split())[:200]
