"""Probe of 10.2, the first step that explodes."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Norms that separate the median of a window from what is often taken instead."""
    scale = float(np.random.default_rng(seed).uniform(0.5, 2))
    nan, inf = math.nan, math.inf
    plans = (
        ((1.1, 0.9, 1, 1.2, 6.5, 1, 1.1), 3, 5),
        ((1, 1.1, 0.9, 1, 1.05, 3.9, 3.8, 1, 1, 1.1, 4.6, 1, 1), 5, 4),
        ((1, 1, 1, 4, 1), 2, 3),
        ((1, 1.1, 0.9, 1, 0.2, 1, 1.1, 3.5, 1), 3, 3),
        ((1, 1, 1, 1, 2.6, 6, 1), 3, 3),
        ((10, 9, 8, 7, 5, 3, 2, 1, 1, 1, 1, 1, 1, 1, 6, 1), 4, 5),
        ((0.2, 0.9, 1, 1.1, 1, 1.1, 3.6, 1), 4, 3),
        ((1, 1.1, 1, 5, 1.2, 1, 1), 3, 4),
        ((1, 1.2, 1.1, 1.3, 1, 0.9), 3, 4),
        ((1, 1.1, 1, 1.2, nan), 3, 5),
        ((1, 1.1, inf, 1, 1.2, 1.1), 4, 5),
        ((1, nan, 1, 1, 1, 1.1), 4, 5),
    )
    return {
        "cases": [
            {
                "norms": [round(scale * norm, 3) for norm in norms],
                "window": window,
                "factor": float(factor),
            }
            for norms, window, factor in plans
        ]
    }


QUESTION = Question(
    id="ex10_2",
    name="first_explosion",
    points=2,
    title="the first step that explodes",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math", "statistics", "numpy"),
    errors={
        "no median for empty data": (
            "The first `window` steps have no full window before them."
        ),
    },
)
