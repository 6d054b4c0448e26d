"""What lies in a folder of submissions: folders, files and archives, as one tree.

A tree is listed as far as somebody asks. Links are not followed, and nothing is
unpacked onto the disk: what lies in files, a Reader reads.
"""

import os
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from course_utils.grading.names import repaired
from course_utils.grading.read_submission import MAX_NOTEBOOK, Inside, Member, Reader
from course_utils.machine.errors import CourseError

MAX_UNPACKED = 1024 * 2**20  # bytes of one archive's notebooks
MAX_DEPTH = 30  # folders above a file
# Nothing handed in lies there, and some hold tens of thousands of files.
IGNORED = {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"}


class Place:
    """Something with a name in the tree of what was handed in.

    Attributes:
        path: where it lies, for the instructor; "a.zip/b.ipynb" for a zip's member.
        name: its own name, repaired.
        time: when it was last changed, in seconds since 1970; None if not known.
        problem: why it cannot be read, or "".
    """

    is_container = False

    def __init__(
        self, path: PurePosixPath, time: float | None = None, problem: str = ""
    ) -> None:
        self.path = path
        self.name = repaired(path.name)
        self.time = time
        self.problem = problem

    @property
    def children(self) -> "list[Place]":
        """What lies in it, by name, without what is hidden.

        Raises:
            CourseError: it cannot be read.
        """
        return []


class File(Place):
    """A file on the disk or in an archive.

    Attributes:
        reader: reads it.
        source: where the reader finds it.
    """

    def __init__(
        self,
        path: PurePosixPath,
        time: float | None,
        reader: Reader,
        source: tuple[Path, Inside],
    ) -> None:
        super().__init__(path, time)
        self.reader = reader
        self.source = source


class Folder(Place):
    """A folder on the disk."""

    is_container = True

    def __init__(self, path: PurePosixPath, disk: Path, reader: Reader) -> None:
        super().__init__(path)
        self.disk = disk
        self.reader = reader

    @cached_property
    def _children(self) -> list[Place]:
        try:
            with os.scandir(self.disk) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise CourseError(f"it cannot be read: {error.strerror}.") from error
        if any(entry.name == "pyvenv.cfg" for entry in found):
            return []  # packages of Python, whatever the folder is called
        own = [entry for entry in found if _counts(entry.name, self.path.parts)]
        return [self._child(entry) for entry in own]

    def _child(self, entry: os.DirEntry[str]) -> Place:
        path = self.path / entry.name
        if entry.is_symlink():
            return Place(path, problem="it is a link: hand in the file.")
        if entry.is_dir():
            if len(path.parts) > MAX_DEPTH:
                return Place(path, problem=f"it lies below {MAX_DEPTH} other folders.")
            return Folder(path, Path(entry.path), self.reader)
        try:
            time = entry.stat(follow_symlinks=False).st_mtime
        except OSError as error:
            return Place(path, problem=f"it cannot be read: {error.strerror}.")
        file = File(path, time, self.reader, (Path(entry.path), ()))
        return Archive(file) if _is_zip(path) else file

    @property
    def children(self) -> list[Place]:
        """What lies in it, by name, without what is hidden."""
        return self._children


class Archive(Place):
    """A zip, listed without being unpacked.

    Both separators count in the names of its members. A zip in it is an archive too; a
    zip in that one is a file like any other.
    """

    is_container = True

    def __init__(self, file: File) -> None:
        super().__init__(file.path, file.time)
        self.file = file

    @cached_property
    def _children(self) -> list[Place]:
        top = MemberFolder(self.path)
        unpacked = 0
        reader, (disk, above) = self.file.reader, self.file.source
        for number, member in enumerate(reader.members(disk, above)):
            parts = _parts(member)
            if not parts or not all(_counts(p, parts[:i]) for i, p in enumerate(parts)):
                continue
            if member.name.endswith(("/", "\\")):
                top.folder(parts)
                continue
            path = self.path.joinpath(*parts)
            file = File(path, member.time, reader, (disk, (*above, number)))
            found: Place = file
            if _is_zip(path) and not above:
                found = Archive(file)
            elif parts[-1].lower().endswith(".ipynb"):
                # Nothing unpacks to more than its header says, or than the limit.
                unpacked += min(member.size, MAX_NOTEBOOK)
            top.folder(parts[:-1]).files.append(found)
        if unpacked > MAX_UNPACKED:
            raise CourseError(f"it unpacks to over {MAX_UNPACKED // 2**20} MB.")
        return top.children

    @property
    def children(self) -> list[Place]:
        """What lies at its top, by name."""
        return self._children


class MemberFolder(Place):
    """A folder in an archive."""

    is_container = True

    def __init__(self, path: PurePosixPath) -> None:
        super().__init__(path)
        self.files: list[Place] = []
        self.folders: dict[str, MemberFolder] = {}

    def folder(self, parts: tuple[str, ...]) -> "MemberFolder":
        """Return the folder below this one, made if it is not there."""
        here = self
        for part in parts:
            if part not in here.folders:
                here.folders[part] = MemberFolder(here.path / part)
            here = here.folders[part]
        return here

    @cached_property
    def _children(self) -> list[Place]:
        return sorted([*self.folders.values(), *self.files], key=lambda c: c.name)

    @property
    def children(self) -> list[Place]:
        """What lies in it, by name."""
        return self._children


def _parts(member: Member) -> tuple[str, ...]:
    name = member.name if member.is_utf8 else repaired(member.name)
    parts = PurePosixPath(name.replace("\\", "/").lstrip("/")).parts
    return parts if len(parts) <= MAX_DEPTH else (*parts[: MAX_DEPTH - 1], parts[-1])


def _counts(name: str, above: tuple[str, ...]) -> bool:
    is_ignored = name in IGNORED or (name == "data" and bool(above))
    return not is_ignored and not name.startswith((".", "~$"))


def _is_zip(path: PurePosixPath) -> bool:
    return path.suffix.lower() == ".zip"


def tree(folder: Path, reader: Reader) -> Place:
    """Return the tree of a folder or a zip; of nbgrader's course, of `submitted`.

    Raises:
        CourseError: there is no such folder, or it cannot be read.
    """
    if folder.suffix.lower() == ".zip" and folder.is_file():
        path = PurePosixPath(folder.name)
        return Archive(File(path, folder.stat().st_mtime, reader, (folder, ())))
    if not folder.is_dir():
        raise CourseError(f"no such folder: {folder}. Give the folder of submissions.")
    if (folder / "submitted").is_dir():
        folder = folder / "submitted"
    top = Folder(PurePosixPath(), folder, reader)
    try:
        top.children  # noqa: B018  (it is read here, to be refused here)
    except CourseError as error:
        raise CourseError(f"{folder}: {error}") from error
    return top


def files_in(place: Place, most: int) -> Iterator[Place]:
    """Yield the files below a place, those nearest to it first.

    Folders and archives that cannot be read are among them, with their problem.

    Raises:
        CourseError: there are more than `most`.
    """
    waiting, seen = deque([place]), 0
    while waiting:
        here = waiting.popleft()
        seen += 1
        if seen > most:
            raise CourseError(f"it holds over {most} files: hand in the notebook.")
        if not here.is_container:
            yield here
            continue
        try:
            waiting.extend(here.children)
        except CourseError as error:
            yield Place(here.path, problem=str(error))
