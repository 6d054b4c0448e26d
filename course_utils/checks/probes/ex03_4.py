"""Probe of 3.4, causal attention."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """One head and three tokens to read; three heads, whose width is not their sum."""
    rng = np.random.default_rng(seed)
    cases = []
    for shape in ((1, 1, 3, 2), (2, 3, 5, 4)):
        numbers = rng.normal(0, 2, (3, *shape)).astype(np.float32).round(1)
        cases.append(dict(zip(("query", "key", "value"), numbers, strict=True)))
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return output and weights of each case."""
    import torch

    return [target(*map(torch.from_numpy, case.values())) for case in inputs["cases"]]


QUESTION = Question(
    id="ex03_4",
    name="causal_attention",
    points=3,
    title="causal attention",
    inputs=make_inputs,
    probe=probe,
    allowed=("torch",),
    errors={
        "must match": (
            "Transpose the last two dimensions of the key: (..., head_dim, time)."
        ),
        "Expected size": (
            "Transpose the last two dimensions of the key: (..., head_dim, time)."
        ),
    },
)
