"""Probe of 8.4, perplexity of a long text."""

from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Texts whose last window is full, shorter, or the only one."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {"input_ids": rng.integers(0, 50, n).tolist()}
            | {"block_size": size, "stride": stride}
            for n, size, stride in (
                (8, 4, 2),
                (17, 6, 4),
                (21, 8, 3),
                (5, 6, 2),
                (14, 6, 4),
            )
        ]
    }


def losses_of(ids: list[int]) -> list[float]:
    """Return a loss of each token but the first: lower with more tokens before it."""
    return [
        (7 * token + 3 * before) % 11 / 5 + 2 / place
        for place, (before, token) in enumerate(pairwise(ids), 1)
    ]


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with a function in the place of a model."""
    return [target(losses_of, *case.values()) for case in inputs["cases"]]


QUESTION = Question(
    id="ex08_4",
    name="sliding_perplexity",
    points=3,
    title="perplexity of a long text",
    inputs=make_inputs,
    probe=probe,
    allowed=("math", "numpy"),
    errors={
        "ZeroDivisionError": (
            "No token is scored. A text may be shorter than a block: its window holds "
            "as many tokens as there are."
        ),
        "OverflowError": "exp of a sum overflows: take the mean over tokens first.",
    },
)
