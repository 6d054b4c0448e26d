"""Probe of 5.1, effective batch size and steps."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Block counts that divide by the effective batch, leave 1 over, and lack 1.

    In the last case a batch and a block are left over.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for left_over in (0, 1, -1, None):
        sizes = {
            # No two of them are equal, so that it shows which one is missing.
            "batch_size": int(rng.choice([8, 12, 16])),
            "accumulation": int(rng.choice([3, 5, 6])),
            "processes": int(rng.choice([2, 4, 7])),
        }
        full_steps = int(rng.integers(5, 60))
        rest = sizes["batch_size"] + 1 if left_over is None else left_over
        n_blocks = math.prod(sizes.values()) * full_steps + rest
        cases.append({"n_blocks": n_blocks, **sizes})
    return {"cases": cases}


QUESTION = Question(
    id="ex05_1",
    name="steps_per_epoch",
    points=1,
    title="effective batch size and steps",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
)
