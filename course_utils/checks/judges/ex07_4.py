"""Judge of 7.4, a batch to generate from."""

import numpy as np

from course_utils.checks.judges.ex07_padding import padded
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_4 import QUESTION

ON_THE_RIGHT = (
    "The rows are padded on the right: a short prompt would go on after its padding. "
    "Pad on the left."
)


def right(prompts, pad, left=True):
    return {
        "input_ids": padded(prompts, pad, left),
        "attention_mask": padded([[1] * len(ids) for ids in prompts], 0, left),
        "position_ids": padded([[*range(len(ids))] for ids in prompts], 0, left),
    }


def columns(batch):
    return np.indices(batch["input_ids"].shape)[1]


judge = Judge(
    QUESTION,
    right,
    "Return a dict of three integer tensors of shape (rows, tokens of the longest "
    "prompt): input_ids, attention_mask and position_ids, padded on the left.",
)


@judge.mistake(ON_THE_RIGHT)
def on_the_right(prompts, pad):
    return right(prompts, pad, left=False)


@judge.mistake(ON_THE_RIGHT)
def on_the_right_by_columns(prompts, pad):
    batch = right(prompts, pad, left=False)
    return batch | {"position_ids": columns(batch)}


@judge.mistake(
    "The positions count the padding too: each prompt's own first token has position 0."
)
def positions_by_columns(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": columns(batch)}


@judge.mistake(
    "Padding is recognised by its id, which a prompt may hold too: go by the length of "
    "each prompt."
)
def by_id(prompts, pad):
    batch = right(prompts, pad)
    mask = (batch["input_ids"] != pad).astype(int)
    places = np.maximum(mask.cumsum(axis=1) - 1, 0)
    return batch | {"attention_mask": mask, "position_ids": places}


@judge.mistake("The positions start at 1: a prompt's first token has position 0.")
def from_1(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": batch["attention_mask"].cumsum(axis=1)}


@judge.mistake(
    "The position is -1 on padding, and the embedding has no row -1: clamp it at 0."
)
def minus_1_on_padding(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": batch["attention_mask"].cumsum(axis=1) - 1}


@judge.mistake("On padding the position is to be 0.")
def one_on_padding(prompts, pad):
    batch = right(prompts, pad)
    places = batch["position_ids"] + (batch["attention_mask"] == 0)
    return batch | {"position_ids": places}


@judge.mistake("The mask is upside down: 1 on the prompt, 0 on padding.")
def mask_inverted(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"attention_mask": 1 - batch["attention_mask"]}


@judge.mistake("The mask is 1 everywhere: it has to be 0 on padding.")
def mask_of_ones(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"attention_mask": np.ones_like(batch["input_ids"])}
