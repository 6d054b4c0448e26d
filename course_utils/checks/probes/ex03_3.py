"""Probe of 3.3, query, key and value, by heads."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Vectors whose numbers tell where they stood."""
    rng = np.random.default_rng(seed)
    cases = []
    for batch, time, n_head, head_dim in ((1, 2, 2, 2), (2, 3, 4, 2)):
        shape = batch, time, 3 * n_head * head_dim
        numbers = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        first = np.float32(rng.integers(1, 10_000))
        cases.append({"qkv": numbers + first, "n_head": n_head})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the three tensors of each case."""
    import torch

    cases = inputs["cases"]
    return [target(torch.from_numpy(case["qkv"]), case["n_head"]) for case in cases]


QUESTION = Question(
    id="ex03_3",
    name="split_heads",
    points=2,
    title="query, key and value, by heads",
    inputs=make_inputs,
    probe=probe,
    errors={
        "values to unpack": (
            "split(n) cuts into pieces of n numbers: chunk(3, dim=-1) cuts into three."
        ),
        "is invalid for input": (
            "The sizes do not come out: query, key and value have n_embd numbers each, "
            "a third of the last dimension, and head_dim = n_embd / n_head."
        ),
        "Split sizes": (
            "split(n) cuts into pieces of n numbers: chunk(3, dim=-1) cuts into three."
        ),
        "view size": (
            "A head is a piece of the last dimension: cut that one, into (batch, "
            "time, n_head, head_dim), and then transpose."
        ),
    },
)
