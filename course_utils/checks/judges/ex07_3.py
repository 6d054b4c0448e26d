"""Judge of 7.3, a batch to train on."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex07_padding import padded, type_hint
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_3 import QUESTION


def right(rows, pad, left=False):
    ids = [row["input_ids"] for row in rows]
    return {
        "input_ids": padded(ids, pad, left),
        "attention_mask": padded([[1] * len(row) for row in ids], 0, left),
        "labels": padded([row["labels"] for row in rows], -100, left),
    }


batches = Judge(
    QUESTION,
    right,
    "Return a dict of three integer tensors of shape (rows, tokens of the longest "
    "row): each row's own values, then pad_token_id, 0 and -100.",
)


@batches.mistake(
    "Padding is recognised by its id, which the true ends have too: mask and labels go "
    "by the length of each row."
)
def by_id(rows, pad):
    return mask_by_id(rows, pad) | {"labels": labels_by_id(rows, pad)["labels"]}


@batches.mistake(
    "Padding is recognised by its id, which the true ends have too, and the labels are "
    "made from input_ids, so the prompt counts: take each row's own labels, and go by "
    "its length."
)
def copied_by_id(rows, pad):
    batch = mask_by_id(rows, pad)
    labels = np.where(batch["input_ids"] == pad, -100, batch["input_ids"])
    return batch | {"labels": labels}


@batches.mistake(
    "A label of -100 by the padding's id hides the true ends: the model never learns "
    "to stop. Go by the length of each row."
)
def labels_by_id(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["input_ids"] == pad, -100, batch["labels"])
    return batch | {"labels": labels}


@batches.mistake(
    "The mask hides the true ends. Most often it goes by the padding's id: go by the "
    "length of each row."
)
def mask_by_id(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": (batch["input_ids"] != pad).astype(int)}


@batches.mistake(
    "The model is asked to predict the padding: fill the labels up with -100."
)
def padding_labelled(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["attention_mask"] == 0, pad, batch["labels"])
    return batch | {"labels": labels}


@batches.mistake(
    "The labels are copies of input_ids, so the loss counts the prompt and the "
    "padding: take each row's own labels."
)
def copied_labels(rows, pad):
    batch = right(rows, pad)
    return batch | {"labels": batch["input_ids"]}


@batches.mistake(
    "The labels of the prompt are lost: take each row's own labels, not input_ids."
)
def prompt_labelled(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["attention_mask"] == 0, -100, batch["input_ids"])
    return batch | {"labels": labels}


@batches.mistake(
    "The rows are padded on the left. That is for generation: here the padding goes to "
    "the right."
)
def on_the_left(rows, pad):
    return right(rows, pad, left=True)


@batches.mistake("The mask is 1 everywhere: it has to be 0 on padding.")
def mask_of_ones(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": np.ones_like(batch["labels"])}


@batches.mistake(
    "The mask follows the labels, and hides the prompt: it is 1 on all of the row's "
    "own tokens."
)
def mask_of_labels(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": (batch["labels"] != -100).astype(int)}


@batches.mistake("Only -100 leaves a label out: 0 is a token like any other.")
def labels_padded_by_0(rows, pad):
    batch = right(rows, pad)
    labels = np.where(batch["attention_mask"] == 0, 0, batch["labels"])
    return batch | {"labels": labels}


@batches.mistake("input_ids are padded with 0: use pad_token_id.")
def ids_padded_by_0(rows, pad):
    return right(rows, pad) | {"input_ids": right(rows, 0)["input_ids"]}


@batches.mistake("input_ids are padded with -100, which is no token: use pad_token_id.")
def ids_padded_by_minus_100(rows, pad):
    return right(rows, pad) | {"input_ids": right(rows, -100)["input_ids"]}


@batches.mistake("The mask is upside down: 1 on the row's own tokens, 0 on padding.")
def mask_inverted(rows, pad):
    batch = right(rows, pad)
    return batch | {"attention_mask": 1 - batch["attention_mask"]}


@batches.mistake(
    "The rows are cut to the shortest one: pad them to the longest, and lose nothing."
)
def cut_to_the_shortest(rows, pad):
    width = min(len(row["input_ids"]) for row in rows)
    return {name: values[:, :width] for name, values in right(rows, pad).items()}


@batches.mistake("One column too many: the longest row has no padding.")
def one_column_more(rows, pad):
    fill = {"input_ids": pad, "attention_mask": 0, "labels": -100}
    return {
        name: np.pad(values, ((0, 0), (0, 1)), constant_values=fill[name])
        for name, values in right(rows, pad).items()
    }


@batches.mistake("The labels are shifted: the model does that itself.")
def shifted_labels(rows, pad):
    batch = right(rows, pad)
    labels = np.pad(batch["labels"][:, 1:], ((0, 0), (0, 1)), constant_values=-100)
    return batch | {"labels": labels}


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The values, and then that they are integer tensors."""
    verdict = batches(data, inputs)
    hint = type_hint(data) if verdict.right else ""
    return wrong(hint, got=data[0], **inputs["cases"][0]) if hint else verdict
