"""What judges judge with: compare, name the mistake, show both sides."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Case, Verdict
from course_utils.checks.judges.same import same
from course_utils.checks.judges.seen import by_cases, by_keys, by_parts, seen
from course_utils.checks.show import from_difference, listing, show


def judge_cases(
    got: Any,
    cases: list[Case],
    reference: Callable[[Case], Any],
    mistakes: list[tuple[Callable[[Case], Any], str]],
    otherwise: str,
) -> Verdict:
    """Compare one answer a case with a reference.

    Args:
        got: the answers, one a case.
        cases: the inputs.
        reference: the right answer of a case.
        mistakes: pairs of what a mistake answers in a case, and its hint. The first
            that explains every answer gives the hint, or some that explain its parts.
        otherwise: the hint if no mistake does.
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
        hint = hint or f"{seen(got, expected)} {otherwise}".strip()
    first = failing[0]
    return wrong(hint, expected=expected[first], got=got[first], **cases[first])


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
