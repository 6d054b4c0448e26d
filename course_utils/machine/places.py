"""Where the course's own files are: the library, its assets, lessons and exercises."""

from pathlib import Path

from course_utils.machine.errors import CourseError

LIBRARY = Path(__file__).resolve().parents[1]
ASSETS = LIBRARY / "assets"
PACKED = LIBRARY / "course"  # what a wheel carries besides the library


def checkout() -> Path | None:
    """Return the checkout around the working folder, or this code's, or None.

    Example:
        >>> found = checkout()
        >>> found is None or (found / "source" / "lessons").is_dir()
        True
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, LIBRARY.parent):
        if (folder / "source" / "lessons").is_dir():
            return folder
    return None


def course_root() -> Path:
    """Return the folder of notebooks/ and exercises/: a checkout, or the wheel's own.

    Raises:
        CourseError: there is neither.

    Example:
        >>> (course_root() / "exercises").is_dir()
        True
    """
    found = checkout() or PACKED
    if not found.is_dir():
        raise CourseError(
            "the lessons are not here: run this in a checkout of the course."
        )
    return found
