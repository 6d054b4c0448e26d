"""Judge of 13.3, curves over tokens."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

Points = list[tuple[float, float]]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The validation loss after so many tokens, between two evaluations."""

    def points(case: Case, name: str = "eval_loss", per_step: int = 0) -> Points:
        per_step = per_step or case["tokens_per_step"]
        rows = [row for row in case["log_history"] if name in row]
        return [(row["step"] * per_step, row[name]) for row in rows]

    def interpolated(case: Case, found: Points, clamp: bool = False) -> float | None:
        tokens, losses = zip(*found, strict=True)
        inside = tokens[0] <= case["tokens"] <= tokens[-1]
        if not inside and not clamp:
            return None
        return float(np.interp(case["tokens"], tokens, losses))

    def right(case: Case) -> float | None:
        return interpolated(case, points(case))

    def by_step(case: Case, clamp: bool) -> float | None:
        return interpolated(case, points(case, per_step=1), clamp)

    def last_before(case: Case) -> float | None:
        before = [loss for tokens, loss in points(case) if tokens <= case["tokens"]]
        return before[-1] if before and right(case) is not None else None

    def nearest(case: Case, inside: bool = True) -> float | None:
        if inside and right(case) is None:
            return None
        return min(points(case), key=lambda point: abs(point[0] - case["tokens"]))[1]

    mistakes = [
        (
            lambda case: interpolated(case, points(case), clamp=True),
            "Outside the evaluations nothing was measured: return None there. "
            "np.interp repeats the first or last loss.",
        ),
        (
            lambda case: interpolated(case, points(case, "loss")),
            "This is the training loss: take eval_loss.",
        ),
        (
            lambda case: interpolated(case, points(case, "loss"), clamp=True),
            "This is the training loss: take eval_loss.",
        ),
        (
            lambda case: by_step(case, clamp=True),
            "Steps are compared with tokens: multiply a row's step by tokens_per_step.",
        ),
        (
            lambda case: by_step(case, clamp=False),
            "Steps are compared with tokens: multiply a row's step by tokens_per_step.",
        ),
        (
            last_before,
            "This is the evaluation before: go between the two in a straight line.",
        ),
        (nearest, "This is the nearest one: go between the two in a straight line."),
        (
            lambda case: nearest(case, inside=False),
            "This is the nearest one: go between the two in a straight line.",
        ),
    ]
    otherwise = (
        "Take the rows that have an eval_loss, at step x tokens_per_step, and go in a "
        "straight line between the two around `tokens`."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
