"""The one exception the course raises for a mistake its user can mend."""


class CourseError(Exception):
    """Bad input or a missing prerequisite.

    The message is one line: what is wrong, where, and what to do. The command
    line prints it without a traceback and exits with status 2; a notebook shows the
    line alone too.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this.
        return [f"{type(self).__name__}: {self}"]
