"""Judge of 10.2, the first step that explodes."""

import math
from collections.abc import Callable
from statistics import mean, median
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The first step that explodes, exact."""

    def first(
        case: Case,
        middle: Callable[[list[float]], float] = median,
        begin: Callable[[int, int], int] = lambda step, window: step - window,
        end: int = 0,
        judged_from: int | None = None,
        bad: Callable[[int, float], bool] = lambda _, norm: not math.isfinite(norm),
    ) -> int | None:
        norms, window = case["norms"], case["window"]
        judged_from = window if judged_from is None else judged_from
        for step, norm in enumerate(norms):
            if bad(step, norm):
                return step
            if step < judged_from:
                continue
            before = norms[max(0, begin(step, window)) : step + end]
            if norm > case["factor"] * middle(before):
                return step
        return None

    def in_full_windows(case: Case) -> int | None:
        def bad(step: int, norm: float) -> bool:
            return step >= case["window"] and not math.isfinite(norm)

        return first(case, bad=bad)

    mistakes = [
        (
            lambda case: first(case, bad=lambda *_: False),
            "NaN is missed, because every comparison with NaN is false: ask "
            "math.isfinite first.",
        ),
        (
            in_full_windows,
            "NaN and infinity count in the first `window` steps too.",
        ),
        (
            lambda case: first(case, bad=lambda _, norm: math.isnan(norm)),
            "Infinity in the first steps is missed: it is as bad as NaN.",
        ),
        (
            lambda case: first(case, mean),
            "This is the mean, which a single spike pulls up: take the median.",
        ),
        (
            lambda case: first(case, begin=lambda step, w: step - w + 1, end=1),
            "The window holds the step itself, which makes the limit higher: take the "
            "norms before it.",
        ),
        (
            lambda case: first(case, begin=lambda *_: 0),
            "This is the median since the start: take the last `window` norms.",
        ),
        (
            lambda case: first(case, judged_from=1),
            "There is no full window before the first steps: judge from step `window` "
            "on.",
        ),
        (
            lambda case: first(case, begin=lambda step, _: step - 1, judged_from=1),
            "This compares with the one norm before: take the median of a window.",
        ),
        (
            lambda case: first(case, lambda _: 1.0, judged_from=0),
            "factor is not a norm: multiply it by the median.",
        ),
        (
            lambda case: -1 if first(case) is None else first(case),
            "Return None if no step explodes: -1 is an index too.",
        ),
    ]
    otherwise = (
        "Return the first step that is not finite, or more than factor x the median "
        "of norms[step - window : step]."
    )
    return judge_cases(data, inputs["cases"], first, mistakes, otherwise)
