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
    whole = np.array([label.size for label in labels])
    rows = np.array([len(label) for label in labels])

    def weighted(weights: np.ndarray) -> np.ndarray:
        return sum(w * s for w, s in zip(weights, sums, strict=True))

    right = weighted(np.full(3, 1 / tokens.sum()))
    first, last = np.array([1, 0, 0]), np.array([0, 0, 1])
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
            whole / whole.sum() / tokens,
            "The batches are weighted by their positions: count those with a label.",
        ),
        (
            1 / np.cumsum(tokens),
            "Each batch is divided by the tokens so far: count those of all batches "
            "before the first backward().",
        ),
        (
            positions / positions.sum() / tokens,
            "The batches are weighted by their positions: count those with a label.",
        ),
        (
            rows / rows.sum() / tokens,
            "The batches are weighted by their rows: weigh them by their tokens.",
        ),
        (
            np.full(3, 1 / rows.sum()),
            "The sum is divided by the rows: divide by the labelled tokens.",
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
        (
            first / tokens,
            "Only the first batch is in it: the return stands inside the loop, or "
            "the others are left out.",
        ),
        (
            first / tokens.sum(),
            "Only the first batch is in it: the return stands inside the loop, or "
            "the others are left out.",
        ),
        (
            tokens.max() == tokens,
            "Only the largest batch is in it: call backward() for each.",
        ),
        (
            -1 / tokens.sum() * np.ones(3),
            "The sign is turned round: the loss itself goes backward.",
        ),
        (np.zeros(3), "There is no gradient: call backward() on each batch's loss."),
    ]
    gradient = data["gradient"]
    if same(gradient, right):
        return _by_the_way(data, inputs)
    hint = next(
        (hint for weights, hint in mistakes if same(gradient, weighted(weights))), ""
    ) or _direction_hint(gradient, sums, tokens, inputs)
    lengths = {"expected": np.linalg.norm(right), "got": np.linalg.norm(gradient)}
    return wrong(
        hint, tokens_to_predict=tokens, **lengths, what="the gradient's length"
    )


def _by_the_way(data: Any, inputs: Inputs) -> Verdict:
    """Judge how a right gradient came about."""
    sizes = [batch["input_ids"].size for batch in inputs["batches"]]
    if data["moved"] != 0:
        return wrong(
            "The gradient is right, but the weights have changed: take no optimizer "
            "step here."
        )
    if not data["most_tokens"] <= max(sizes):
        return wrong(
            "The gradient is right, but several batches went through the model at "
            "once: only one fits into memory.",
            tokens_of_the_largest_batch=max(sizes),
            tokens_at_once=data["most_tokens"],
        )
    if not data["at_once"] <= 1:
        return wrong(
            "The gradient is right, but all batches wait for one backward(), with all "
            "that it needs in memory: call it for each batch before the next.",
            passes_before_a_backward=data["at_once"],
        )
    return Verdict(True)


def _shares(got: np.ndarray, sums: list[np.ndarray]) -> np.ndarray | None:
    """Return how much of each batch's sum is in a gradient, if nothing else is."""
    matrix = np.stack(sums, axis=1)
    found, *_ = np.linalg.lstsq(matrix, got)
    return found if same(matrix @ found, got) else None


def _shares_hint(shares: np.ndarray, tokens: np.ndarray) -> str:
    """Say how the batches weigh against each other."""
    if np.any(np.abs(shares) < 1e-9):
        return (
            "A batch is not in it: call backward() for each, and zero_grad() for none."
        )
    said = (
        "Each batch is in it, and a labelled token does not weigh the same in each: "
        "{}. Divide the sum of a batch's losses, its mean x its own labelled tokens, "
        "by one number, that of all batches, counted before the first."
    )
    if np.all(np.diff(np.abs(shares)) < 0):
        return said.format("the earlier its batch, the more")
    if np.all(np.diff(np.abs(shares)) > 0):
        return said.format("the later its batch, the more")
    by_size = np.abs(shares)[np.argsort(tokens)]
    if np.all(np.diff(by_size) < 0):
        return said.format("the fewer there are in its batch, the more")
    if np.all(np.diff(by_size) > 0):
        return said.format("the more there are in its batch, the more")
    return said.format("most often -100 or the first labels are counted")


def _direction_hint(
    got: np.ndarray, sums: list[np.ndarray], tokens: np.ndarray, inputs: Inputs
) -> str:
    """Say what a gradient is that no weights of the batches explain."""

    def along(other: np.ndarray, nearly: float = 0.999) -> bool:
        product = np.linalg.norm(got) * np.linalg.norm(other)
        return bool(product > 0 and got @ other / product > nearly)

    right = np.sum(sums, axis=0)
    if not np.isfinite(got).all():
        return "There is NaN or infinity in it: is something divided by 0?"
    if along(right, nearly=1 - 1e-9):
        return (
            "The direction is right and the length is not. Either the sum is divided "
            "by another number than that of all labelled tokens (the first of each row "
            "is predicted by nothing), or the gradient is changed afterwards: clipped, "
            "or divided again."
        )
    twice = [
        summed_gradient(inputs["model_seed"], batch, ahead=2)
        for batch in inputs["batches"]
    ]
    if along(np.sum(twice, axis=0)):
        return (
            "The labels are shifted twice: hand them over as they are, since the model "
            "shifts them."
        )
    none = [
        summed_gradient(inputs["model_seed"], batch, ahead=0)
        for batch in inputs["batches"]
    ]
    if along(np.sum(none, axis=0)):
        return "Nothing is shifted: the logits at t predict the label at t + 1."
    unmasked = [
        summed_gradient(inputs["model_seed"], batch | {"labels": batch["input_ids"]})
        for batch in inputs["batches"]
    ]
    if _shares(got, unmasked) is not None:
        return "Labels of -100 are not left out: the labels are not the input_ids."
    shares = _shares(got, sums)
    if shares is not None:
        return _shares_hint(shares, tokens)
    return (
        "This is not the gradient of one batch with all the rows: each labelled token "
        "has to weigh the same, 1 / the number of all of them. Most often batches "
        "weigh the same whatever their size, or labels of -100 are counted."
    )


def summed_gradient(model_seed: int, batch: Case, ahead: int = 1) -> np.ndarray:
    """Return the gradient of the sum of one batch's losses."""
    import torch
    from torch.nn.functional import cross_entropy

    model = new_model(model_seed).double()
    logits = model(input_ids=torch.from_numpy(batch["input_ids"])).logits
    logits = logits[:, : logits.shape[1] - ahead]
    targets = torch.from_numpy(batch["labels"])[:, ahead:]
    cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").backward()
    return flat_gradient(model)
