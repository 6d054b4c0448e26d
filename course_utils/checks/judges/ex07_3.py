"""Judge of 7.3, a batch to train on."""

import numpy as np

from course_utils.checks.judges.ex07_padding import padded
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_3 import QUESTION


def right(rows, pad, left=False):
    ids = [row["input_ids"] for row in rows]
    return {
        "input_ids": padded(ids, pad, left),
        "attention_mask": padded([[1] * len(row) for row in ids], 0, left),
        "labels": padded([row["labels"] for row in rows], -100, left),
    }


judge = Judge(
    QUESTION,
    right,
    "Return a dict of three integer tensors of shape (rows, tokens of the longest "
    "row): each row's own values, then pad_token_id, 0 and -100.",
)


@judge.mistake(
    "Padding is recognised by its id, which the true ends have too: mask and labels go "
    "by the length of each row."
)
def by_id(rows, pad):
    return mask_by_id(rows, pad) | {"labels": labels_by_id(rows, pad)["labels"]}


@judge.mistake(
    "A label of -100 by the padding's id hides the true ends: the model never learns "
    "to stop. Go by the length of each row."
)
def labels_by_id(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["input_ids"] == pad, -100, batch["labels"])
    return batch | {"labels": labels}


@judge.mistake(
    "The mask hides the true ends, because it goes by the padding's id: go by the "
    "length of each row."
)
def mask_by_id(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": (batch["input_ids"] != pad).astype(int)}


@judge.mistake(
    "The model is asked to predict the padding: fill the labels up with -100."
)
def padding_labelled(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["attention_mask"] == 0, pad, batch["labels"])
    return batch | {"labels": labels}


@judge.mistake(
    "The labels are copies of input_ids, so the loss counts the prompt and the "
    "padding: take each row's own labels."
)
def copied_labels(rows, pad):
    batch = right(rows, pad)
    return batch | {"labels": batch["input_ids"]}


@judge.mistake(
    "The labels of the prompt are lost: take each row's own labels, not input_ids."
)
def prompt_labelled(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["attention_mask"] == 0, -100, batch["input_ids"])
    return batch | {"labels": labels}


@judge.mistake(
    "The rows are padded on the left. That is for generation: here the padding goes to "
    "the right."
)
def on_the_left(rows, pad):
    return right(rows, pad, left=True)


@judge.mistake("The mask is 1 everywhere: it has to be 0 on padding.")
def mask_of_ones(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": np.ones_like(batch["labels"])}
