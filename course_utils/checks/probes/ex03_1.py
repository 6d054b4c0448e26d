"""Probe of 3.1, the parameters, counted."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Sizes that share no factor by chance; tied and untied."""
    rng = np.random.default_rng(seed)
    cases = []
    for tied in (True, False) * 7:
        case = {
            "vocab_size": int(rng.integers(100, 1000)),
            "n_positions": int(rng.integers(16, 99)),
            "n_embd": int(8 * rng.integers(2, 12)),
            "n_layer": int(rng.integers(2, 9)),
        }
        cases.append({**case, "tied": tied})
    return {"cases": cases}


QUESTION = Question(
    id="ex03_1",
    name="count_parameters",
    points=2,
    title="the parameters, counted",
    inputs=make_inputs,
    probe=each_case,
    forbidden=("course_utils.model.planner.parameters",),
    errors={
        "divisible by num_heads": (
            "A model is built, with heads that do not share its width: compute the "
            "number from the sizes."
        ),
    },
)
