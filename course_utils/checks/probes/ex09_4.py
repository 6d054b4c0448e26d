"""Probe of 9.4, batches of like length."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Requests of unlike length, equal ones among them, and batches just full."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths, max_tokens in (
        ([7, 3, 9, 3, 5, 6], 18),
        ([4, 4, 6, 6, 6, 1, 2], 12),
        ([2, 2, 2, 12, 5, 5, 11, 4], 24),
        ([10] * 5, 20),
        (rng.integers(4, 40, 15), 100),
    ):
        order = rng.permutation(lengths).tolist()
        cases.append({"lengths": order, "max_tokens": max_tokens})
    return {"cases": cases}


QUESTION = Question(
    id="ex09_4",
    name="make_batches",
    points=2,
    title="batches of like length",
    inputs=make_inputs,
    probe=each_case,
)
