"""Judge of 5.2, labels, shift and loss."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex05_cross_entropy import cross_entropy, log_softmax
from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same
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
    "This is not the mean of -log p(next token) over the labelled positions. Most "
    "often the logits and labels that meet are not those of t and t + 1, or the mean "
    "is over other positions than those whose label is not -100.",
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


@losses.mistake(
    "A reshape to (batch, vocabulary, time) mixes the scores of several positions: "
    "transpose the last two dimensions, or flatten batch and time."
)
def reshaped(logits, labels):
    batch, time, vocab = logits[:, :-1].shape
    return F.cross_entropy(logits[:, :-1].reshape(batch, vocab, time), labels[:, 1:])


@losses.mistake("The softmax is applied twice: cross_entropy wants raw logits.")
def softmax_first(logits, labels):
    return torchs(logits[:, :-1].softmax(dim=-1), labels[:, 1:])


@losses.mistake("This is the sum of the losses: return their mean.")
def summed(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], reduction="sum")


@losses.mistake("The loss has the wrong sign: it is minus the log of a probability.")
def negative(logits, labels):
    return -torchs(logits[:, :-1], labels[:, 1:])


@losses.mistake("These are bits: use the natural logarithm, for nats.")
def in_bits(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:]) / torch.tensor(2.0).log()


@losses.mistake("This is the perplexity: return the loss, its logarithm.")
def exponential(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:]).exp()


@losses.mistake(
    "The raw logits are taken for log-probabilities: log_softmax them first."
)
def raw_logits(logits, labels):
    return F.nll_loss(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


@losses.mistake("The sum is divided by the rows: divide by the labelled positions.")
def over_rows(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], reduction="sum") / len(labels)


@losses.mistake("These are the losses of all positions: return their mean.")
def not_reduced(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], reduction="none")


@losses.mistake("This is the mean probability: take the mean of -log of it.")
def probabilities(logits, labels):
    labels = labels[:, 1:]
    found = logits[:, :-1].softmax(-1).gather(-1, labels.clamp(min=0)[..., None])
    return found[..., 0][labels != -100].mean()


@losses.mistake("The log comes after the mean: average the logarithms.")
def log_of_the_mean(logits, labels):
    return -probabilities(logits, labels).log()


@losses.mistake("Only the first row is in it: go through the whole batch.")
def first_row(logits, labels):
    return torchs(logits[:1, :-1], labels[:1, 1:])


@losses.mistake("Only the last row is in it: go through the whole batch.")
def last_row(logits, labels):
    return torchs(logits[-1:, :-1], labels[-1:, 1:])


@losses.mistake(
    "The last position predicts the first token of its row: drop the last logits, and "
    "do not roll the labels round."
)
def rolled(logits, labels):
    return torchs(logits, labels.roll(-1, dims=1))


@losses.mistake(
    "The softmax runs over time: it belongs over the vocabulary, the last dimension."
)
def softmax_over_time(logits, labels):
    return F.nll_loss(
        logits[:, :-1].log_softmax(dim=1).flatten(0, 1), labels[:, 1:].flatten()
    )


@losses.mistake("Token 0 is left out: only -100 marks what does not count.")
def without_token_0(logits, labels):
    labels = labels[:, 1:].masked_fill(labels[:, 1:] == 0, -100)
    return torchs(logits[:, :-1], labels)


@losses.mistake(
    "The mask looks at the labels before the shift: what counts is whether the label "
    "of the next token, the target, is -100."
)
def masked_before_the_shift(logits, labels):
    kept = labels[:, :-1] != -100
    targets = labels[:, 1:].clamp(min=0)
    return F.cross_entropy(logits[:, :-1][kept], targets[kept])


@losses.mistake(
    "The sum is divided by the number of all labels, the first of a row among them: "
    "nothing predicts that one, so count labels[:, 1:]."
)
def over_all_labels(logits, labels):
    total = torchs(logits[:, :-1], labels[:, 1:], reduction="sum")
    return total / (labels != -100).sum()


@losses.mistake(
    "The shift goes the wrong way, and by two: each position is asked for a token that "
    "came before it."
)
def shifted_back_twice(logits, labels):
    return torchs(logits[:, 2:], labels[:, :-2])


@losses.mistake("This is the accuracy: the loss is the mean of -log p.")
def accuracy(logits, labels):
    return (logits[:, :-1].argmax(dim=-1) == labels[:, 1:]).float().mean()


@losses.mistake("This is the accuracy: the loss is the mean of -log p.")
def accuracy_of_the_labelled(logits, labels):
    hits = logits[:, :-1].argmax(dim=-1) == labels[:, 1:]
    return hits[labels[:, 1:] != -100].float().mean()


@losses.mistake("The labels are smoothed: nothing asks for that.")
def smoothed(logits, labels):
    return torchs(logits[:, :-1], labels[:, 1:], label_smoothing=0.1)


@losses.sees(
    "There is NaN where the batch has one row: [:-1] and [1:] cut rows off, so cut the "
    "second dimension, [:, :-1] and [:, 1:]."
)
def cut_batch(got, expected, cases):
    return all(
        np.isnan(loss) == (len(case["labels"]) == 1)
        for loss, case in zip(got, cases, strict=True)
    )


@losses.mistake(
    "The last position is dropped from logits and labels alike: nothing is shifted. "
    "Drop the first label."
)
def cut_alike(logits, labels):
    return torchs(logits[:, :-1], labels[:, :-1])


@losses.mistake(
    "The first position is dropped from logits and labels alike: nothing is shifted. "
    "Drop the last logits."
)
def cut_alike_in_front(logits, labels):
    return torchs(logits[:, 1:], labels[:, 1:])


@losses.mistake(
    "Batch and time are flattened before the shift, so that the last position of a row "
    "predicts the first token of the next row: shift first."
)
def shifted_when_flat(logits, labels):
    return F.cross_entropy(logits.flatten(0, 1)[:-1], labels.flatten()[1:])


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The loss of GPT2LMHeadModel, and a tensor to train on."""
    verdict = losses(data, inputs)
    if not verdict.right:
        return verdict
    both = zip(inputs["cases"], data["losses"], data["gradients"], strict=True)
    for (case, loss, gradient), after in zip(both, data["labels"], strict=True):
        if not np.any(gradient):
            return wrong(
                "The value is right, but nothing can be trained on it: no gradient "
                "reaches the logits. Return the tensor itself, without .item(), "
                ".detach(), float(), torch.no_grad() or torch.tensor().",
                **case,
                got=loss,
            )
        if not same(gradient, right_gradient(**case), tolerance=1e-3):
            return wrong(
                "The value is right, and its gradient is not: a part of it was "
                "detached, or went through NumPy.",
                **case,
                expected=right_gradient(**case),
                got=gradient,
            )
        if not np.array_equal(after, case["labels"]):
            return wrong(
                "The loss is right, but `labels` has changed: the caller still needs "
                "it. Change a clone, or use a mask.",
                **case,
                labels_afterwards=after,
            )
    return Verdict(True)


def right_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the gradient of the mean loss: softmax minus the label, over the count."""
    targets = labels[:, 1:]
    gradient = np.zeros(logits.shape)
    chances = np.exp(log_softmax(logits[:, :-1].astype(float)))
    index = np.where(targets == -100, 0, targets)[..., None]
    one = np.zeros(chances.shape)
    np.put_along_axis(one, index, 1, axis=-1)
    counts = targets != -100
    gradient[:, :-1] = (chances - one) * counts[..., None] / counts.sum()
    return gradient
