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
    small["labels"][0, 2] = big["labels"][0, :2] = big["labels"][1, 4:] = -100
    return {"cases": [small, big]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each loss, and whether a gradient can flow from it."""
    import torch

    losses, trainable = [], []
    for case in inputs["cases"]:
        logits = torch.from_numpy(case["logits"]).requires_grad_()
        loss = target(logits, torch.from_numpy(case["labels"]))
        losses.append(loss)
        trainable.append(bool(getattr(loss, "requires_grad", False)))
    return {"losses": losses, "trainable": trainable}


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
        "out of bounds": "-100 is no index: leave those positions out first.",
        "to match target": "Cut logits and labels to the same time - 1 positions.",
        "target size": (
            "cross_entropy wants logits (n, vocabulary) and labels (n,): flatten both."
        ),
        "view size": "A cut tensor is not contiguous: flatten it with reshape.",
    },
)
