"""Judge of 6.5, learn the new, keep the old."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_5 import distance
from course_utils.checks.judges.ex05_loop import loop_hint
from course_utils.checks.probes.ex06_model import new_model
from course_utils.checks.weights import load_weights

# Nats, on both languages. Right answers end at 1.3 to 1.4, wrong ones above 2.8.
ENOUGH = 1.9
GUESSING = math.log(64)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on hidden blocks of both languages."""
    if "weights" not in data:
        kind = data.get("returned", "nothing")
        return wrong("Return the fine-tuned model.", returned=kind)
    model = new_model(inputs["model_seed"])
    load_weights(model, data["weights"])
    old = block_loss(model, inputs["hidden"]["old"])
    new = block_loss(model, inputs["hidden"]["new"])
    if old < ENOUGH and new < ENOUGH:
        return Verdict(True)
    start, seen = new_model(inputs["model_seed"]), data["seen"]
    load_weights(start, data["start"])
    moved = distance(start.state_dict(), model.state_dict())
    hint = loop_hint(seen, start, moved, 384) or _balance_hint(old, new, moved, seen)
    figures = {"steps": seen["steps"], "batches_with_both": seen["mixed"]}
    return wrong(
        hint,
        loss_on_old_text=old,
        loss_on_new_text=new,
        have_to_be_below=ENOUGH,
        **figures,
    )


def _balance_hint(old: float, new: float, moved: float, seen: dict[str, Any]) -> str:
    """Say what a loop lacks in which each step is right."""
    mixed = seen["mixed"] > seen["passes"] / 2
    if moved > 3 or min(old, new) > GUESSING:
        return (
            "The model knows neither text now, and its weights are thrown about: the "
            "learning rate is too high. Try 3e-3."
        )
    if not seen["new"]:
        return "No batch held new blocks: every batch needs new blocks, and old ones."
    if new < ENOUGH:
        more = "take more of them" if mixed else "put some old blocks into every batch"
        return (
            "The new text is learned and the old one forgotten. A lower rate only "
            f"puts that off: {more}."
        )
    if moved < 0.05:
        return (
            "The weights have hardly moved: the learning rate is too low. Try AdamW "
            "with 3e-3, and new and old blocks in every batch."
        )
    if seen["new"] < seen["passes"]:
        return (
            "The new text is not learned, or was and is forgotten again: every batch "
            "needs new blocks, until the end."
        )
    if old < ENOUGH:
        return (
            "The old text is kept, and the new one not learned well enough: take more "
            "steps, with a rate near 3e-3."
        )
    if mixed:
        return (
            "Neither text is known well enough yet: take more steps (160 of 16 blocks "
            "are enough), with a rate near 3e-3."
        )
    return (
        "The old text is forgotten, and the new one not learned yet: mix both in "
        "every batch, and take more steps."
    )


def block_loss(model: Any, blocks: np.ndarray) -> float:
    """Return the mean loss of a model on blocks, in nats."""
    import torch

    model.eval()
    ids = torch.from_numpy(blocks)
    with torch.no_grad():
        return float(model(input_ids=ids, labels=ids).loss)
