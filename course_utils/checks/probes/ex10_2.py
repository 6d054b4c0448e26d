"""Probe of 10.2, the first step that explodes."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

CALM = (0.9375, 1.0, 1.0625)  # norms that nothing happens at
nan, inf = math.nan, math.inf
# Norms, window and factor. Before those of LATER some calm steps may stand.
EARLY = (
    ((1.125, 0.875, 1, 1.25, 6.5, 1, 1.125), 3, 5),
    ((0.25, 0.875, 1, 1.125, 1, 1.125, 3.625, 1), 4, 3),
    ((1, 1.125, 1, 5, 1.25, 1, 1), 3, 4),
    ((1, 1.125, inf, 1, 1.25, 1.125), 4, 5),
    ((1, nan, 1, 1, 1, 1.125), 4, 5),
    ((1, 1.25, 1.125, 1.375, 1, 0.875), 3, 4),
    ((1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 30), 3, 4),  # it rises slowly
    ((1, 1, 6), 5, 4),  # fewer norms than a window holds
    ((6, 1, 1.125, 1, 6, 1, 1), 3, 4),  # the same norm before, which is not judged
    ((1, 1.125, 1, 6, 1, 1, 1), 4, 3),  # high before the window is full
)
LATER = (
    ((1, 1.125, 0.875, 1, 1.0625, 3.875, 3.75, 1, 1, 1.125, 4.625, 1, 1), 5, 4),
    ((1, 1, 1, 4, 1), 2, 3),
    ((1, 1.125, 0.875, 1, 0.25, 1, 1.125, 3.5, 1), 3, 3),
    ((1, 1, 1, 1, 2.625, 6, 1), 3, 3),
    ((1, 1.125, 1, 1.25, nan), 3, 5),
    ((1, 1, 1, 1, 4, 1, 4.125), 3, 4),  # exactly the limit, and then more
    # Six in a row, half of them high: the median lies between the two in the middle.
    ((1, 1, 1, 2, 2, 2, 5, 1, 1), 6, 3),
    ((1, 1, 1, 2, 2, 2, 3.75, 1, 1, 1, 9), 6, 3),
    ((1, 1, 2, 2, 5, 1, 30), 3, 3),  # one norm more makes the median lower
    ((1, 1, 1, 8, 1, 1, 1, 9), 3, 4),  # two of them
    ((1, 1, 1, 6, 1, nan, 1), 3, 4),  # two kinds, and NaN comes later
)
FALLING = (10, 9, 8, 7, 5, 3, 2, 1, 1, 1, 1, 1, 1, 1, 6, 1)


def make_inputs(seed: int) -> Inputs:
    """Norms that separate the median of a window from what is often taken instead.

    They are multiples of 1/64, so that a median and a limit have no rounding error.
    """
    rng = np.random.default_rng(seed)
    scale = int(rng.integers(8, 40)) / 8

    def led(norms: tuple[float, ...]) -> tuple[float, ...]:
        return (*rng.choice(CALM, int(rng.integers(0, 16))).tolist(), *norms)

    plans = [
        *EARLY,
        *((led(norms), window, factor) for norms, window, factor in LATER),
        ((10,) * int(rng.integers(0, 9)) + FALLING, 4, 5),
    ]
    return {
        "cases": [
            {
                "norms": [scale * norm for norm in norms],
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
