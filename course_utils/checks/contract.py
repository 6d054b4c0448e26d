"""What a question declares, and what a check answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

Inputs = dict[str, Any]
Case = dict[str, Any]


def label(question_id: str) -> str:
    """Return what the reader calls a question, such as "Exercise 5.2" for "ex05_2"."""
    exercise, number = question_id.removeprefix("ex").split("_")
    return f"Exercise {int(exercise)}.{int(number)}"


@dataclass(frozen=True)
class Question:
    """One question, as declared in probes/exNN_Q.py.

    Attributes:
        id: such as "ex05_2".
        name: the function or variable that the student's notebook defines.
        points: whole points of a right answer. They are declared here alone.
        title: a few words for tables.
        inputs: `inputs(seed) -> dict` of plain data. What it keeps under the key
            "hidden" is for the judge alone and never reaches the student's code.
        probe: `probe(target, inputs) -> plain data`. It hands over what the student's
            object returns, unjudged.
        is_function: whether `name` is a function.
        may_return_none: whether None is no mistake: the function changes what it is
            given, or None can be the right answer of every case.
        allowed: library functions that an answer may call, for the reader.
        forbidden: Python functions (dotted names) that raise when an answer calls them.
        errors: {words of an exception that students get: the likely mistake behind}.
        max_bytes: size limit of what the probe returns.
        judge_seconds: of the processor, for judging one answer. In grading it ends
            there, since an answer may be made to take long.
    """

    id: str
    name: str
    points: int
    title: str
    inputs: Callable[[int], dict[str, Any]]
    probe: Callable[[Any, dict[str, Any]], Any]
    is_function: bool = True
    may_return_none: bool = False
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    max_bytes: int = 16 * 2**20
    judge_seconds: int = 20

    @property
    def exercise(self) -> str:
        """The exercise's id, such as "ex05"."""
        return self.id.partition("_")[0]

    @property
    def label(self) -> str:
        """What the reader calls it, such as "Exercise 5.2"."""
        return label(self.id)

    def earned(self, verdict: "Verdict") -> int:
        """Return the points that an answer with this verdict earns."""
        return self.points if verdict.right else 0


@dataclass(frozen=True)
class Verdict:
    """What a judge says of one answer.

    Attributes:
        right: whether the answer earns its points.
        message: "" if right, else a hint that names the likely mistake. It holds no
            input and no student text, so a grader may publish it.
        details: input, expected and got, or the student's error: for the student's
            own eyes, on public inputs.
    """

    right: bool
    message: str = ""
    details: str = ""


def each_case(target: Any, inputs: dict[str, Any]) -> list[Any]:
    """Return what it answers in each case, called with the case's values in order."""
    return [target(*case.values()) for case in inputs["cases"]]


REFUSED = "ValueError"  # what stands for a case that is refused


def each_case_or_refusal(target: Any, inputs: dict[str, Any]) -> list[Any]:
    """Return the same as `each_case`, and REFUSED for a case that it refuses."""

    def answer(case: dict[str, Any]) -> Any:
        try:
            answer = target(*case.values())
        except ValueError:
            return REFUSED
        return [REFUSED] if isinstance(answer, str) else answer  # not raised

    return [answer(case) for case in inputs["cases"]]


class CheckFailed(AssertionError):
    """An answer is not right yet; the text is the hint."""

    def _render_traceback_(self) -> list[str]:
        # IPython shows this instead of a traceback through the checker. JupyterLab
        # breaks a long line in the middle of a word.
        head, *rest = str(self).split("\n\n")
        return ["\n\n".join([head, *(fill(text, 88) for text in rest[:1]), *rest[1:]])]


class NotAllowed(Exception):
    """The answer called a function that its question forbids; the text is its name."""
