"""Judge of 11.4, fine-tuning."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.probes.ex11_4 import TRAINING, new_model
from course_utils.checks.probes.ex11_token_ids import END
from course_utils.checks.weights import load_weights

if TYPE_CHECKING:
    import torch

Row = dict[str, Any]

# Nats on new summaries: right answers end below 0.4, wrong ones above 1.7.
LEARNT = 0.7

# Nats on new prompts: ln(40) = 3.7 is guessing, who has learnt them reaches 1.4.
GUESSED = 2.5


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on new rows; from the losses, tell what went wrong."""
    if "weights" not in data:
        return wrong("Return the trained model.", returned=data.get("returned"))
    model = new_model(inputs["model_seed"])
    start = {name: w.half().numpy() for name, w in model.state_dict().items()}
    load_weights(model, data["weights"])

    loss = losses(model, inputs["hidden"]["rows"])
    if loss["summary"] < LEARNT and loss["prompt"] > GUESSED:
        return Verdict(True)
    two_ahead = losses(model, inputs["hidden"]["rows"], ahead=2)["summary"]
    first_batch = losses(model, inputs["rows"][: TRAINING["batch_size"]])["summary"]
    if all(np.array_equal(start[name], data["weights"][name]) for name in start):
        hint = (
            "The weights are those of the start: train the model that you are given, "
            "and return it."
        )
    elif loss["prompt"] < GUESSED:
        hint = (
            "The prompts were learnt too: give the model the rows' own labels, in "
            "which they are -100."
        )
    elif loss["words"] < LEARNT:
        hint = (
            "The summaries' words are learnt, but not where they end: the end of text "
            "needs its label. Make the mask from lengths, not from the padding token."
        )
    elif two_ahead < LEARNT:
        hint = (
            "The labels are shifted twice: this model predicts the token after the "
            "next. Pass the labels as they are."
        )
    elif first_batch < LEARNT:
        hint = "Only the first rows were learnt: take other rows in each step."
    elif loss["summary"] > 2.6:
        hint = (
            "Hardly anything is learnt: use the learning_rate that you are given, and "
            "call zero_grad() after each step."
        )
    else:
        hint = "The model learns, but not for long: take as many steps as you are told."
    return wrong(
        hint,
        loss_on_new_summaries=loss["summary"],
        has_to_be_below=LEARNT,
        loss_on_their_prompts=loss["prompt"],
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
    logits = logits[:, :-ahead].transpose(1, 2)
    loss = cross_entropy(logits, ids[:, ahead:], reduction="none")
    parts = {
        "summary": labels != -100,
        "words": (labels != -100) & (labels != END),
        "prompt": (labels == -100) & real[:, ahead:],
    }
    return {name: float(loss[part].mean()) for name, part in parts.items()}
