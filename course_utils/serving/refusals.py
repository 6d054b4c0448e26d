"""The ways to refuse a request, each with its HTTP status and one line of advice."""

from course_utils.machine.errors import CourseError


class Refusal(CourseError):
    """A request that gets no summary."""

    status = 400
    headers: dict[str, str] = {}  # noqa: RUF012


class SlowBody(Refusal):
    """The body did not arrive in time."""

    status = 408


class TooLarge(Refusal):
    """The body is too large."""

    status = 413


class Unusable(Refusal):
    """The model cannot or should not read the dialogue."""

    status = 422


class Busy(Refusal):
    """The queue is full. `seconds` is a guess at when it will have room."""

    status = 429

    def __init__(self, waiting: int, seconds: int) -> None:
        super().__init__(
            f"{waiting} dialogues are waiting already: try again in {seconds} s."
        )
        self.headers = {"Retry-After": str(seconds)}


class TooSlow(Refusal):
    """The answer did not come in time."""

    status = 504
