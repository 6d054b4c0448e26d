"""What judges judge with: compare, name the mistake, show both sides."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.checks.contract import Case, Verdict
from course_utils.checks.judges.same import same
from course_utils.checks.judges.seen import by_cases, by_keys, by_parts, of_form, seen
from course_utils.checks.show import from_difference, listing, show

# What code meets in values of a form that it does not expect.
ORDINARY = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)

Look = Callable[[list[Any], list[Any], list[Case]], Any]


def judge_cases(
    got: Any,
    cases: list[Case],
    reference: Callable[[Case], Any],
    mistakes: list[tuple[Callable[[Case], Any], str]],
    otherwise: str,
    looks: Sequence[tuple[Look, str]] = (),
) -> Verdict:
    """Compare one answer a case with a reference.

    Args:
        got: the answers, one a case.
        cases: the inputs.
        reference: the right answer of a case.
        mistakes: pairs of what a mistake answers in a case, and its hint. The first
            that explains every answer gives the hint, or some that explain its parts.
        otherwise: the hint if no mistake does.
        looks: pairs of what can be seen of the answers without a known cause, and its
            hint. They are asked where no mistake answers as the student does.
    """
    if not isinstance(got, list) or len(got) != len(cases):
        return wrong(otherwise, got=got)
    expected = [reference(case) for case in cases]
    failing = [i for i in range(len(cases)) if not same(got[i], expected[i])]
    if not failing:
        return Verdict(True)
    for mistake, its_hint in mistakes:
        if all(same(got[i], _try(mistake, cases[i])) for i in range(len(cases))):
            hint = its_hint
            break
    else:
        tried = [([_try(m, case) for case in cases], hint) for m, hint in mistakes]
        found = (how(got, expected, tried) for how in (by_parts, by_cases, by_keys))
        hint = next(filter(None, found), "")
        hint = hint or looked(looks, got, expected, cases)
        hint = hint or f"{seen(got, expected, cases)} {otherwise}".strip()
    first = failing[0]
    return wrong(hint, expected=expected[first], got=got[first], **cases[first])


def looked(
    looks: Sequence[tuple[Look, str]],
    got: list[Any],
    expected: list[Any],
    cases: list[Case],
) -> str:
    """Return the hint of the first look that sees what it looks for, or "".

    Where a look goes without a hint, what it returns is the hint.
    """
    if of_form(got, expected):
        return ""  # what the looks look for is not there
    for look, hint in looks:
        try:
            found = look(got, expected, cases)
        except ORDINARY:  # the answer has another form than it looks for
            continue
        if found:
            return hint or found
    return ""


def wrong(hint: str, *, expected: Any = ..., got: Any = ..., **inputs: Any) -> Verdict:
    """Return a hint and no points; inputs, expected and got go into the details."""
    shown = {**inputs, "expected": expected, "got": got}
    shown = {name: value for name, value in shown.items() if value is not ...}
    texts = {name: show(value) for name, value in shown.items()}
    if texts.get("expected", 0) == texts.get("got", 1):
        texts |= from_difference(expected, got)
    return Verdict(False, hint, listing(texts))


def _try(mistake: Callable[[Case], Any], case: Case) -> Any:
    try:
        with np.errstate(all="ignore"):
            return mistake(case)
    except (ArithmeticError, ValueError):
        return None
