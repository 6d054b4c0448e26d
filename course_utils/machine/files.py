"""Read what a user gives us, and write files either whole or not at all."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from course_utils.machine.errors import CourseError


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` if the block succeeds.

    A reader sees the old file or the new one, never a part of it. If the block
    raises, the temporary file is removed and `path` is left as it was.

    Raises:
        CourseError: the folder cannot be written, or the disk is full.

    Example:
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_path(f"{folder}/notes.txt") as temporary:
        ...         _ = temporary.write_text("whole")
        ...     os.listdir(folder)
        ['notes.txt']
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> CourseError:
    """Return what to raise where a file or a folder could not be written.

    Example:
        >>> print(cannot_write(Path("runs"), OSError(28, "No space left on device")))
        cannot write runs: No space left on device. Free some space or choose ...
    """
    # NumPy says how much of an array was written, and not that the disk is full.
    is_short = error.errno is None and "requested and" in str(error)
    reason = os.strerror(errno.ENOSPC) if is_short else error.strerror or error
    return CourseError(
        f"cannot write {path}: {reason}. Free some space or choose another folder."
    )


@contextmanager
def room_to_write(folder: str | Path) -> Iterator[None]:
    """Turn any error that a full disk causes inside the block into one clear line.

    Libraries report a full disk in their own ways, some as a RuntimeError.

    Raises:
        CourseError: the block failed because the disk of `folder` is full.

    Example:
        >>> with room_to_write("runs"):
        ...     raise RuntimeError("write failed: No space left on device")
        Traceback (most recent call last):
        course_utils.machine.errors.CourseError: the disk of runs is full: free ...
    """
    try:
        yield
    except Exception as error:
        is_full = os.strerror(errno.ENOSPC) in str(error)
        if is_full or shutil.disk_usage(folder).free < 1_000_000:
            raise CourseError(
                f"the disk of {folder} is full: free some space and repeat the command "
                "with --resume."
            ) from error
        raise


def write_text(path: str | Path, text: str) -> Path:
    """Write `text` as UTF-8 to `path`, atomically; return the path.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_text(f"{folder}/notes.txt", "Hi Anna!").read_text()
        'Hi Anna!'
    """
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path)


def content_key(*parts: object) -> str:
    """Return 16 hex digits that change when any part's `repr` changes.

    Example:
        >>> len(content_key("tiny", 500))
        16
        >>> content_key("tiny", 500) == content_key("tiny", 501)
        False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file, line ends normalised to a newline.

    A byte order mark is dropped.

    Raises:
        CourseError: the path is missing, a folder, empty, unreadable or no UTF-8 text.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "notes.txt")
        ...     _ = path.write_bytes(b"one\\r\\ntwo")
        ...     read_text(path)
        'one\\ntwo'
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise CourseError(f"{path} is a folder: give one text file.")
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise CourseError(f"{path} is a device: give one text file.")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CourseError(f"no such file: {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CourseError(f"cannot read {path}: {reason}. Check the path.") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CourseError(f"{path} is UTF-16: save it as UTF-8 and try again.")
    if b"\0" in data:
        raise CourseError(f"{path} is a binary file: give plain UTF-8 text.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8 and try again."
        ) from error
    if not text.strip():
        raise CourseError(f"{path} is empty: give a file with some text in it.")
    return plain_line_ends(text)


def plain_line_ends(text: str) -> str:
    """Return `text` with the line ends of Windows and of old Macs as newlines.

    Example:
        >>> plain_line_ends("one\\r\\ntwo\\rthree")
        'one\\ntwo\\nthree'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def nearest_existing(path: str | Path) -> Path:
    """Return `path` itself if it exists, else the nearest folder above it that does.

    A path that may not be looked at counts as missing.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     nearest_existing(f"{folder}/not/yet") == Path(folder)
        True
    """
    place = Path(path).absolute()
    while not os.path.exists(place):
        place = place.parent
    return place
