"""Probe of 5.4, perplexity over padding."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Runs of an evaluation: batches of unlike size and padding; the first is small."""
    rng = np.random.default_rng(seed)
    cases = []
    for digits, time, rows in ((1, 3, (2, 1)), (2, 6, (3, 3, 1)), (2, 5, (2, 4, 1))):
        batches = []
        for scale, n_rows in enumerate(rows, start=2):
            labels = rng.integers(1, 5, (n_rows, time))
            labels[0, 2:] = -100
            labels[-1, 0] = 0  # 0 is a token like any other
            losses = rng.uniform(0.5, scale, labels.shape).round(digits)
            losses = losses.astype(np.float32)
            losses[-1, 1] = 0.0  # a token that the model is sure of
            losses[labels == -100] = 0.0  # as cross_entropy(reduction="none") does
            batches.append({"losses": losses, "labels": labels})
        cases.append({"batches": batches})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with a list of (losses, labels) pairs of tensors."""
    import torch

    def pairs(case: Inputs) -> Any:
        return [
            (torch.from_numpy(batch["losses"]), torch.from_numpy(batch["labels"]))
            for batch in case["batches"]
        ]

    return [target(pairs(case)) for case in inputs["cases"]]


QUESTION = Question(
    id="ex05_4",
    name="perplexity",
    points=2,
    title="perplexity over padding",
    inputs=make_inputs,
    probe=probe,
    allowed=("math", "torch"),
    errors={
        "inhomogeneous": (
            "Batches have unlike shapes and make no array: add up their losses and "
            "tokens, one batch after the other."
        ),
        "single element": (
            "math.exp takes one number: add up the losses with .sum() first."
        ),
        "only one element": (
            "math.exp takes one number: add up the losses with .sum() first."
        ),
        "OverflowError": "exp of a sum overflows: take the mean over tokens first.",
    },
)
