"""Judge of 5.5, the training loop."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_cross_entropy import cross_entropy
from course_utils.checks.judges.ex05_loop import loop_hint
from course_utils.checks.probes.ex05_model import new_model
from course_utils.checks.weights import load_weights

ENOUGH = 1.7  # nats. Right loops end at 1.2 to 1.3, too short ones above 2.0.


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on hidden blocks; from the loss, tell what went wrong."""
    if "weights" not in data:
        kind = data.get("returned", "nothing")
        return wrong("Return the trained model.", returned=kind)
    model = new_model(inputs["model_seed"])
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    load_weights(model, data["weights"])

    new_blocks = inputs["hidden"]["blocks"]
    losses = block_losses(model, new_blocks)
    loss = float(losses.mean())
    if loss < ENOUGH:
        return Verdict(True)
    moved = distance(start, model.state_dict())
    untrained, seen = new_model(inputs["model_seed"]), data["seen"]
    hint = loop_hint(seen, untrained, moved, len(inputs["blocks"]))
    if not hint:
        hint = _rate_hint(loss, moved, seen)
    figures = {key: seen[key] for key in ("steps", "rows_a_pass", "different_blocks")}
    return wrong(hint, loss_on_new_blocks=loss, has_to_be_below=ENOUGH, **figures)


def _rate_hint(loss: float, moved: float, seen: dict[str, Any]) -> str:
    """Say what a loop lacks in which each step is right."""
    if moved > 1.5 or loss > math.log(32) + 0.5:
        return (
            "Each step is right, and the weights are thrown about: the learning rate "
            "is too high. Try 3e-3."
        )
    few = seen["steps"] < 100
    if moved < 0.3:
        more = ", and there are few steps: go through the blocks several times" * few
        return (
            "Each step is right, but the weights have hardly moved: the learning rate "
            f"is too low (try AdamW with 3e-3){more}."
        )
    if few:
        return (
            "The model learns, but stops too early: go through all the blocks several "
            "times, in batches of about 16."
        )
    if seen["rows_a_pass"] < 4:
        return (
            "The batches are very small, so that each step follows the chance of a few "
            "tokens: take about 16 blocks, or a lower rate."
        )
    return (
        "The model learns, but not enough. Most often the learning rate is off (try "
        "3e-3), or the steps are too few: go through all the blocks several times."
    )


def block_losses(model: Any, blocks: np.ndarray, ahead: int = 1) -> np.ndarray:
    """Return each block's mean loss at predicting `ahead` tokens ahead, (n_blocks,)."""
    import torch

    model.eval()
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(blocks)).logits.double().numpy()
    return cross_entropy(logits[:, :-ahead], blocks[:, ahead:]).mean(axis=1)


def distance(start: dict[str, Any], end: dict[str, Any]) -> float:
    """Return how far the weights moved, relative to their size at the start."""
    moved = sum(float((end[name] - start[name]).square().sum()) for name in start)
    return math.sqrt(moved / sum(float(w.square().sum()) for w in start.values()))
