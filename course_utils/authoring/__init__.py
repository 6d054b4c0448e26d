"""From one source to lessons, exercises and solutions; running them in order."""

from importlib.util import find_spec

from course_utils.machine.errors import CourseError


def require_tools(*names: str, extra: str = "author") -> None:
    """Raise CourseError if one of these packages of an extra is missing."""
    if missing := [name for name in names if find_spec(name) is None]:
        verb = "is" if len(missing) == 1 else "are"
        raise CourseError(
            f"{', '.join(missing)} {verb} needed here: "
            f'pip install "train-gpt-course[{extra}]".'
        )
