"""Judge of 11.2, what settings cut and cost."""

import math

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex11_2 import QUESTION


def right(lengths, max_length, steps, batch_size):
    epochs = steps * batch_size / len(lengths)
    return {
        "cut": sum(length > max_length for length in lengths) / len(lengths),
        "epochs": epochs,
        "tokens": epochs * sum(min(length, max_length) for length in lengths),
    }


judge = Judge(
    QUESTION,
    right,
    "cut = rows longer than max_length / rows; epochs = steps * batch_size / rows; "
    "tokens = epochs * the tokens of all rows, each at most max_length. Compute the "
    "three for the case below.",
)


@judge.mistake("A row of just max_length tokens is not cut: > instead of >=.")
def cut_or_equal(lengths, max_length, steps, batch_size):
    cut = sum(length >= max_length for length in lengths) / len(lengths)
    return right(lengths, max_length, steps, batch_size) | {"cut": cut}


@judge.mistake("`cut` is the number of the rows: divide it by all rows.")
def cut_counted(lengths, max_length, steps, batch_size):
    cut = sum(length > max_length for length in lengths)
    return right(lengths, max_length, steps, batch_size) | {"cut": cut}


@judge.mistake("`cut` is in per cent: a share is asked for, from 0 to 1.")
def cut_in_per_cent(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"cut": 100 * answer["cut"]}


@judge.mistake("`cut` is the share of the rows that stay whole.")
def cut_turned(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"cut": 1 - answer["cut"]}


@judge.mistake("`cut` is the share of the tokens: the share of the rows is asked for.")
def cut_tokens(lengths, max_length, steps, batch_size):
    lost = sum(max(0, length - max_length) for length in lengths)
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"cut": lost / sum(lengths)}


@judge.mistake(
    "The tokens that are cut away are counted: a row has at most max_length."
)
def uncut(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"tokens": answer["epochs"] * sum(lengths)}


@judge.mistake(
    "Each row counts as max_length tokens: most are shorter, and padding is not read."
)
def padded(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"tokens": steps * batch_size * max_length}


@judge.mistake("The rows that are too long are left out: they are cut, and still read.")
def dropped(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    kept = sum(length for length in lengths if length <= max_length)
    return answer | {"tokens": answer["epochs"] * kept}


@judge.mistake(
    "These are the tokens of one epoch: the run reads `epochs` times as many."
)
def one_epoch(lengths, max_length, steps, batch_size):
    tokens = sum(min(length, max_length) for length in lengths)
    return right(lengths, max_length, steps, batch_size) | {"tokens": tokens}


@judge.mistake("These are the tokens of one row a step: a step reads batch_size rows.")
def one_row(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"tokens": answer["tokens"] / batch_size}


def with_epochs(answer, epochs):
    tokens = answer["tokens"] / answer["epochs"] * epochs
    return answer | {"epochs": epochs, "tokens": tokens}


@judge.mistake("The epochs are whole numbers: 0.4 of an epoch is an answer too.")
def rounded_down(*case):
    answer = right(*case)
    return with_epochs(answer, math.floor(answer["epochs"]))


@judge.mistake("The epochs are rounded up: 0.4 of an epoch is an answer too.")
def rounded_up(*case):
    answer = right(*case)
    return with_epochs(answer, math.ceil(answer["epochs"]))


@judge.mistake("`epochs` is a whole number: 0.4 of an epoch is an answer too.")
def epochs_whole(*case):
    answer = right(*case)
    return answer | {"epochs": math.floor(answer["epochs"])}


@judge.mistake("A step reads batch_size rows, not one.")
def without_batches(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return with_epochs(answer, steps / len(lengths))


@judge.mistake("`epochs` leaves out that a step reads batch_size rows.")
def epochs_without_batches(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"epochs": steps / len(lengths)}


@judge.mistake("`epochs` is turned round: it is rows that are read / rows.")
def turned(*case):
    answer = right(*case)
    return answer | {"epochs": 1 / answer["epochs"]}


@judge.mistake("The last batch of an epoch is filled up with rows of the next one.")
def whole_batches(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return with_epochs(answer, steps / math.ceil(len(lengths) / batch_size))


@judge.mistake(
    "`tokens` takes each of the rows that are read for all rows: multiply by epochs."
)
def rows_times_all(lengths, max_length, steps, batch_size):
    answer = right(lengths, max_length, steps, batch_size)
    return answer | {"tokens": answer["tokens"] * len(lengths)}


@judge.mistake("The mean length is cut, not each row: a mean of the cut lengths.")
def mean_cut(lengths, max_length, steps, batch_size):
    mean = min(sum(lengths) / len(lengths), max_length)
    return right(lengths, max_length, steps, batch_size) | {
        "tokens": steps * batch_size * mean
    }


@judge.mistake("`tokens` takes each step for an epoch: a step reads batch_size rows.")
def steps_as_epochs(lengths, max_length, steps, batch_size):
    tokens = steps * sum(min(length, max_length) for length in lengths)
    return right(lengths, max_length, steps, batch_size) | {"tokens": tokens}


@judge.mistake("`cut` counts the tokens that are lost: the share of the rows is asked.")
def lost_tokens(lengths, max_length, steps, batch_size):
    lost = sum(max(0, length - max_length) for length in lengths)
    return right(lengths, max_length, steps, batch_size) | {"cut": lost}
