"""Probe of 10.3, a diagnosis from the curves."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Runs of each kind, and runs that only look like it; parts of ln(vocab_size)."""
    rng = np.random.default_rng(seed)
    nan, inf = math.nan, math.inf
    down = (1, 0.75, 0.6, 0.55)
    plans = (
        (down, (1, 0.77, 0.64, 0.61)),  # fine
        ((1, 1.004, 0.998, 1.003), (1, 1.002, 1, 1.001)),  # stuck
        ((1, 0.7, 0.5, 0.4), (1, 0.75, 0.7, 0.8)),  # overfit
        ((1, 0.8, 1.1, 1.2), (1, 0.85, 1.1, 1.2)),  # diverged
        (down, (1, 0.6, 0.45, 0.4)),  # leak
        ((1, 0.8, nan, nan), (1, 0.85, nan, nan)),
        (down, (1, nan, 0.64, 0.61)),
        ((1, inf, 0.6, 0.55), (1, 0.77, 0.64, 0.61)),
        (down, (1, 0.8, 0.7, 0.68)),  # a gap, and still falling
        (down, (1, 0.75, 0.59, 0.53)),  # slightly below
        (down, (1, 0.77, 0.6, 0.61)),  # the last rise is small
        ((1, 0.5, 0.6, 0.62), (1, 0.7, 0.66, 0.65)),  # up again, not above the first
        ((1, 0.8, 0.7, 0.65), (1, 0.8, 0.9, 1.05)),  # held-out loss above guessing
        ((1, 0.8, 0.7, 0.65), (1, 0.6, 0.4, 0.46)),  # a leak that rises
    )
    cases = []
    for train, held_out in plans:
        vocab_size = int(rng.integers(600, 50_000))
        guess = math.log(vocab_size)
        cases.append(
            {
                "train": [round(guess * x, 3) for x in train],
                "held_out": [round(guess * x, 3) for x in held_out],
                "vocab_size": vocab_size,
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex10_3",
    name="diagnose",
    points=3,
    title="a diagnosis from the curves",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
)
