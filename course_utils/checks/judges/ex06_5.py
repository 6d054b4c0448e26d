"""Judge of 6.5, learn the new, keep the old."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.probes.ex06_model import new_model
from course_utils.checks.weights import load_weights

# Nats, on both languages. Right answers end at 1.3 to 1.4, wrong ones above 2.8.
ENOUGH = 1.9


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on hidden blocks of both languages."""
    if "weights" not in data:
        kind = data.get("returned", "nothing")
        return wrong("Return the fine-tuned model.", returned=kind)
    model = new_model(inputs["model_seed"])
    load_weights(model, data["weights"])
    old = block_loss(model, inputs["hidden"]["old"])
    new = block_loss(model, inputs["hidden"]["new"])
    if max(old, new) < ENOUGH:
        return Verdict(True)
    if new < ENOUGH:
        hint = (
            "The new text is learned and the old one forgotten. A lower rate only "
            "puts that off: put some old blocks into every batch."
        )
    elif old < ENOUGH and new > 4.16:
        hint = (
            "The new text is as strange to the model as before: every batch needs new "
            "blocks, each step optimizer.step(), and a rate near 3e-3."
        )
    elif old < ENOUGH:
        hint = (
            "The old text is kept, and the new one not learned well enough: take more "
            "steps, with new blocks in every batch until the end."
        )
    elif old > 3 and new > 3:
        hint = (
            "The model knows neither text now: the learning rate is too high. Try 3e-3."
        )
    else:
        hint = (
            "The old text is forgotten, and the new one not learned yet: mix both in "
            "every batch, and take more steps."
        )
    return wrong(
        hint, loss_on_old_text=old, loss_on_new_text=new, have_to_be_below=ENOUGH
    )


def block_loss(model: Any, blocks: np.ndarray) -> float:
    """Return the mean loss of a model on blocks, in nats."""
    import torch

    model.eval()
    ids = torch.from_numpy(blocks)
    with torch.no_grad():
        return float(model(input_ids=ids, labels=ids).loss)
