"""What went wrong in a training loop, from what was seen of it."""

from typing import Any

import numpy as np

# Of a loop's first gradient, how it lies to that of the loss it should have.
DIRECTIONS = {
    -1: (
        "The loss goes up: the first step follows the gradient instead of going "
        "against it. Minimise the loss itself, without a minus and without "
        "maximize=True."
    ),
    2: (
        "The labels are shifted twice: this model is trained to predict the token "
        "after the next. Pass labels=input_ids; the model shifts them itself."
    ),
    0: (
        "Nothing is shifted: each position is asked for the token that it sees. Pass "
        "labels=input_ids to the model, or compare logits[:, :-1] with ids[:, 1:]."
    ),
}


def loop_hint(watched: dict[str, Any], start: Any, moved: float, n_blocks: int) -> str:
    """Return what is established of a loop that failed, or "".

    Args:
        watched: what `Watch.summary` returned.
        start: the model as it was before.
        moved: how far the returned weights are from it.
        n_blocks: how many blocks there are to train on.
    """
    passes, backwards, steps = (watched[k] for k in ("passes", "backwards", "steps"))
    if steps and not watched["same_model"] and moved == 0:
        return (
            "The weights that came back are those of the start, though the model was "
            "trained: return the model that you trained, not a new one or a copy."
        )
    if not passes and not watched["same_model"]:
        return "Another model came back, and the one you were given was never used."
    if not passes:
        return "The model was never called: go through the blocks in batches."
    if not backwards:
        return "No gradient was computed: call loss.backward() on each batch's loss."
    if not steps:
        return (
            "The weights are those of the start: call optimizer.step() after "
            "loss.backward(), with an optimizer over this model's parameters, and "
            "zero_grad() only after the step, or before the backward pass."
        )
    direction = _direction(watched, start)
    if direction:
        return direction
    if watched["uphill"]:
        return DIRECTIONS[-1]
    if backwards > 3 and watched["left_over"] > 0.9 * (backwards - 1):
        return (
            "The gradients of all steps pile up: call optimizer.zero_grad() once a "
            "step."
        )
    if watched["different_blocks"] <= 2 * watched["rows_a_pass"] < n_blocks / 4:
        return (
            "Every batch held the same few blocks: what they teach is known by heart, "
            "and new ones are not. Take other blocks for every batch."
        )
    if watched["different_blocks"] < n_blocks / 4:
        return (
            "Only a small part of the blocks was used: some are known by heart, and "
            "new ones are not. Take other blocks for every batch, until all were used."
        )
    return ""


def _direction(watched: dict[str, Any], start: Any) -> str:
    """Compare the first gradient with those of the loss at other distances."""
    got, ids = watched["first_gradient"].ravel(), watched["first_ids"]
    if ids.ndim != 2 or not np.any(got) or not np.isfinite(got).all():
        return ""

    def cosine(ahead: int) -> float:
        other = _gradient(start, ids, ahead).ravel()
        return float(got @ other / (np.linalg.norm(got) * np.linalg.norm(other)))

    right = cosine(1)
    if right > 0.9:
        return ""
    if right < -0.9:
        return DIRECTIONS[-1]
    return next((DIRECTIONS[n] for n in (2, 0) if cosine(n) > 0.9), "")


def _gradient(model: Any, ids: np.ndarray, ahead: int) -> np.ndarray:
    """Return the positions' gradient of the loss at predicting `ahead` tokens ahead."""
    import torch
    from torch.nn.functional import cross_entropy

    blocks = torch.from_numpy(ids)
    logits = model(input_ids=blocks).logits[:, : blocks.shape[1] - ahead]
    loss = cross_entropy(logits.flatten(0, 1), blocks[:, ahead:].flatten())
    [gradient] = torch.autograd.grad(loss, [model.transformer.wpe.weight])
    return gradient.numpy()
