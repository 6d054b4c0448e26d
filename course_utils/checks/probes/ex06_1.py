"""Probe of 6.1, a fair budget."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Budgets that divide evenly, that leave a little over, and that lack a little."""
    rng = np.random.default_rng(seed)
    # In the first, steps differ by a whole factor, so that floats are exact too.
    plans = (((4, 8), 2, 0, 0), ((5, 7), 6, 0.05, 0.45), ((5, 7), 7, 0.55, 0.95))
    cases = []
    for batch_sizes, accumulation, low, high in plans * 2:
        run = {
            "batch_size": int(rng.choice([16, 32])),
            "accumulation": int(rng.integers(2, 5)),
            "block_size": int(rng.choice([128, 256])),
        }
        other = {
            "batch_size": int(rng.choice(batch_sizes)),
            "accumulation": accumulation,
            "block_size": int(rng.choice([64, 96])),
        }
        tokens, per_step = math.prod(run.values()), math.prod(other.values())
        steps = np.arange(100, 2_000)
        rest = steps * tokens % per_step / per_step
        steps = int(rng.choice(steps[(low <= rest) & (rest <= high)]))
        cases.append({"run": {"steps": steps, **run}, "other": other})
    return {"cases": cases}


QUESTION = Question(
    id="ex06_1",
    name="steps_for_same_tokens",
    points=1,
    title="a fair budget",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
    errors={
        "KeyError: 'steps'": "`other` has no steps yet: they are what you compute.",
    },
)
