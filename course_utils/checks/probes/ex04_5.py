"""Probe of 4.5, gradients of unequal batches."""

from typing import Any

import numpy as np

from course_utils.checks.contract import (
    Inputs,
    Question,
)
from course_utils.checks.probes.ex05_model import new_model


def make_inputs(seed: int) -> Inputs:
    """Three batches with 1, some and many labels to predict, of unlike length."""
    rng = np.random.default_rng(seed)
    batches = []
    for n_rows, time, prompt in ((1, 6, 5), (2, 9, 4), (3, 16, 0)):
        input_ids = rng.integers(0, 32, (n_rows, time))
        labels = input_ids.copy()
        labels[:, :prompt] = -100
        labels[-1, -2:] = -100 if n_rows > 1 else labels[-1, -2:]
        batches.append({"input_ids": input_ids, "labels": labels})
    order = rng.permutation(3)
    model_seed = int(rng.integers(2**31))
    return {"model_seed": model_seed, "batches": [batches[i] for i in order]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the model's gradients after the call, as one array; none as zeros."""
    import torch

    # In float64, so that no rounding hides or makes a difference.
    model = new_model(inputs["model_seed"]).double()
    batches = [
        (torch.from_numpy(batch["input_ids"]), torch.from_numpy(batch["labels"]))
        for batch in inputs["batches"]
    ]
    target(model, batches)
    return flat_gradient(model)


def flat_gradient(model: Any) -> np.ndarray:
    """Return the gradients of all parameters in one array; none count as zeros."""
    gradients = [
        (p.new_zeros(p.shape) if p.grad is None else p.grad).flatten().numpy()
        for p in model.parameters()
    ]
    return np.concatenate(gradients)


QUESTION = Question(
    id="ex04_5",
    name="accumulate",
    points=3,
    title="gradients of unequal batches",
    inputs=make_inputs,
    probe=probe,
    in_place=True,
    allowed=("torch.nn.functional.cross_entropy", "model(..., labels=...)"),
    errors={
        "Sizes of tensors must match": (
            "The batches do not fit together into one, and would not fit into "
            "memory: go through them one by one."
        ),
        "backward through the graph a second time": (
            "Call backward() once for each batch, on its own loss."
        ),
    },
)
