"""From one source to lessons, exercises and solutions; running them in order."""

from importlib.util import find_spec

from course_utils.machine.errors import CourseError

TOOLS = ("jupytext", "nbclient", "nbconvert", "nbgrader")


def require_tools() -> None:
    """Raise CourseError if the packages of the `author` extra are not installed."""
    if missing := [name for name in TOOLS if find_spec(name) is None]:
        raise CourseError(
            f"{', '.join(missing)} is needed here: pip install -e '.[author]'"
        )
