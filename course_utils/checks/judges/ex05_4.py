"""Judge of 5.4, perplexity over padding."""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex05_4 import QUESTION


def means(parts):
    return [losses[labels != -100].double().mean().item() for losses, labels in parts]


def rows(batches):
    return [row for batch in batches for row in zip(*batch, strict=True)]


def mean(batches, padding=-100):
    kept = [losses[labels > padding].numpy() for losses, labels in batches]
    return np.concatenate(kept).mean(dtype=float)


def right(batches):
    return np.exp(mean(batches))


judge = Judge(
    QUESTION,
    right,
    "Perplexity is exp(sum of the losses / number of tokens), both over every position "
    "of every batch whose label is not -100.",
)


@judge.mistake(
    "The mean includes the padding: divide by the number of labels that are not -100."
)
def with_padding(batches):
    return np.exp(mean(batches, padding=-101))


@judge.mistake(
    "Token 0 is left out, but it is a token like any other: only -100 marks padding."
)
def without_token_0(batches):
    return np.exp(mean(batches, padding=0))


@judge.mistake(
    "This is a mean of the batches' means, so that a small batch counts as much as a "
    "big one: add up losses and tokens over all of them."
)
def mean_of_batches(batches):
    return np.exp(np.mean(means(batches)))


@judge.mistake(
    "This is a mean of the rows' means, so that a short row counts as much as a long "
    "one: add up losses and tokens over all of them."
)
def mean_of_rows(batches):
    return np.exp(np.mean(means(rows(batches))))


@judge.mistake(
    "This is a mean of perplexities: average the losses first, and take exp once, at "
    "the end."
)
def mean_of_perplexities(batches):
    return np.mean(np.exp(means(batches)))


@judge.mistake("Only the last batch is in it: add up over all of them.")
def last_batch(batches):
    return right(batches[-1:])


@judge.mistake("This is the mean loss: perplexity is exp of it.")
def mean_loss(batches):
    return mean(batches)


@judge.mistake("The losses are in nats, so the base is e, not 2.")
def base_2(batches):
    return 2 ** mean(batches)


@judge.mistake("This is exp of the sum: divide by the number of tokens first.")
def of_the_sum(batches):
    return np.exp(sum(losses.sum().item() for losses, _ in batches))
