"""Probe of 10.3, a diagnosis from the curves."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Runs of each kind, and runs that only look like it, in any order."""
    rng = np.random.default_rng(seed)
    nan, inf = math.nan, math.inf
    down = (1, 0.75, 0.6, 0.55)
    parts = (  # of ln(vocab_size)
        ((1, 1.004, 0.998, 1.003), (1, 1.002, 1, 1.001)),  # stuck
        ((1.05, 1, 0.97, 0.96), (1, 1, 0.97, 0.96)),  # stuck, though it has fallen
        ((1, 0.7, 0.5, 0.4), (1, 0.75, 0.7, 0.8)),  # overfit
        ((0.97, 0.7, 0.5, 0.4), (1, 0.6, 0.75, 0.7)),  # overfit, and not at the end
        ((1, 0.8, 1.1, 1.2), (1, 0.85, 1.1, 1.2)),  # diverged
        ((0.6, 0.5, 0.7, 0.8), (0.6, 0.5, 0.55, 0.58)),  # diverged, below guessing
        ((1, 0.94, 0.93, 0.96), (1, 0.94, 0.93, 0.95)),  # stuck again
        (
            (1, 0.5, 0.6, 0.8),
            (1, 0.9, 0.85, 0.82),
        ),  # a rise at the end, below the first
        ((1, nan, 0.99, 0.98), (1, 1, 0.99, 0.98)),  # nan, and stuck
        (down, (1, 0.6, 0.45, 0.4)),  # leak
        ((1, 0.8, nan, nan), (1, 0.85, nan, nan)),
        (down, (1, nan, 0.64, 0.61)),
        ((1, inf, 0.6, 0.55), (1, 0.77, 0.64, 0.61)),
        (down, (1, 0.77, -inf, 0.61)),
        (down, (1, 0.8, 0.7, 0.68)),  # a gap, and still falling
        (down, (1, 0.75, 0.59, 0.53)),  # slightly below
        (down, (1, 0.77, 0.6, 0.61)),  # the last rise is small
        (down, (1, 0.6, 0.7, 0.59)),  # a rise on the way
        (down, (1, 0.4, 0.6, 0.53)),  # below training on the way
        ((1, 0.5, 0.6, 0.62), (1, 0.7, 0.66, 0.65)),  # up again, not above the first
        ((1, 1.3, 0.7, 0.6), (1, 1.2, 0.8, 0.65)),  # up, and down again
        ((0.6, 0.59, 0.585, 0.58), (0.61, 0.6, 0.59, 0.585)),  # pretrained, and slow
        ((1, 0.8, 0.7, 0.65), (1, 0.8, 0.9, 1.05)),  # held-out loss above guessing
        ((1, 0.8, 0.7, 0.65), (1, 0.6, 0.4, 0.46)),  # a leak that rises
        ((0.7, 0.9, 1, 1.1), (0.7, 0.6, 0.8, 0.9)),  # diverged, stuck, leak, overfit
        ((1, 0.8, 0.7, 0.65), (1, 0.9, 0.7, 0.78)),  # overfit within one evaluation
        ((1, 1, 0.99, 0.98), (1, 0.6, 0.7, 0.8)),  # stuck, leak, overfit
    )
    plans: list[tuple[list[float], list[float], int]] = []
    for train, held_out in parts:
        vocab_size = int(rng.integers(3000, 50_000))
        guess = math.log(vocab_size)
        plans.append(
            ([guess * x for x in train], [guess * x for x in held_out], vocab_size)
        )
    # Exactly 0.5 is not more than 0.5.
    plans.append(([8.0, 7.0, 8.5], [8.0, 7.5, 7.5], 50_000))
    plans.append(([8.0, 5.0, 4.0], [8.0, 5.0, 3.5], 50_000))
    order = rng.permutation(len(plans))
    vocab_size = int(rng.integers(3000, 50_000))
    guess = math.log(vocab_size)
    first = [guess * x for x in down], [guess * x for x in (1, 0.77, 0.64, 0.61)]
    plans = [(*first, vocab_size), *(plans[i] for i in order)]
    return {
        "cases": [
            {
                "train": [round(loss, 3) for loss in train],
                "held_out": [round(loss, 3) for loss in held_out],
                "vocab_size": vocab_size,
            }
            for train, held_out, vocab_size in plans
        ]
    }


QUESTION = Question(
    id="ex10_3",
    name="diagnose",
    points=3,
    title="a diagnosis from the curves",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
)
