"""Judge of 13.4, how much data a head start is worth."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

MIDDLE = (
    "This is the middle of the two neighbours: say how far between them the target "
    "lies."
)
LOGARITHM = "This is the logarithm of the tokens: return exp of it."


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The first crossing, on a straight line in log tokens and log loss."""

    def right(
        case: Case,
        log_tokens: bool = True,
        log_loss: bool = True,
        last: bool = False,
        never: bool = False,
        at: Callable[[float], float] = lambda share: share,
    ) -> float | None:
        curve, target = case["curve"], case["target"]
        x = math.log if log_tokens else float
        y = math.log if log_loss else float
        if curve[0][1] <= target:
            return float(curve[0][0])
        pairs = list(pairwise(curve))
        for a, b in pairs[::-1] if last else pairs:
            if b[1] <= target < a[1]:
                share = (y(a[1]) - y(target)) / (y(a[1]) - y(b[1]))
                found = x(a[0]) + at(share) * (x(b[0]) - x(a[0]))
                return math.exp(found) if log_tokens else found
        return curve[-1][0] if never else None

    def first_at_or_below(case: Case) -> float | None:
        found = [tokens for tokens, loss in case["curve"] if loss <= case["target"]]
        return found[0] if found else None

    def interp(case: Case, step: int = 1, logs: bool = True) -> float:
        ahead, back = (np.log, np.exp) if logs else (np.asarray, np.asarray)
        tokens, losses = ahead(case["curve"])[::step].T
        return float(back(np.interp(ahead(case["target"]), losses, tokens)))

    def power_law(case: Case) -> float:
        tokens, losses = np.log(case["curve"]).T
        slope, start = np.polyfit(tokens, losses, 1)
        return float(np.exp((np.log(case["target"]) - start) / slope))

    def drawn_on(case: Case) -> float:
        (x0, y0), (x1, y1) = case["curve"][-2:]
        share = math.log(y0 / case["target"]) / math.log(y0 / y1)
        return x0 * (x1 / x0) ** share

    def inside(case: Case, change: Callable[[float], float]) -> float | None:
        """Return the crossing, changed unless it is the curve's first point."""
        found = right(case)
        return found if found in (None, case["curve"][0][0]) else change(found)

    def between_ends(case: Case, at_crossing: bool) -> float | None:
        curve, target = case["curve"], case["target"]
        reached = [p for p in curve if p[1] <= target] if at_crossing else curve[-1:]
        if not reached or reached[0][1] > target:
            return None
        ends = [curve[0], reached[0]]
        return right({"curve": ends, "target": target})

    def lowest(case: Case) -> float | None:
        tokens, loss = min(case["curve"], key=lambda point: point[1])
        return tokens if loss <= case["target"] else None

    first_point = (
        "The first point may be at or below the target already: then its tokens are "
        "the answer."
    )

    def never_first(
        case: Case, before: bool = False, from_above: bool = False
    ) -> float | None:
        """Return the crossing; with `before`, the last point stands before all."""
        curve, target = case["curve"], case["target"]
        for a, b in pairwise(curve[-1:] * before + curve):
            if b[1] <= target and (a[1] >= target or not from_above):
                share = math.log(a[1] / target) / math.log(a[1] / b[1])
                return float(a[0] * (b[0] / a[0]) ** share)
        return None

    mistakes = [
        (never_first, first_point),
        (lambda case: never_first(case, before=True), first_point),
        (lambda case: never_first(case, from_above=True), first_point),
        (
            lambda case: right(case, log_tokens=False, log_loss=False),
            "This is a straight line in tokens and loss: take the logarithm of both.",
        ),
        (
            lambda case: right(case, log_loss=False),
            "Only the tokens are logarithms: take that of the losses too.",
        ),
        (
            lambda case: right(case, log_tokens=False),
            "Only the losses are logarithms: take that of the tokens too.",
        ),
        (
            first_at_or_below,
            "This is the first point at or below the target: the crossing lies before "
            "it.",
        ),
        (
            lambda case: right(case, last=True),
            "The curve reaches the target earlier: the first time counts.",
        ),
        (
            lambda case: right(case, never=True),
            "A curve that never reaches the target has no crossing: return None.",
        ),
        (
            interp,
            "np.interp wants rising x, and losses fall: it gives nonsense without a "
            "word. Look for the two neighbours yourself.",
        ),
        (
            lambda case: interp(case, logs=False),
            "np.interp wants rising x, and losses fall: it gives nonsense without a "
            "word. Look for the two neighbours yourself.",
        ),
        (
            lambda case: interp(case, step=-1),
            "np.interp wants rising x, which a bumpy curve does not have, and it never "
            "says None. Look for the two neighbours yourself.",
        ),
        (
            lambda case: (
                None
                if right(case) is None
                else max(
                    tokens for tokens, loss in case["curve"] if tokens <= right(case)
                )
            ),
            "This is the last point before the crossing: go between it and the next.",
        ),
        (
            lambda case: None if right(case) is None else math.log(right(case)),
            LOGARITHM,
        ),
        (
            lambda case: None if case["curve"][0][1] <= case["target"] else right(case),
            "If the first loss is at or below the target, return the first tokens.",
        ),
        (
            lambda case: 0 if case["curve"][0][1] <= case["target"] else right(case),
            "If the first loss is at or below the target, return the first tokens, "
            "not 0.",
        ),
        (
            lambda case: right(case) or 0,
            "A curve that never reaches the target has no crossing: return None, not "
            "0.",
        ),
        (
            lambda case: right(case) or math.inf,
            "A curve that never reaches the target has no crossing: return None.",
        ),
        (
            lambda case: right(case) or -1,
            "A curve that never reaches the target has no crossing: return None, not "
            "-1.",
        ),
        (
            lambda case: right(case) or drawn_on(case),
            "The line is drawn beyond what was measured: return None there.",
        ),
        (
            lambda case: right(case, at=lambda share: 1 - share),
            "The share is turned round: at the first of the two neighbours it is 0.",
        ),
        (
            lambda case: right(case, at=lambda _: 0.5),
            MIDDLE,
        ),
        (
            lambda case: right(case, log_tokens=False, at=lambda _: 0.5),
            MIDDLE,
        ),
        (
            lambda case: (
                None if case["curve"][-1][1] == case["target"] else right(case)
            ),
            "A loss of just the target has reached it: <= and not <.",
        ),
        (
            lambda case: inside(case, math.log),
            LOGARITHM,
        ),
        (
            lambda case: inside(case, math.log10),
            LOGARITHM,
        ),
        (
            lambda case: inside(case, lambda found: math.exp(math.log10(found))),
            "exp undoes the natural logarithm, not log10: take math.log.",
        ),
        (
            lambda case: between_ends(case, at_crossing=False),
            "The line goes from the first point to the last: take two neighbours.",
        ),
        (
            lambda case: between_ends(case, at_crossing=True),
            "The line begins at the curve's first point: begin at the one before the "
            "crossing.",
        ),
        (
            lambda case: float(np.interp(case["target"], *np.transpose(case["curve"]))),
            "Tokens and losses are exchanged: look for the tokens at a loss.",
        ),
        (
            lowest,
            "This is the point of the lowest loss: the first crossing is asked for.",
        ),
        (
            lambda case: None if right(case) is None else [right(case), case["target"]],
            "Return the tokens alone, not a pair.",
        ),
        (
            power_law,
            "This is a line through all points: go between the two neighbours.",
        ),
    ]
    otherwise = (
        "Find the first two neighbours of which the later is at or below the target, "
        "and go between them in a straight line of log(loss) over log(tokens). Write "
        "down these two neighbours for the case below."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
