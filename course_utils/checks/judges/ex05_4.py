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


@judge.mistake(
    "Tokens with a loss of 0 are left out: they are tokens that the model is sure of. "
    "Padding is where the label is -100."
)
def without_loss_0(batches):
    kept = [losses[losses != 0].numpy() for losses, _ in batches]
    return np.exp(np.concatenate(kept).mean(dtype=float))


@judge.mistake("The sum is divided by the number of batches: divide by the tokens.")
def over_batches(batches):
    return np.exp(sum(losses.sum().item() for losses, _ in batches) / len(batches))


@judge.mistake("The sum is divided by the number of rows: divide by the tokens.")
def over_row_count(batches):
    total = sum(losses.sum().item() for losses, _ in batches)
    return np.exp(total / sum(len(losses) for losses, _ in batches))


@judge.mistake(
    "This is a mean of exp(loss) over the tokens: take exp once, at the end."
)
def mean_of_exp(batches):
    kept = [losses[labels > -100].double().exp().numpy() for losses, labels in batches]
    return np.concatenate(kept).mean()


@judge.mistake("Only the first batch is in it: does the return stand in the loop?")
def first_batch(batches):
    return right(batches[:1])


@judge.mistake("This is the median: perplexity is exp of the mean.")
def of_the_median(batches):
    kept = [losses[labels > -100].numpy() for losses, labels in batches]
    return np.exp(np.sort(np.concatenate(kept))[(sum(map(len, kept)) - 1) // 2])


@judge.mistake("The sign is turned round: exp of the mean loss, not of minus it.")
def of_minus_the_mean(batches):
    return np.exp(-mean(batches))


@judge.mistake("There is one perplexity for each batch: return one number over all.")
def one_a_batch(batches):
    return np.exp(means(batches))


@judge.mistake(
    "A batch counts by its rows or positions: add up losses and tokens over all."
)
def weighted_by_positions(batches):
    weights = [losses.numel() for losses, _ in batches]
    return np.exp(np.average(means(batches), weights=weights))


@judge.mistake("The labels are shifted once more: losses and labels fit as they are.")
def shifted_again(batches):
    return right([(losses[:, :-1], labels[:, 1:]) for losses, labels in batches])


@judge.mistake(
    "The means of the batches are added up, not averaged: add up losses and tokens."
)
def of_the_sum_of_means(batches):
    return np.exp(sum(means(batches)))


@judge.mistake("This is the logarithm of the mean loss: perplexity is exp of it.")
def log_of_the_mean(batches):
    return np.log(mean(batches))


@judge.mistake(
    "The first position of each row is left out: labels are shifted already."
)
def without_the_first(batches):
    return right([(losses[:, 1:], labels[:, 1:]) for losses, labels in batches])


@judge.mistake("The last position of each row is left out: labels are shifted already.")
def without_the_last(batches):
    return right([(losses[:, :-1], labels[:, :-1]) for losses, labels in batches])


@judge.mistake(
    "The last batch is left out: it may be smaller, and counts all the same."
)
def without_the_last_batch(batches):
    return right(batches[:-1])


@judge.mistake(
    "This is a mean of the rows' perplexities: average the losses of all tokens first, "
    "and take exp once."
)
def mean_of_rows_perplexities(batches):
    rows = [
        row[kept > -100].double().mean().exp().item()
        for losses, labels in batches
        for row, kept in zip(losses, labels, strict=True)
        if (kept > -100).any()
    ]
    return np.mean(rows)


@judge.mistake(
    "What is not 0 counts as a token: padding is -100, and token 0 is like any other."
)
def all_but_0(batches):
    kept = [(losses[labels != 0], labels[labels != 0]) for losses, labels in batches]
    return np.exp(
        sum(losses.sum().item() for losses, _ in kept)
        / sum(len(labels) for _, labels in kept)
    )


@judge.sees("It is rounded: return all its digits.")
def rounded(got, expected, cases):
    return all(
        any(g == round(e, digits) for digits in range(4))
        for g, e in zip(got, expected, strict=True)
    )
