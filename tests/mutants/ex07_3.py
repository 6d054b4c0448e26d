"""Right and wrong answers to Exercise 7.3, as students write them."""

import torch
from torch.nn.utils.rnn import pad_sequence


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


RIGHT = [collate_by_pad_sequence, collate_by_filling]
WRONG = [
    (collate_pads_with_zero, "then pad_token_id, 0 and -100"),
    (collate_cuts, "longest row"),
    (collate_ragged, "differ in length"),
    (collate_time_first, "(rows, tokens of the longest row)"),
]
