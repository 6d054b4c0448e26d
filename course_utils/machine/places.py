"""Where the course's own files are: the library, its assets, and the checkout."""

from pathlib import Path

from course_utils.machine.errors import CourseError

LIBRARY = Path(__file__).resolve().parents[1]
ASSETS = LIBRARY / "assets"


def course_root() -> Path:
    """Return the course's checkout: the one around the working folder, or this code's.

    Raises:
        CourseError: neither is one.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, LIBRARY.parent):
        if (folder / "source" / "lessons").is_dir():
            return folder
    raise CourseError("the lessons are not here: run this in a checkout of the course.")
