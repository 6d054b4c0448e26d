"""Probe of 5.1, effective batch size and steps."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Block counts that divide by the effective batch, leave 1 over, and lack 1.

    Then a batch and a block are left over, and then all passes of a step but one.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for left_over in (0, 1, -1, "batch", "passes"):
        sizes = {
            # No two of them are equal, so that it shows which one is missing.
            "batch_size": int(rng.choice([8, 12, 16])),
            "accumulation": int(rng.choice([3, 5, 6])),
            "processes": int(rng.choice([2, 4, 7])),
        }
        full_steps = int(rng.integers(5, 60))
        a_pass = sizes["batch_size"] * sizes["processes"]
        rests = {
            "batch": sizes["batch_size"] + 1,
            "passes": a_pass * (sizes["accumulation"] - 1),
        }
        rest = rests.get(left_over, left_over)
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
