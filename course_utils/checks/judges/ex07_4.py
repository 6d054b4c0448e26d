"""Judge of 7.4, a batch to generate from."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex07_padding import padded, type_hint
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


batches = Judge(
    QUESTION,
    right,
    "Return a dict of three integer tensors of shape (rows, tokens of the longest "
    "prompt): input_ids, attention_mask and position_ids, padded on the left.",
)


@batches.mistake(ON_THE_RIGHT)
def on_the_right(prompts, pad):
    return right(prompts, pad, left=False)


@batches.mistake(ON_THE_RIGHT)
def on_the_right_by_columns(prompts, pad):
    batch = right(prompts, pad, left=False)
    return batch | {"position_ids": columns(batch)}


@batches.mistake(
    "The positions count the padding too: each prompt's own first token has position 0."
)
def positions_by_columns(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": columns(batch)}


@batches.mistake(
    "Padding is recognised by its id, which a prompt may hold too: go by the length of "
    "each prompt."
)
def by_id(prompts, pad):
    batch = right(prompts, pad)
    mask = (batch["input_ids"] != pad).astype(int)
    places = np.maximum(mask.cumsum(axis=1) - 1, 0)
    return batch | {"attention_mask": mask, "position_ids": places}


@batches.mistake("The positions start at 1: a prompt's first token has position 0.")
def from_1(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": batch["attention_mask"].cumsum(axis=1)}


@batches.mistake(
    "The position is -1 on padding, and the embedding has no row -1: clamp it at 0."
)
def minus_1_on_padding(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": batch["attention_mask"].cumsum(axis=1) - 1}


@batches.mistake("On padding the position is to be 0.")
def one_on_padding(prompts, pad):
    batch = right(prompts, pad)
    places = batch["position_ids"] + (batch["attention_mask"] == 0)
    return batch | {"position_ids": places}


@batches.mistake("The mask is upside down: 1 on the prompt, 0 on padding.")
def mask_inverted(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"attention_mask": 1 - batch["attention_mask"]}


@batches.mistake("The mask is 1 everywhere: it has to be 0 on padding.")
def mask_of_ones(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"attention_mask": np.ones_like(batch["input_ids"])}


@batches.mistake("input_ids are padded with 0: use pad_token_id.")
def ids_padded_by_0(prompts, pad):
    return right(prompts, pad) | {"input_ids": right(prompts, 0)["input_ids"]}


@batches.mistake(
    "Ids and mask are padded on unlike sides: the mask is 1 where the prompt stands."
)
def mask_on_the_right(prompts, pad):
    other = right(prompts, pad, left=False)["attention_mask"]
    return right(prompts, pad) | {"attention_mask": other}


@batches.mistake(
    "The positions stand on the other side than the prompts: 0, 1, 2 from a prompt's "
    "first token on."
)
def positions_on_the_right(prompts, pad):
    other = right(prompts, pad, left=False)["position_ids"]
    return right(prompts, pad) | {"position_ids": other}


@batches.mistake("Each prompt is turned round: pad on the left, and keep its order.")
def turned_round(prompts, pad):
    return right([ids[::-1] for ids in prompts], pad)


@batches.mistake("The positions run backwards: a prompt's first token has position 0.")
def positions_backwards(prompts, pad):
    batch = right(prompts, pad)
    places = [[*range(len(ids))][::-1] for ids in prompts]
    return batch | {"position_ids": padded(places, 0, True)}


@batches.mistake(
    "The prompts are cut to the shortest one: pad them to the longest, and lose "
    "nothing."
)
def cut_to_the_shortest(prompts, pad):
    width = min(map(len, prompts))
    return right([ids[-width:] for ids in prompts], pad)


@batches.mistake("One column too many: the longest prompt has no padding.")
def one_column_more(prompts, pad):
    fill = {"input_ids": pad, "attention_mask": 0, "position_ids": 0}
    return {
        name: np.pad(values, ((0, 0), (1, 0)), constant_values=fill[name])
        for name, values in right(prompts, pad).items()
    }


@batches.mistake(
    "The sum runs down the columns, from row to row: count along each row, dim=1."
)
def counted_down(prompts, pad):
    batch = right(prompts, pad)
    places = np.maximum(batch["attention_mask"].cumsum(axis=0) - 1, 0)
    return batch | {"position_ids": places}


@batches.mistake(
    "On padding the positions are negative numbers without their sign: clamp at 0."
)
def without_the_sign(prompts, pad):
    batch = right(prompts, pad)
    missing = (batch["attention_mask"] == 0).sum(axis=1, keepdims=True)
    return batch | {"position_ids": np.abs(columns(batch) - missing)}


@batches.mistake(
    "The positions are 0 on padding, and go on as if it counted: a prompt's first "
    "token has position 0."
)
def columns_where_masked(prompts, pad):
    batch = right(prompts, pad)
    return batch | {"position_ids": columns(batch) * batch["attention_mask"]}


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The values, and then that they are integer tensors."""
    verdict = batches(data, inputs)
    hint = type_hint(data) if verdict.right else ""
    return wrong(hint, got=data[0], **inputs["cases"][0]) if hint else verdict
