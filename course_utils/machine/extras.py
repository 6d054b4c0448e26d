"""Packages of the extras: what is missing, and how to install it."""

from importlib.util import find_spec

from course_utils.machine.errors import CourseError


def require_tools(*names: str, extra: str) -> None:
    """Raise CourseError if one of these packages of an extra is missing.

    Args:
        names: packages, as they are imported.
        extra: the extra of train-gpt-course that installs them.

    Example:
        >>> require_tools("no_such_package", extra="lab")
        Traceback (most recent call last):
        course_utils.machine.errors.CourseError: no_such_package is needed here: pip ...
    """
    if missing := [name for name in names if find_spec(name) is None]:
        verb = "is" if len(missing) == 1 else "are"
        raise CourseError(
            f"{', '.join(missing)} {verb} needed here: "
            f'pip install "train-gpt-course[{extra}]".'
        )
