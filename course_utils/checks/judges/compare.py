"""What judges judge with: compare, name the mistake, show both sides."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Case, Verdict
from course_utils.checks.judges.form import form_problem
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
            that explains every answer gives the hint.
        otherwise: the hint if no mistake does.
    """
    if not isinstance(got, list) or len(got) != len(cases):
        return wrong(otherwise, got=got)
    expected = [reference(case) for case in cases]
    failing = [i for i in range(len(cases)) if not same(got[i], expected[i])]
    if not failing:
        return Verdict(True)
    hint = f"{form_problem(got, expected)} {otherwise}".strip()
    for mistake, its_hint in mistakes:
        if all(same(got[i], _try(mistake, cases[i])) for i in range(len(cases))):
            hint = its_hint
            break
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


def same(got: Any, expected: Any, tolerance: float = 1e-4) -> bool:
    """Return whether two plain values are equal, lists and arrays alike.

    Expected integers have to be met exactly, floats within a relative `tolerance`.
    A single number may come in a list or array of one. NaN equals nothing.
    """
    if isinstance(expected, str | None):
        return isinstance(got, str | None) and got == expected
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(same(got[key], expected[key], tolerance) for key in expected)
        )
    left, right = _numbers(got), _numbers(expected)
    if left is None or right is None:
        return (
            isinstance(got, list)
            and isinstance(expected, list)
            and len(got) == len(expected)
            and all(same(*pair, tolerance) for pair in zip(got, expected, strict=True))
        )
    if right.size == left.size == 1:
        left, right = left.reshape(()), right.reshape(())
    if left.shape != right.shape:
        return False
    if right.dtype.kind in "biu":
        return bool(np.array_equal(left, right))
    # Near 0, what counts is the size of the others: float32 sums may cancel there.
    scale = np.max(np.abs(right[np.isfinite(right)]), initial=0) or 1.0
    return bool(np.allclose(left, right, rtol=tolerance, atol=1e-6 * scale))


def _numbers(value: Any) -> np.ndarray | None:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None


def _try(mistake: Callable[[Case], Any], case: Case) -> Any:
    try:
        with np.errstate(all="ignore"):
            return mistake(case)
    except (ArithmeticError, ValueError):
        return None
