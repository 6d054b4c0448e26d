"""Judge of 4.5, gradients of unequal batches."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, same, wrong
from course_utils.checks.probes.ex04_5 import flat_gradient
from course_utils.checks.probes.ex05_model import new_model


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The gradient of one batch with all the rows."""
    labels = [batch["labels"] for batch in inputs["batches"]]
    sums = [summed_gradient(inputs["model_seed"], batch) for batch in inputs["batches"]]
    tokens = np.array([np.sum(label[:, 1:] != -100) for label in labels])
    with_first = np.array([np.sum(label != -100) for label in labels])
    positions = np.array([label[:, 1:].size for label in labels])
    rows = np.array([len(label) for label in labels])

    def weighted(weights: np.ndarray) -> np.ndarray:
        return sum(w * s for w, s in zip(weights, sums, strict=True))

    right = weighted(np.full(3, 1 / tokens.sum()))
    last = np.array([0, 0, 1])
    first_label = (
        "The first label of a row is counted, but nothing predicts it: count "
        "labels[:, 1:]."
    )
    mistakes = [
        (
            1 / tokens / 3,
            "This is the mean of the batches' means: a batch with 1 token weighs as "
            "much as one with 40. Divide by the tokens of all batches.",
        ),
        (
            1 / tokens,
            "The means are added up, not averaged: the gradient is several times too "
            "long. Divide by the tokens of all batches.",
        ),
        (np.full(3, 1 / with_first.sum()), first_label),
        (with_first / with_first.sum() / tokens, first_label),
        (
            np.full(3, 1 / positions.sum()),
            "The sum is divided by all positions: divide by those with a label.",
        ),
        (
            positions / positions.sum() / tokens,
            "The batches are weighted by their positions: count those with a label.",
        ),
        (
            rows / rows.sum() / tokens,
            "The batches are weighted by their rows: weigh them by their tokens.",
        ),
        (np.ones(3), "This is the gradient of the sum: divide by all tokens."),
        (
            last / tokens,
            "Only the last batch is in it: call backward() for each, and zero_grad() "
            "for none of them.",
        ),
        (
            last / tokens.sum(),
            "Only the last batch is in it: call backward() for each, and zero_grad() "
            "for none of them.",
        ),
        (np.zeros(3), "There is no gradient: call backward() on each batch's loss."),
    ]
    if same(data, right):
        return Verdict(True)
    hint = (
        "This is not the gradient of one batch with all the rows: each labelled token "
        "has to weigh the same, 1 / the number of all of them."
    )
    for weights, its_hint in mistakes:
        if same(data, weighted(weights)):
            hint = its_hint
            break
    lengths = {"expected": np.linalg.norm(right), "got": np.linalg.norm(data)}
    return wrong(
        hint, tokens_to_predict=tokens, **lengths, what="the gradient's length"
    )


def summed_gradient(model_seed: int, batch: Case) -> np.ndarray:
    """Return the gradient of the sum of one batch's losses."""
    import torch
    from torch.nn.functional import cross_entropy

    model = new_model(model_seed).double()
    logits = model(input_ids=torch.from_numpy(batch["input_ids"])).logits[:, :-1]
    targets = torch.from_numpy(batch["labels"])[:, 1:]
    cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").backward()
    return flat_gradient(model)
