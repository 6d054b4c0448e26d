"""Probe of 10.5, attention with grouped queries."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Groups of two and of three query heads."""
    rng = np.random.default_rng(seed)
    cases = []
    for batch, heads, kv_heads, time, dim in ((1, 4, 2, 3, 2), (2, 6, 2, 5, 8)):
        shapes = {"q": heads, "k": kv_heads, "v": kv_heads}
        cases.append(
            {
                name: rng.normal(0, 1.5, (batch, n, time, dim))
                .astype(np.float32)
                .round(1)
                for name, n in shapes.items()
            }
        )
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with tensors."""
    import torch

    return [
        target(*(torch.from_numpy(array.copy()) for array in case.values()))
        for case in inputs["cases"]
    ]


QUESTION = Question(
    id="ex10_5",
    name="grouped_attention",
    points=3,
    title="attention with grouped queries",
    inputs=make_inputs,
    probe=probe,
    allowed=("torch",),
    forbidden=("torch.nn.functional.scaled_dot_product_attention",),
    errors={
        "must match the size": (
            "Print the shapes. k and v need as many heads as the queries have, so "
            "heads // kv_heads copies of each; and the transpose of k exchanges its "
            "last two dimensions alone."
        ),
    },
)
