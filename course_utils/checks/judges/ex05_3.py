"""Judge of 5.3, warm-up and cosine."""

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

Factor = Callable[[float], float]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Linear warm-up and half a cosine, as transformers computes them."""

    def half_cosine(progress: float) -> float:
        return (1 + math.cos(math.pi * progress)) / 2

    def right(
        case: Case, rise: Factor = lambda part: part, fall: Factor = half_cosine
    ) -> float:
        step, warmup, total, peak = case.values()
        if step < warmup:
            return peak * rise(step / warmup)
        return peak * fall((step - warmup) / (total - warmup))

    def rising(case: Case) -> bool:
        return case["step"] < case["warmup_steps"]

    mistakes = [
        (
            lambda case: right(case if rising(case) else {**case, "warmup_steps": 0}),
            "The cosine counts from step 0: let it start after the warm-up, with "
            "progress = (step - warmup_steps) / (total_steps - warmup_steps).",
        ),
        (
            lambda case: right(case, fall=lambda progress: 1 - progress),
            "The rate falls in a straight line: use half a cosine.",
        ),
        (
            lambda case: right(case, fall=lambda progress: 1.0),
            "The rate stays at its peak: let it fall to 0 with half a cosine.",
        ),
        (
            lambda case: right(case, fall=lambda progress: half_cosine(2 * progress)),
            "The rate comes up again: half a cosine is cos(pi x progress).",
        ),
        (
            lambda case: right(case, fall=lambda progress: half_cosine(progress / 2)),
            "The rate does not reach 0: the angle has to go from 0 to pi.",
        ),
        (
            lambda case: right(case, fall=lambda x: 2 * half_cosine(x) - 1),
            "A bare cosine ends at -1, and a negative rate climbs uphill: use "
            "(1 + cos) / 2.",
        ),
        (
            lambda case: right(case, fall=lambda x: 2 * half_cosine(x)),
            "1 + cos starts at 2: halve it.",
        ),
        (
            lambda case: right(case, rise=lambda part: 1.0),
            "The warm-up is missing: below warmup_steps the rate is "
            "peak x step / warmup_steps.",
        ),
        (
            lambda case: right({**case, "step": case["step"] + rising(case)}),
            "The warm-up starts one step early: at step 0 the rate is 0.",
        ),
        (
            lambda case: right({**case, "peak": 1.0}),
            "This is the factor: multiply it by the peak.",
        ),
    ]
    otherwise = (
        "Below warmup_steps: peak x step / warmup_steps. From there on: "
        "peak x (1 + cos(pi x progress)) / 2, with progress from 0 to 1."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
