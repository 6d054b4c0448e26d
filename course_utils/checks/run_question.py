"""Run a question: inputs, probe, judge, and `check`, which is all three in place."""

import builtins
import inspect
import linecache
import re
import sys
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from traceback import walk_tb
from types import FunctionType
from typing import Any

from course_utils.checks import progress
from course_utils.checks.contract import CheckFailed, NotAllowed, Question, Verdict
from course_utils.checks.crashes import (
    NOTHING,
    RETURNS_AT_ONCE,
    cause,
    leaves_a_loop_at_once,
    of_none,
    of_unreadable,
    uses_nothing,
)
from course_utils.checks.plain_data import PlainError, from_bytes, to_bytes, to_plain
from course_utils.checks.show import cut, listing, show
from course_utils.checks.undress import undressed
from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path
from course_utils.machine.runtime import in_notebook

PUBLIC_SEED = 0
PROBES = Path(__file__).parent / "probes"
EVERY = "ex[0-9][0-9]_[0-9]*.py"  # not the helpers, such as ex05_model.py

HINTS = {
    "missing": (
        "`{name}` is not defined. Run the cell of {label} to its end, and keep the "
        "name."
    ),
    "stub": "{label} is still the stub: write `{name}`, then run its cell.",
    "no function": "`{name}` is no function. Run the cell of {label} again.",
    "parameters": "`{name}` cannot be called as {label} says. Keep its parameters.",
    "raised": "`{name}` stops with {error}.",
    "unreadable": "`{name}` returns something else than {label} asks for.",
    "too long": "`{name}` takes too long and was stopped: look for an endless loop.",
    "unusable": "What `{name}` {does} cannot be used: that stops with {error}.",
    "nothing": "`{name}` returns None.",
    "not allowed": "`{error}` does the work of {label}: write it yourself.",
}

RAISED = "You raise it yourself: what has to be refused is refused by a ValueError."
IS_NONE = "What it returns is None each time: print it before the `return`."

_earned: dict[str, int] = {}  # points by question id, for the running total


@cache
def exercises() -> list[str]:
    """Return the exercises that have checks, such as ["ex05"]."""
    return sorted({path.stem.partition("_")[0] for path in PROBES.glob(EVERY)})


@cache
def questions(exercise: str) -> list[Question]:
    """Return the questions of one exercise, such as "ex05", in order.

    Raises:
        CourseError: there is no such exercise.
    """
    if exercise not in exercises():
        known = ", ".join(exercises())
        raise CourseError(f"no exercise {exercise!r} has checks. There are: {known}.")
    numbers = sorted(
        int(path.stem.partition("_")[2])
        for path in PROBES.glob(EVERY)
        if path.stem.startswith(exercise)
    )
    modules = [f"course_utils.checks.probes.{exercise}_{n}" for n in numbers]
    return [import_module(module).QUESTION for module in modules]


def question(question_id: str) -> Question:
    """Return the question called `question_id`, such as "ex05_2".

    Raises:
        CourseError: there is no such question.
    """
    if not isinstance(question_id, str):
        got = cut(repr(question_id))
        raise CourseError(f'`check` wants the name of a question, "ex05_1", not {got}.')
    found = questions(question_id.partition("_")[0])
    for candidate in found:
        if candidate.id == question_id:
            return candidate
    known = ", ".join(item.id for item in found)
    raise CourseError(f"no question {question_id!r}. There are: {known}.")


def make_inputs(question_id: str, seed: int) -> dict[str, Any]:
    """Return the inputs for the probe: plain data, without what is hidden from it."""
    inputs = to_plain(question(question_id).inputs(seed))
    inputs.pop("hidden", None)
    return inputs


def run_probe(
    question_id: str, namespace: Mapping[str, Any], inputs: dict[str, Any]
) -> dict[str, Any]:
    """Call the student's object in `namespace`; return plain data for `run_judge`.

    It imports no judge and needs no seed, so it can run in a sandbox that
    sees neither.

    Returns:
        {"answer": what the probe returned, and perhaps "at_once": True, that a loop
        of the code returns in its first pass}, or {"failed": a key of HINTS, "error":
        a name, "details": text, "case": the case that it stopped in, as text} if there
        is no answer. Both have "none", whether each call returned None, and where that
        may matter "used", a call in the code whose value is always None.
    """
    asked = question(question_id)
    if asked.name not in namespace:
        return _failed("missing")
    target = namespace[asked.name]
    if target is ...:
        return _failed("stub")
    if asked.is_function and not callable(target):
        return _failed("no function", details=f"it is of type {type(target).__name__}")
    cases = Cases(inputs.get("cases", []))
    watched = Watched(target) if asked.is_function else None
    try:
        with blocked(asked.forbidden):
            answer = asked.probe(watched or target, {**inputs, "cases": cases})
            data = {"answer": to_plain(answer, asked.max_bytes, undressed)}
        if watched and leaves_a_loop_at_once(target):
            data["at_once"] = True
    except KeyboardInterrupt:
        raise
    except PlainError as error:
        data = _failed("unreadable", details=str(error))
    except NotAllowed as error:
        data = _failed("not allowed", str(error), case=cases.shown())
    except BaseException as error:  # SystemExit among them
        data = _student_error(error, target, cases.shown())
    if watched and not asked.may_return_none:
        data["none"] = watched.always_none()
        if data["none"] or "failed" in data:
            data["used"] = uses_nothing(target)
    return data


class Watched:
    """A student's function that remembers whether it ever returned anything."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.returned: list[bool] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function."""
        answer = self.target(*arguments, **named)
        self.returned.append(answer is not None)
        return answer

    def always_none(self) -> bool:
        """Return whether it was called, and returned None each time."""
        return bool(self.returned) and not any(self.returned)


class Cases(list[dict[str, Any]]):
    """Cases that know in which of them a probe stopped."""

    current: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for case in super().__iter__():
            self.current = to_plain(case)  # an answer may change what it is given
            yield case
        self.current = None

    def shown(self) -> str:
        """Return the case that was not finished, as text, or ""."""
        texts = {name: show(value) for name, value in (self.current or {}).items()}
        return listing(texts)


def run_judge(question_id: str, data: Any, seed: int) -> Verdict:
    """Judge what `run_probe` returned on `make_inputs(question_id, seed)`."""
    asked = question(question_id)
    if isinstance(data, dict) and "failed" in data:
        return _no_answer(asked, data)
    verdict = _judged(asked, data, seed)
    if verdict.right or not isinstance(data, dict):
        return verdict
    if data.get("at_once") is True:
        return replace(verdict, message=f"{RETURNS_AT_ONCE} {verdict.message}")
    if data.get("none") is True:
        hint = HINTS["nothing"].format(name=asked.name)
        # Where the code does not show it, the judge has seen more of the values.
        why = NOTHING.get(str(data.get("used")), verdict.message)
        message = why if "returns None" in why else f"{hint} {why}"
        return Verdict(False, message, verdict.details)
    return verdict


def _judged(asked: Question, data: Any, seed: int) -> Verdict:
    module = import_module(f"course_utils.checks.judges.{asked.id}")
    try:
        answer = to_plain(data["answer"], asked.max_bytes)
        return module.judge(answer, to_plain(asked.inputs(seed)))
    except CourseError as error:
        return Verdict(False, str(error))
    except Exception as error:  # an answer of a form that the judge did not expect
        hint = HINTS["unreadable"].format(name=asked.name, label=asked.label)
        return Verdict(False, hint, f"{type(error).__name__}: {cut(str(error))}")


def with_cell_error(verdict: Verdict, own: str, above: str) -> Verdict:
    """Return a verdict that names the error behind it, if a cell stopped.

    Args:
        verdict: of a question.
        own: the name of the exception that the answer's cell ended with, or "".
        above: that of the first cell that stopped, or "".
    """
    if verdict.right:
        return verdict
    if not own and not re.search(r"is not defined|NameError", verdict.message):
        return verdict
    cell, name = ("Its cell", own) if own else ("A cell above it", above)
    if not name:
        return verdict
    said = f"{cell} stops with {known_error(name)}."
    if name in ("KeyboardInterrupt", "OutOfTime"):
        said = f"{cell} takes too long."
    return replace(verdict, message=f"{verdict.message} {said}")


def known_error(name: str) -> str:
    """Return an exception's name if it is Python's own, for it may be published."""
    kind = getattr(builtins, name, None)
    is_error = inspect.isclass(kind) and issubclass(kind, BaseException)
    return name if is_error else "an error"


def check(question_id: str, namespace: Mapping[str, Any] | None = None) -> None:
    """Check your answer to one question, and print your points.

    Args:
        question_id: such as "ex05_2".
        namespace: where to look for the answer; the caller's variables if None.

    Raises:
        CheckFailed: the answer is not right yet. The message is a hint, with the input
            that shows it.
        CourseError: there is no such question.
    """
    asked = question(question_id)
    if namespace is None:
        frame = sys._getframe(1)
        namespace = ChainMap(frame.f_locals, frame.f_globals)
    inputs = make_inputs(question_id, PUBLIC_SEED)
    data = run_probe(question_id, namespace, inputs)
    verdict = run_judge(question_id, data, PUBLIC_SEED)

    earned = asked.earned(verdict)
    _earned.update(_kept({question_id: earned}))
    exercise = questions(asked.exercise)
    total = sum(_earned.get(item.id, 0) for item in exercise)
    unit = "point" if asked.points == 1 else "points"
    line = (
        f"{question_id}: {earned} of {asked.points} {unit}. "
        f"So far: {total} of {sum(item.points for item in exercise)}."
    )
    if not verdict.right:
        text = "\n\n".join(filter(None, [line, verdict.message, verdict.details]))
        raise CheckFailed(text) from None
    print(line)


def _kept(points: dict[str, int]) -> dict[str, int]:
    """Return these points, and in a notebook those of earlier kernels too."""
    return progress.keep(points) if in_notebook() else points


def probe_file(
    question_id: str, namespace: Mapping[str, Any], inputs: str, answer: str
) -> None:
    """Do `run_probe` from one packed file to another: what runs inside a kernel.

    An interrupt, which is how a time limit comes, is an answer too: it names the line.
    """
    asked, given = question(question_id), from_bytes(Path(inputs).read_bytes())
    try:
        data = run_probe(question_id, namespace, given)
    except KeyboardInterrupt as error:
        data = _student_error(error, namespace.get(asked.name), "")
        data |= {"failed": "too long", "error": ""}
    with atomic_path(answer) as temporary:
        temporary.write_bytes(to_bytes(data, asked.max_bytes))


@contextmanager
def blocked(names: tuple[str, ...]) -> Iterator[None]:
    """Make the functions called `names` raise NotAllowed inside the block.

    A Python function's code is exchanged, not its name, so that an alias that a
    notebook imported earlier is blocked too; a function of C loses its name alone. This
    keeps an honest student to the task; it is no defence.
    """
    originals: list[tuple[Any, str, Any]] = []
    try:
        for name in names:
            try:
                function = inspect.unwrap(resolve_name(name))
            except (ImportError, AttributeError):
                continue  # another version of the library, without this function
            code = _refuse.__code__.replace(co_name=name)
            if hasattr(function, "__code__"):
                originals.append((function, "__code__", function.__code__))
                function.__code__ = code
            else:
                module, _, last = name.rpartition(".")
                owner = resolve_name(module)
                originals.append((owner, last, function))
                setattr(owner, last, FunctionType(code, {"__builtins__": builtins}))
        yield
    finally:
        for owner, attribute, original in originals:
            setattr(owner, attribute, original)


def _refuse(*_: Any, **__: Any) -> None:
    # Runs inside a library's module, so it can use no name of this one.
    import sys

    from course_utils.checks.contract import NotAllowed

    raise NotAllowed(sys._getframe().f_code.co_name)


def _failed(
    kind: str, error: str = "", details: str = "", case: str = ""
) -> dict[str, str]:
    return {"failed": kind, "error": error, "details": details, "case": case}


def _student_error(error: BaseException, target: Any, case: str) -> dict[str, str]:
    frames = list(walk_tb(error.__traceback__))
    theirs = getattr(inspect.unwrap(target), "__globals__", None)
    own = [(frame, line) for frame, line in frames if frame.f_globals is theirs]
    name = type(error).__name__
    details = f"{name}: {cut(str(error))}"
    inside = any(frame.f_code is Watched.__call__.__code__ for frame, _ in frames)
    if not own:
        at_the_call = frames[-1][0].f_code is Watched.__call__.__code__
        if isinstance(error, TypeError) and at_the_call:
            return _failed("parameters", name, details, case)
        return _failed("raised" if inside else "unusable", name, details, case)
    if isinstance(error, NotImplementedError) and frames[-1][0] is own[-1][0]:
        return _failed("stub", details=cut(str(error)))
    frame, line = own[-1]
    code = linecache.getline(frame.f_code.co_filename, line).strip()
    details = f"{details}\nline {line} of your cell: {cut(code)}"
    return _failed("raised", name, details, case)


def _no_answer(asked: Question, data: dict[str, Any]) -> Verdict:
    # `data` may be forged: only names that are known go into the published message.
    kind, error = str(data["failed"]), str(data.get("error", ""))
    if kind in ("raised", "unusable"):
        error = known_error(error)
    if kind == "not allowed" and error not in (*asked.forbidden, *asked.errors):
        error = "This function"
    template = HINTS.get(kind, HINTS["unreadable"])
    does = "returns" if asked.is_function else "holds"
    hint = template.format(name=asked.name, label=asked.label, error=error, does=does)
    details = cut(str(data.get("details", "")), 600)
    if kind in ("raised", "unusable"):
        said = details.partition("\nline ")[0]  # not the student's line
        known = [text for phrase, text in asked.errors.items() if phrase in said]
        known = [*of_none(said, str(data.get("used"))), *known, cause(said)]
        if re.search(r"\nline \d+ of your cell: raise\b", details):
            known.append(RAISED)
        if kind == "unusable" and data.get("none") is True:
            hint = HINTS["nothing"].format(name=asked.name)
            known = [NOTHING.get(str(data.get("used")), IS_NONE)]
        hint = " ".join([hint, *[*filter(None, known), ""][:1]]).strip()
    if kind == "unreadable":
        hint = " ".join(filter(None, [hint, of_unreadable(details)]))
    if kind == "not allowed":
        may = f"You may call {', '.join(asked.allowed)}." if asked.allowed else ""
        hint = " ".join(filter(None, [hint, asked.errors.get(error), may]))
    case = cut(str(data.get("case", "")), 1000)
    return Verdict(False, hint, "\n".join(filter(None, [details, case])))
