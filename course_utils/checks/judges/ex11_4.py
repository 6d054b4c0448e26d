"""Judge of 11.4, fine-tuning."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_5 import distance
from course_utils.checks.probes.ex11_4 import TRAINING, new_model
from course_utils.checks.probes.ex11_token_ids import END
from course_utils.checks.weights import load_weights

if TYPE_CHECKING:
    import torch

Row = dict[str, Any]

PART_OF_THE_ROWS = (
    "Only a part of the rows was used: some are known by heart, and new ones are not. "
    "Take other rows in each step, until all were used."
)

# Nats on new summaries: right answers end below 0.4, wrong ones above 1.7.
LEARNT = 0.7

# Nats on new prompts: ln(40) = 3.7 is guessing, who has learnt them reaches 1.4.
GUESSED = 2.5


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on new rows; from the losses, tell what went wrong."""
    if "weights" not in data:
        return wrong("Return the trained model.", returned=data.get("returned"))
    model = new_model(inputs["model_seed"])
    load_weights(model, data["weights"])

    loss = losses(model, inputs["hidden"]["rows"])
    if loss["summary"] < LEARNT and loss["prompt"] > GUESSED:
        return as_told(data["seen"], different(inputs["rows"]))
    start_model = new_model(inputs["model_seed"])
    at_start = start_model.half().float().state_dict()  # rounded, as what has crossed
    moved = distance(at_start, model.state_dict())
    hint = (
        run_hint(data["seen"], moved, inputs)
        or learnt_hint(model, inputs, loss)
        or rate_hint(data["seen"], moved)
    )
    return wrong(
        hint,
        loss_on_new_summaries=loss["summary"],
        has_to_be_below=LEARNT,
        loss_on_their_prompts=loss["prompt"],
        steps=data["seen"]["steps"],
        rows_in_a_batch=data["seen"]["rows_a_pass"],
        different_rows=data["seen"]["different_blocks"],
    )


def as_told(seen: Row, n_rows: int) -> Verdict:
    """Judge a model that has learnt: was it the one given, trained as the text says?"""
    figures = {"steps": seen["steps"], "rows_in_a_batch": seen["rows_a_pass"]}
    told = {"steps_told": TRAINING["steps"], "batch_size": TRAINING["batch_size"]}
    if not seen["same_model"]:
        return wrong(
            "Train the model that you are given in place, and return it itself."
        )
    if not 0.95 <= seen["steps"] / TRAINING["steps"] <= 1.05:
        hint = "Take as many steps as you are told, no more and no fewer."
        return wrong(hint, **told, **figures)
    rows = seen["rows_a_pass"] * seen["backwards"] / max(1, seen["steps"])
    if not 0.9 <= rows / TRAINING["batch_size"] <= 1.1:
        return wrong("Each step has to learn from batch_size rows.", **told, **figures)
    if not seen["different_blocks"] > 0.9 * n_rows:
        used = seen["different_blocks"]
        return wrong(PART_OF_THE_ROWS, rows=n_rows, used=used)
    return Verdict(True)


def different(rows: list[Row]) -> int:
    """Return how many different rows there are."""
    return len({tuple(row["input_ids"]) for row in rows})


def climbs(seen: Row, inputs: Inputs) -> bool:
    """Return whether the first gradient is that of minus the loss."""
    import torch

    by_ids = {
        np.trim_zeros(np.array(row["input_ids"]), "b").tobytes(): row["labels"]
        for row in inputs["rows"]
    }
    ids, got = np.array(seen["first_ids"]), np.ravel(seen["first_gradient"])
    labels = np.full(ids.shape, -100)
    for row, of_row in zip(ids, labels, strict=True):
        found = by_ids.get(np.trim_zeros(row, "b").tobytes(), [])
        of_row[: len(found)] = found
    if not (labels != -100).any() or not np.isfinite(got).all() or not got.any():
        return False
    model = new_model(inputs["model_seed"])
    loss = model(input_ids=torch.tensor(ids), labels=torch.tensor(labels)).loss
    weight = model.get_parameter("transformer.wpe.weight")
    [gradient] = torch.autograd.grad(loss, [weight])
    right = gradient.numpy().ravel()
    return bool(got @ right < -0.9 * np.linalg.norm(got) * np.linalg.norm(right))


def run_hint(seen: Row, moved: float, inputs: Inputs) -> str:
    """Return what is established of a run that failed, as it was seen, or ""."""
    steps, batch = TRAINING["steps"], TRAINING["batch_size"]
    if not moved and not seen["passes"]:
        return (
            "The weights are those of the start, and the model that you are given was "
            "never called: train it in place, not a copy of it."
        )
    if not moved and not seen["same_model"]:
        return "The weights are those of the start: return the model that is trained."
    if not moved:
        return (
            "The weights are those of the start: call optimizer.step() after "
            "backward(), with an optimizer over this model's parameters."
        )
    if not seen["passes"]:
        return (
            "The model that you are given was never called: train it in place, not a "
            "copy and not a new one."
        )
    if seen["uphill"] or climbs(seen, inputs):
        return (
            "The loss goes up: the first step follows the gradient instead of going "
            "against it. Minimise the loss itself, without a minus."
        )
    if seen["backwards"] > 3 and seen["left_over"] > 0.9 * (seen["backwards"] - 1):
        return "The gradients of all steps pile up: call zero_grad() after each step."
    if seen["different_blocks"] <= 2 * batch:
        return "Only the first rows were learnt: take other rows in each step."
    if seen["different_blocks"] < different(inputs["rows"]) / 4:
        return PART_OF_THE_ROWS
    if seen["rows_a_pass"] < batch / 2:
        return (
            "The batches are smaller than batch_size: give it to "
            "per_device_train_batch_size, or draw that many rows for each step."
        )
    if seen["steps"] < 0.8 * steps:
        return (
            "There are fewer steps than you are told to take: pass steps on as "
            "max_steps, and go through the rows again when they run out."
        )
    return ""


def learnt_hint(model: "torch.nn.Module", inputs: Inputs, loss: Row) -> str:
    """Return what the model has learnt instead of the summaries, or ""."""
    if loss["prompt"] < GUESSED:
        return (
            "The prompts were learnt too: give the model the rows' own labels, in "
            "which they are -100."
        )
    if loss["words"] < LEARNT:
        return (
            "The summaries' words are learnt, but not where they end: the end of text "
            "needs its label. Make the mask from lengths, not from the padding token."
        )
    if losses(model, inputs["hidden"]["rows"], ahead=2)["summary"] < LEARNT:
        return (
            "The labels are shifted twice: this model predicts the token after the "
            "next. Pass the labels as they are."
        )
    if losses(model, inputs["hidden"]["rows"], ahead=0)["summary"] < LEARNT:
        return (
            "Nothing is shifted: this model predicts the token that it sees. Pass the "
            "labels to the model, or compare logits[:, :-1] with labels[:, 1:]."
        )
    return ""


def rate_hint(seen: Row, moved: float) -> str:
    """Return what a run lacks in which nothing else was found."""
    if moved < 0.3:
        return (
            "Hardly anything is learnt: the weights have moved little. Use the "
            "learning_rate that you are given, and pass it on."
        )
    if moved > 2:
        return (
            "The weights are thrown about: the learning rate is higher than the one "
            "you are given, or the gradients are not set to zero after each step."
        )
    return (
        "The model learns, but not enough. Mostly the learning rate is not the one "
        "that you are given, or rows, mask and labels of a batch do not belong "
        "together."
    )


def losses(model: "torch.nn.Module", rows: list[Row], ahead: int = 1) -> Row:
    """Return the mean losses in nats on summaries, their words alone, and prompts."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(row["input_ids"]) for row in rows)

    def stack(name: str, filler: int) -> "torch.Tensor":
        padded = [row[name] + [filler] * (width - len(row[name])) for row in rows]
        return torch.tensor(padded)

    ids, labels = stack("input_ids", END), stack("labels", -100)[:, ahead:]
    real = stack("input_ids", -100) != -100
    with torch.no_grad():
        logits = model.eval()(input_ids=ids, attention_mask=real.long()).logits
    logits = logits[:, : logits.shape[1] - ahead].transpose(1, 2)
    loss = cross_entropy(logits, ids[:, ahead:], reduction="none")
    parts = {
        "summary": labels != -100,
        "words": (labels != -100) & (labels != END),
        "prompt": (labels == -100) & real[:, ahead:],
    }
    return {name: float(loss[part].mean()) for name, part in parts.items()}
