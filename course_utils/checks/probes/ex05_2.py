"""Probe of 5.2, labels, shift and loss."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """A case small enough to read, and one whose rows have unlike numbers of -100."""
    rng = np.random.default_rng(seed)
    small, big = [
        {
            "logits": rng.normal(0, 2, shape).astype(np.float32).round(1),
            "labels": rng.integers(0, shape[2], shape[:2]),
        }
        for shape in ((1, 4, 3), (2, 8, 11))
    ]
    big["labels"][0, [3, 6]] = 0  # a token like any other
    small["labels"][0, 3] = rng.integers(1, 3)  # what counts is not that token alone
    small["labels"][0, 2] = big["labels"][0, :2] = big["labels"][1, 4:] = -100
    return {"cases": [small, big]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each loss, its gradient for the logits, and the labels afterwards."""
    import torch

    losses, gradients, after = [], [], []
    for case in inputs["cases"]:
        logits = torch.from_numpy(case["logits"]).requires_grad_()
        labels = torch.from_numpy(case["labels"].copy())
        loss = target(logits, labels)
        losses.append(loss)
        after.append(labels)
        if isinstance(loss, torch.Tensor) and loss.requires_grad and loss.numel() == 1:
            loss.backward()
        gradient = logits.grad
        gradients.append(torch.zeros_like(logits) if gradient is None else gradient)
    return {"losses": losses, "gradients": gradients, "labels": after}


QUESTION = Question(
    id="ex05_2",
    name="causal_loss",
    points=2,
    title="labels, shift and loss",
    inputs=make_inputs,
    probe=probe,
    allowed=("torch.nn.functional.cross_entropy",),
    forbidden=("transformers.loss.loss_utils.ForCausalLMLoss",),
    errors={
        "Expected floating point type for target": (
            "cross_entropy takes the logits first, then the labels."
        ),
        "not implemented for 'Long'": (
            "cross_entropy takes the logits first, then the labels."
        ),
        "must be non-negative": "-100 is no class: leave those positions out first.",
        "out of bounds": "-100 is no index: leave those positions out first.",
        "to match target": "Cut logits and labels to the same time - 1 positions.",
        "target size": (
            "cross_entropy wants logits (n, vocabulary) and labels (n,): flatten both."
        ),
        "requires grad": (
            "NumPy takes no tensor with a gradient, and gives none back: stay with "
            "PyTorch, without .detach()."
        ),
        "view size": "A cut tensor is not contiguous: flatten it with reshape.",
    },
)
