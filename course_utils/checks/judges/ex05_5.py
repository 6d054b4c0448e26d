"""Judge of 5.5, the training loop."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_cross_entropy import cross_entropy
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
    two_ahead = float(block_losses(model, new_blocks, ahead=2).mean())
    easiest = block_losses(model, inputs["blocks"]).min()
    moved = distance(start, model.state_dict())
    if moved == 0:
        hint = (
            "The weights are those of the start: call optimizer.step() after "
            "loss.backward(), and return the model you trained."
        )
    elif two_ahead < min(2.7, loss):
        hint = (
            "The labels are shifted twice: this model predicts the token after the "
            "next. Pass labels=input_ids; the model shifts them itself."
        )
    elif data.get("gradient", 0) > 5:
        hint = (
            "The gradients of all steps pile up: call optimizer.zero_grad() once a "
            "step."
        )
    elif easiest < 0.75 * losses.min():
        hint = (
            "Some training blocks are known by heart, and new ones are not: take "
            "other blocks for every batch, until all of them were used."
        )
    elif moved > 1.5:
        hint = "The weights are thrown about: the learning rate is too high. Try 3e-3."
    elif loss > 2.8:
        hint = (
            "The loss has hardly moved from that of guessing, ln(32) = 3.47: the "
            "learning rate is too low (try 3e-3), or the steps are too few."
        )
    else:
        hint = (
            "The model learns, but stops too early: go through all the blocks several "
            "times."
        )
    return wrong(hint, loss_on_new_blocks=loss, has_to_be_below=ENOUGH)


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
