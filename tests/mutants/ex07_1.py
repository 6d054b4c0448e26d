"""Right and wrong answers to Exercise 7.1, as students write them."""

from collections import defaultdict

import numpy as np
import pandas as pd
import torch
from transformers import BatchEncoding


def row_by_overwriting(prompt_ids, summary_ids, eos_token_id):
    input_ids = prompt_ids + summary_ids + [eos_token_id]
    labels = input_ids.copy()
    for i in range(len(prompt_ids)):
        labels[i] = -100
    return {"labels": labels, "input_ids": input_ids}


def row_of_tensors(prompt_ids, summary_ids, eos_token_id):
    input_ids = torch.tensor([*prompt_ids, *summary_ids, eos_token_id])
    in_prompt = torch.arange(len(input_ids)) < len(prompt_ids)
    return {"input_ids": input_ids, "labels": input_ids.masked_fill(in_prompt, -100)}


def row_as_tuple(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return prompt_ids + answer, [-100] * len(prompt_ids) + answer


def row_numpy(prompt_ids, summary_ids, eos_token_id):
    input_ids = np.concatenate([prompt_ids, summary_ids, [eos_token_id]])
    labels = np.where(np.arange(input_ids.size) < len(prompt_ids), -100, input_ids)
    return {"input_ids": input_ids.astype(np.int32), "labels": labels}


def row_pandas(prompt_ids, summary_ids, eos_token_id):
    ids = pd.Series([*prompt_ids, *summary_ids, eos_token_id])
    return {"input_ids": ids, "labels": ids.mask(ids.index < len(prompt_ids), -100)}


def row_batch_encoding(prompt_ids, summary_ids, eos_token_id):
    row = BatchEncoding({"input_ids": (*prompt_ids, *summary_ids, eos_token_id)})
    row["labels"] = row["input_ids"][len(prompt_ids) :]
    row["labels"] = (-100,) * len(prompt_ids) + row["labels"]
    return row


def row_by_loop(prompt_ids, summary_ids, eos_token_id):
    row = defaultdict(list)
    for token in prompt_ids:
        row["input_ids"].append(token)
        row["labels"].append(-100)
    for token in [*summary_ids, eos_token_id]:
        row["input_ids"].append(token)
        row["labels"].append(token)
    return row


def row_summary_masked(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return {
        "input_ids": prompt_ids + answer,
        "labels": prompt_ids + [-100] * len(answer),
    }


def row_end_in_ids_only(prompt_ids, summary_ids, eos_token_id):
    labels = [-100] * len(prompt_ids) + summary_ids
    return {"input_ids": prompt_ids + summary_ids + [eos_token_id], "labels": labels}


def row_summary_first(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return {
        "input_ids": answer + prompt_ids,
        "labels": answer + [-100] * len(prompt_ids),
    }


def row_extend_is_none(prompt_ids, summary_ids, eos_token_id):
    input_ids = list(prompt_ids).extend([*summary_ids, eos_token_id])
    return {"input_ids": input_ids, "labels": [-100] * len(input_ids)}


def row_append_in_dict(prompt_ids, summary_ids, eos_token_id):
    answer = summary_ids.append(eos_token_id)
    return {"input_ids": prompt_ids + answer, "labels": answer}


def row_int_added(prompt_ids, summary_ids, eos_token_id):
    answer = summary_ids + eos_token_id
    return {"input_ids": prompt_ids + answer, "labels": answer}


def row_printed(prompt_ids, summary_ids, eos_token_id):
    print(row_by_overwriting(prompt_ids, summary_ids, eos_token_id))


def row_other_keys(prompt_ids, summary_ids, eos_token_id):
    row = row_by_overwriting(prompt_ids, summary_ids, eos_token_id)
    return {"ids": row["input_ids"], "labels": row["labels"]}


def row_lists_subtracted(prompt_ids, summary_ids, eos_token_id):
    input_ids = prompt_ids + summary_ids + [eos_token_id]
    return {"input_ids": input_ids, "labels": input_ids - prompt_ids}


def row_shifted_right(prompt_ids, summary_ids, eos_token_id):
    row = row_by_overwriting(prompt_ids, summary_ids, eos_token_id)
    return {**row, "labels": [-100, *row["labels"][:-1]]}


def row_masked_by_value(prompt_ids, summary_ids, eos_token_id):
    x = prompt_ids + summary_ids + [eos_token_id]
    return {"input_ids": x, "labels": [-100 if t in prompt_ids else t for t in x]}


RIGHT = [
    row_by_overwriting,
    row_of_tensors,
    row_numpy,
    row_pandas,
    row_batch_encoding,
    row_by_loop,
]
WRONG = [
    (row_as_tuple, "Return them in a dict"),
    (row_summary_masked, "the other way round"),
    (row_end_in_ids_only, "The end is missing in the labels"),
    (row_summary_first, "before the prompt"),
    (row_extend_is_none, "`extend` changes"),
    (row_append_in_dict, "`append` changes"),
    (row_int_added, "put a single item into brackets"),
    (row_printed, "`print` shows"),
    (row_other_keys, "lacks `input_ids`"),
    (row_lists_subtracted, "Lists do not calculate"),
    (row_shifted_right, "shifted to the right"),
    (row_masked_by_value, "mask by place"),
]
