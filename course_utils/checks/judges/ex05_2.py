"""Judge of 5.2, labels, shift and loss."""

from typing import Any

import torch
import torch.nn.functional as F

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_cross_entropy import cross_entropy
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex05_2 import QUESTION


def right(logits, labels):
    labels = labels[:, 1:].numpy()
    return cross_entropy(logits[:, :-1].detach().numpy(), labels)[labels != -100].mean()


def torchs(logits, labels, **how):
    """Return what cross_entropy makes of it, without a shift."""
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), **how)


losses = Judge(
    QUESTION,
    right,
    "This is not the mean of -log p(next token) over the labelled positions. Compare "
    "with `model(input_ids, labels=labels).loss` on a small batch.",
    part="losses",
)


@losses.mistake(
    "Nothing is shifted: the logits at position t predict the token at t + 1. Drop the "
    "last logits and the first label."
)
def not_shifted(logits, labels):
    return torchs(logits, labels)


@losses.mistake(
    "The shift goes the wrong way: each position is asked for the token before it. "
    "Drop the last logits and the first label."
)
def shifted_back(logits, labels):
    return torchs(logits[:, 1:], labels[:, :-1])


@losses.mistake("Shifted twice: each position is asked for the token after the next.")
def shifted_twice(logits, labels):
    return torchs(logits[:, :-2], labels[:, 2:])


@losses.mistake(
    "The sum is divided by all positions: divide by the number of those whose label is "
    "not -100."
)
def over_all(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], reduction="none").mean()


@losses.mistake(
    "This is a mean of the rows' means: rows have unlike numbers of labelled tokens, "
    "so take one mean over all of them."
)
def mean_of_rows(logits, labels):
    rows = zip(logits[:, :-1], labels[:, 1:], strict=True)
    return torch.stack([F.cross_entropy(*row) for row in rows]).mean()


@losses.mistake(
    "Positions labelled -100 count as if their label were token 0: leave them out."
)
def as_token_0(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:].clamp(min=0))


@losses.mistake("The softmax is applied twice: cross_entropy wants raw logits.")
def softmax_first(logits, labels):
    return torchs(logits[:, :-1].softmax(dim=-1), labels[:, 1:])


@losses.mistake("This is the sum of the losses: return their mean.")
def summed(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], reduction="sum")


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The loss of GPT2LMHeadModel, and a tensor to train on."""
    verdict = losses(data, inputs)
    if verdict.right and not all(data["trainable"]):
        case = data["trainable"].index(False)
        return wrong(
            "The value is right, but nothing can be trained on it: return the tensor "
            "itself, without .item(), .detach(), float() or torch.no_grad().",
            **inputs["cases"][case],
            got=data["losses"][case],
        )
    return verdict
