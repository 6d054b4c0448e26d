"""Right and wrong answers to Exercise 7.3, as students write them."""

from itertools import zip_longest

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from transformers import BatchEncoding


def collate_by_pad_sequence(rows, pad_token_id):
    ids = [torch.tensor(row["input_ids"]) for row in rows]
    labels = [torch.tensor(row["labels"]) for row in rows]
    ones = [torch.ones_like(row) for row in ids]
    return {
        "input_ids": pad_sequence(ids, batch_first=True, padding_value=pad_token_id),
        "attention_mask": pad_sequence(ones, batch_first=True),
        "labels": pad_sequence(labels, batch_first=True, padding_value=-100),
    }


def collate_by_filling(rows, pad_token_id):
    shape = (len(rows), max(len(row["input_ids"]) for row in rows))
    input_ids = torch.full(shape, pad_token_id)
    labels = torch.full(shape, -100)
    mask = torch.zeros(shape, dtype=torch.bool)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        input_ids[i, :n] = torch.tensor(row["input_ids"])
        labels[i, :n] = torch.tensor(row["labels"])
        mask[i, :n] = True
    return {"input_ids": input_ids, "attention_mask": mask, "labels": labels}


def collate_pads_with_zero(rows, pad_token_id):
    return collate_by_pad_sequence(rows, 0)


def collate_cuts(rows, pad_token_id):
    width = min(len(row["input_ids"]) for row in rows)
    ids = torch.tensor([row["input_ids"][:width] for row in rows])
    labels = torch.tensor([row["labels"][:width] for row in rows])
    mask = torch.ones_like(ids)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def collate_ragged(rows, pad_token_id):
    return {name: torch.tensor([row[name] for row in rows]) for name in rows[0]}


def collate_time_first(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    return {name: values.T for name, values in batch.items()}


def collate_numpy(rows, pad_token_id):
    lengths = np.array([len(row["input_ids"]) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids, labels = np.full(mask.shape, pad_token_id), np.full(mask.shape, -100)
    ids[mask] = np.concatenate([row["input_ids"] for row in rows])
    labels[mask] = np.concatenate([row["labels"] for row in rows])
    return {"input_ids": ids, "attention_mask": mask.astype(np.int32), "labels": labels}


def collate_f_pad(rows, pad_token_id):
    width = max(len(row["labels"]) for row in rows)

    def stack(lists, value):
        tensors = [torch.tensor(x, dtype=torch.int32) for x in lists]
        return torch.stack(
            [F.pad(x, (0, width - len(x)), value=value) for x in tensors]
        )

    return BatchEncoding(
        {
            "input_ids": stack([row["input_ids"] for row in rows], pad_token_id),
            "attention_mask": stack([[1] * len(row["labels"]) for row in rows], 0),
            "labels": stack([row["labels"] for row in rows], -100),
        }
    )


def collate_zip_longest(rows, pad_token_id):
    def columns(lists, value):
        return torch.tensor(list(zip_longest(*lists, fillvalue=value))).T

    ids = [row["input_ids"] for row in rows]
    mask = columns([[True] * len(x) for x in ids], False)
    labels = columns([row["labels"] for row in rows], -100)
    return {
        "labels": labels,
        "input_ids": columns(ids, pad_token_id),
        "attention_mask": mask,
    }


def collate_pandas(rows, pad_token_id):
    ids = pd.DataFrame([row["input_ids"] for row in rows])
    labels = pd.DataFrame([row["labels"] for row in rows])
    return {
        "input_ids": torch.tensor(ids.fillna(pad_token_id).to_numpy()).long(),
        "attention_mask": torch.tensor(ids.notna().to_numpy()).to(torch.uint8),
        "labels": torch.tensor(labels.fillna(-100).to_numpy()).long(),
    }


def collate_floats(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    return {**batch, "attention_mask": batch["attention_mask"].float()}


def collate_zeros(rows, pad_token_id):
    shape = (len(rows), max(len(row["input_ids"]) for row in rows))
    batch = collate_by_filling(rows, pad_token_id)
    ids = torch.zeros(shape)
    ids += batch["input_ids"]
    return {**batch, "input_ids": ids}


def collate_lists(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    return {name: tensor.tolist() for name, tensor in batch.items()}


def collate_mask_of_labels(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    return {**batch, "attention_mask": (batch["labels"] != -100).long()}


def collate_labels_zero(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    labels = [torch.tensor(row["labels"]) for row in rows]
    return {**batch, "labels": pad_sequence(labels, batch_first=True)}


def collate_one_more(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    fill = {"input_ids": pad_token_id, "attention_mask": 0, "labels": -100}
    return {name: F.pad(x, (0, 1), value=fill[name]) for name, x in batch.items()}


def collate_without_mask(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    del batch["attention_mask"]
    return batch


def collate_as_tuple(rows, pad_token_id):
    return tuple(collate_by_pad_sequence(rows, pad_token_id).values())


def collate_lists_in_pad_sequence(rows, pad_token_id):
    return {"input_ids": pad_sequence([row["input_ids"] for row in rows])}


def collate_append(rows, pad_token_id):
    ids = [row["input_ids"].append(pad_token_id) for row in rows]
    return {"input_ids": torch.tensor(ids)}


def collate_printed(rows, pad_token_id):
    print(collate_by_pad_sequence(rows, pad_token_id))


def collate_mask_upside_down(rows, pad_token_id):
    batch = collate_by_pad_sequence(rows, pad_token_id)
    return {**batch, "attention_mask": 1 - batch["attention_mask"]}


RIGHT = [
    collate_by_pad_sequence,
    collate_by_filling,
    collate_numpy,
    collate_f_pad,
    collate_zip_longest,
    collate_pandas,
]
WRONG = [
    (collate_pads_with_zero, "padded with 0"),
    (collate_cuts, "cut to the shortest"),
    (collate_ragged, "differ in length"),
    (collate_time_first, "dimensions stand in another order"),
    (collate_floats, "of floats"),
    (collate_zeros, "of floats"),
    (collate_lists, "but a list"),
    (collate_mask_of_labels, "hides the prompt"),
    (collate_labels_zero, "0 is a token"),
    (collate_one_more, "One column too many"),
    (collate_without_mask, "lacks `attention_mask`"),
    (collate_as_tuple, "returns a list or tuple, where a dict"),
    (collate_lists_in_pad_sequence, "stands where a tensor is wanted"),
    (collate_append, "`append` changes"),
    (collate_printed, "`print` shows"),
    (collate_mask_upside_down, "upside down"),
]
