"""Read what was handed in, in a process with limits: a bad file costs that file.

    python -m course_utils.grading.read_submission DESCRIPTOR SECONDS MEMORY

A notebook or a zip may come from a hostile writer, who has all of JSON and of zip to
take a reader's time and memory with. So the grader opens none. It asks this process,
which has limits on memory and time, and starts it again if a file has ended it.
"""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import IO, Any, NamedTuple

from course_utils.checks.read_notebook import Cell, read_cells
from course_utils.machine.errors import CourseError
from course_utils.machine.places import LIBRARY

MAX_NOTEBOOK = 20 * 2**20  # bytes, with its outputs
MAX_INNER = 256 * 2**20  # bytes of a zip that lies in a zip, unpacked
MAX_MEMBERS = 200_000  # of one archive
MAX_NAME = 1000  # characters of a member's path
MAX_NAMES = 32 * 2**20  # characters of all of them
MEMORY = 512 * 2**20  # bytes for a file, beyond what the libraries have mapped
SECONDS = 10.0  # of the processor, for one notebook or one list of names

Inside = tuple[int, ...]


class Member(NamedTuple):
    """One entry of an archive.

    Attributes:
        name: its path as the archive says it; of a long one, the first and last 500
            characters.
        is_utf8: whether the archive says that the name is UTF-8; else it is read as
            code page 437.
        size: bytes unpacked, as the archive says.
        time: when it was last changed, in seconds since 1970; None if not known.
    """

    name: str
    is_utf8: bool
    size: int
    time: float | None


class Reader:
    """Reads files in a process of its own, so that no file can end the grader.

    A path is that of a file on the disk. `inside` says which member of it is meant, if
    it is a zip: () is the file itself, (4,) its fifth member, and (4, 0) the first
    member of the zip that this one is.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._start()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *failure: object) -> None:
        self._end()

    def cells(self, path: Path, inside: Inside = ()) -> tuple[Cell, ...]:
        """Return the cells of a notebook, as `read_cells` does.

        Raises:
            CourseError: it cannot be read. The line begins with "it".
        """
        return tuple(self._ask("cells", path, inside))

    def members(self, path: Path, inside: Inside = ()) -> list[Member]:
        """Return what a zip says that it holds, in its own order.

        Raises:
            CourseError: it cannot be read. The line begins with "it".
        """
        return [Member(*values) for values in self._ask("members", path, inside)]

    def start(self, path: Path, inside: Inside = ()) -> str:
        """Return the first 1,000 bytes of a file, as text.

        Raises:
            CourseError: it cannot be read.
        """
        return "".join(self._ask("start", path, inside))

    def submitters(self, path: Path, inside: Inside = ()) -> dict[str, list[Any]]:
        """Return who handed in what, of Gradescope's submission_metadata.yml.

        Returns:
            By the name of a submission's folder: name, number and address of each
            person ("" where not known), and seconds since 1970, or None.

        Raises:
            CourseError: it cannot be read.
        """
        return dict(self._ask("submitters", path, inside))

    def _ask(self, what: str, path: Path, inside: Inside) -> list[Any]:
        request = [what, os.fsencode(path.absolute()).hex(), list(inside)]
        try:
            self._pipe.send_bytes(json.dumps(request).encode())
            answer = json.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            late = -self._end() in (signal.SIGPROF, signal.SIGALRM)
            self._start()
            if late:
                raise CourseError("it takes too long to read.") from error
            raise CourseError("it ends the process that reads it.") from error
        if "problem" in answer:
            raise CourseError(answer["problem"])
        return answer["found"]

    def _start(self) -> None:
        self._pipe, inside = Pipe()
        options = [str(inside.fileno()), str(self.seconds), str(self.memory)]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, *options],
            pass_fds=[inside.fileno()],
            env={**os.environ, "PYTHONPATH": str(LIBRARY.parent)},
            start_new_session=True,  # a Ctrl-C is the grader's
        )
        inside.close()

    def _end(self) -> int:
        self._pipe.close()
        try:
            return self._process.wait(timeout=1)  # it may have ended by itself
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Opened:
    """The file that was asked for last, and the zip in it, kept open for the next."""

    def __init__(self) -> None:
        self.place: tuple[Path, Inside] = (Path(), ())
        self.archive: zipfile.ZipFile | None = None

    def zip(self, path: Path, inside: Inside) -> zipfile.ZipFile:
        """Return an archive."""
        if self.archive is None or self.place != (path, inside):
            self.archive = None
            if inside:
                self.archive = _zip(BytesIO(self.content(path, inside, MAX_INNER)))
            else:
                self.archive = _zip(open_plain(path))
            self.place = (path, inside)
        return self.archive

    def content(self, path: Path, inside: Inside, limit: int) -> bytes:
        """Return the bytes of a file, or of a member."""
        if not inside:
            with open_plain(path) as file:
                return _limited(file, limit, "is larger than")
        archive = self.zip(path, inside[:-1])
        try:
            member = archive.infolist()[inside[-1]]
            if member.flag_bits & 1:
                raise CourseError("it is encrypted.")
            with archive.open(member) as file:
                return _limited(file, limit, "unpacks to more than")
        except (CourseError, MemoryError):
            raise
        except Exception as error:  # zlib, lzma and zipfile have many ways to say it
            raise CourseError("it is broken inside its archive.") from error

    def cells(self, path: Path, inside: Inside) -> list[Cell]:
        """Return a notebook's cells."""
        return read_cells(self.content(path, inside, MAX_NOTEBOOK))

    def members(self, path: Path, inside: Inside) -> list[Member]:
        """Return an archive's entries."""
        every = self.zip(path, inside).infolist()
        if len(every) > MAX_MEMBERS:
            raise CourseError(f"it holds over {MAX_MEMBERS} files.")
        names = [_cut(member.filename) for member in every]
        if sum(map(len, names)) > MAX_NAMES:
            raise CourseError("its files have too long names.")
        return [
            Member(name, bool(m.flag_bits & 0x800), m.file_size, _time(m))
            for name, m in zip(names, every, strict=True)
        ]

    def start(self, path: Path, inside: Inside) -> list[str]:
        """Return how a file begins."""
        content = self.content(path, inside, MAX_NOTEBOOK)[:1000]
        return [content.decode("utf-8", "replace")]

    def submitters(self, path: Path, inside: Inside) -> list[Any]:
        """Return pairs of a submission and its people."""
        import yaml

        # In C it is ten times as fast, which a thousand submissions need.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        facts = yaml.load(self.content(path, inside, MAX_NOTEBOOK), Loader=loader)
        return [[name, _submitters(its)] for name, its in facts.items()]


def _submitters(facts: dict[str, Any]) -> list[list[Any]]:
    moment = facts.get(":created_at")
    seconds = moment.timestamp() if isinstance(moment, datetime) else None
    words = (":name", ":sid", ":email")
    return [
        [*(str(person.get(word) or "") for word in words), seconds]
        for person in facts.get(":submitters") or []
    ]


def _cut(name: str) -> str:
    half = MAX_NAME // 2
    return name if len(name) <= MAX_NAME else f"{name[:half]}~{name[-half:]}"


def open_plain(path: Path) -> IO[bytes]:
    """Open a file, if it is a plain one.

    Raises:
        CourseError: it is a link, a pipe, a device, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        if path.is_symlink():
            raise CourseError("it is a link: hand in the file.") from error
        reason = getattr(error, "strerror", None) or error
        raise CourseError(f"it cannot be opened: {reason}.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CourseError("it is no plain file.")
    return open(descriptor, "rb")


def _limited(file: IO[bytes], limit: int, verb: str) -> bytes:
    try:
        content = file.read(limit + 1)
    except OSError as error:
        raise CourseError(f"it cannot be read: {error.strerror}.") from error
    if len(content) > limit:
        raise CourseError(f"it {verb} {limit // 2**20} MB.")
    return content


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except MemoryError:
        raise
    except Exception as error:  # it has many ways to say it
        if not file.seek(0, os.SEEK_END):
            raise CourseError("it is empty.") from error
        raise CourseError("it is no readable zip archive.") from error


def _time(member: zipfile.ZipInfo) -> float | None:
    if member.date_time[0] <= 1980:  # as of archives that keep no times
        return None
    try:
        return time.mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return None


def main() -> None:
    """Answer one request after another, until the grader has ended."""
    pipe = Connection(int(sys.argv[1]))
    seconds, memory = float(sys.argv[2]), int(sys.argv[3])
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    opened = Opened()
    kinds: dict[str, Callable[[Path, Inside], list[Any]]] = {
        "cells": opened.cells,
        "members": opened.members,
        "start": opened.start,
        "submitters": opened.submitters,
    }
    while True:
        try:
            what, name, inside = json.loads(pipe.recv_bytes())
        except EOFError:
            os._exit(0)  # at once, without tidying up
        # Nothing handles these signals, so that they end the process.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, 12 * seconds)
        path = Path(os.fsdecode(bytes.fromhex(name)))
        try:
            answer = json.dumps({"found": kinds[what](path, tuple(inside))})
        except CourseError as error:
            answer = json.dumps({"problem": str(error)})
        except MemoryError:
            opened.archive = None
            answer = json.dumps({"problem": "it takes too much memory to read."})
        except Exception as error:  # a fault of ours must not stop the class either
            problem = f"it cannot be read ({type(error).__name__})."
            answer = json.dumps({"problem": problem})
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send_bytes(answer.encode())


if __name__ == "__main__":
    main()
