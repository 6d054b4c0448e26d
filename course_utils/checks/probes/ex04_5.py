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
    """Return the model's gradients after the call, as one array; none as zeros.

    With them: how far the weights moved, how many tokens the largest pass had, and
    whether a second pass began before the first one's backward.
    """
    import torch

    # In float64, so that no rounding hides or makes a difference.
    model = new_model(inputs["model_seed"]).double()
    batches = [
        (torch.from_numpy(batch["input_ids"]), torch.from_numpy(batch["labels"]))
        for batch in inputs["batches"]
    ]
    before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
    passes = Passes(model)
    target(model, batches)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    return {
        "gradient": flat_gradient(model),
        "moved": (after - before).abs().max().item(),
        "most_tokens": passes.most_tokens,
        "at_once": passes.at_once,
    }


class Passes:
    """Watches a model: how large its passes are, and how many wait for backward."""

    def __init__(self, model: Any) -> None:
        self.most_tokens = self.at_once = self.waiting = 0
        model.transformer.register_forward_pre_hook(self.forward, with_kwargs=True)
        model.transformer.wpe.weight.register_hook(self.backward)

    def forward(self, _: Any, arguments: Any, named: Any) -> None:
        """Count a pass."""
        import torch

        ids = named.get("input_ids", arguments[0] if arguments else None)
        if ids is not None:
            self.most_tokens = max(self.most_tokens, ids.numel())
        self.waiting += torch.is_grad_enabled()

    def backward(self, _: Any) -> None:
        """Count what waited, now that a gradient has come back."""
        self.at_once, self.waiting = max(self.at_once, self.waiting), 0


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
    may_return_none=True,
    allowed=("torch.nn.functional.cross_entropy", "model(..., labels=...)"),
    errors={
        "Sizes of tensors must match": (
            "The batches do not fit together into one, and would not fit into "
            "memory: go through them one by one."
        ),
        "does not require grad": (
            "The loss carries no gradient: no torch.no_grad(), .item() or "
            ".detach() before backward()."
        ),
        "backward through the graph a second time": (
            "Call backward() once for each batch, on its own loss."
        ),
    },
)
