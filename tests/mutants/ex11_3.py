"""Right and wrong answers to Exercise 11.3, as students write them."""

import torch
from torch.nn.utils.rnn import pad_sequence


def batch_by_pad_sequence(rows, pad_token_id):
    ids = [torch.tensor(row["input_ids"]) for row in rows]
    labels = [torch.tensor(row["labels"]) for row in rows]
    mask = [torch.ones_like(row) for row in ids]
    return {
        "input_ids": pad_sequence(ids, True, pad_token_id),
        "attention_mask": pad_sequence(mask, True, 0),
        "labels": pad_sequence(labels, True, -100),
    }


def batch_into_full_tensors(rows, pad_token_id):
    lengths = [len(row["input_ids"]) for row in rows]
    shape = (len(rows), max(lengths))
    input_ids = torch.full(shape, pad_token_id)
    labels = torch.full(shape, -100)
    for i, row in enumerate(rows):
        input_ids[i, : lengths[i]] = torch.tensor(row["input_ids"])
        labels[i, : lengths[i]] = torch.tensor(row["labels"])
    mask = torch.arange(shape[1])[None] < torch.tensor(lengths)[:, None]
    return {"input_ids": input_ids, "attention_mask": mask.long(), "labels": labels}


def batch_mask_compared(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["attention_mask"] = (batch["input_ids"] != pad_token_id).long()
    return batch


def batch_labels_compared(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["labels"][batch["labels"] == pad_token_id] = -100
    return batch


def batch_both_compared(rows, pad_token_id):
    batch = batch_mask_compared(rows, pad_token_id)
    batch["labels"][batch["input_ids"] == pad_token_id] = -100
    return batch


def batch_labels_padded(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    labels = [torch.tensor(row["labels"]) for row in rows]
    return {**batch, "labels": pad_sequence(labels, True, pad_token_id)}


def batch_on_the_left(rows, pad_token_id):
    longest = max(len(row["input_ids"]) for row in rows)
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        missing = longest - len(row["input_ids"])
        batch["input_ids"].append([pad_token_id] * missing + row["input_ids"])
        batch["attention_mask"].append([0] * missing + [1] * (longest - missing))
        batch["labels"].append([-100] * missing + row["labels"])
    return {name: torch.tensor(values) for name, values in batch.items()}


def batch_labels_anew(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["labels"] = batch["input_ids"].clone()
    batch["labels"][batch["attention_mask"] == 0] = -100
    return batch


def batch_mask_inverted(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["attention_mask"] = 1 - batch["attention_mask"]
    return batch


def batch_mask_of_ones(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    return batch


def batch_as_lists(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    return {name: tensor.tolist() for name, tensor in batch.items()}


def batch_mask_of_floats(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    batch["attention_mask"] = batch["attention_mask"].float()
    return batch


def batch_unfilled(rows, pad_token_id):
    return {
        "input_ids": torch.tensor([row["input_ids"] for row in rows]),
        "labels": torch.tensor([row["labels"] for row in rows]),
    }


def batch_without_mask(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    del batch["attention_mask"]
    return batch


def batch_of_fixed_width(rows, pad_token_id):
    batch = batch_by_pad_sequence(
        [*rows, {"input_ids": [0] * 32, "labels": [-100] * 32}], pad_token_id
    )
    return {name: tensor[:-1] for name, tensor in batch.items()}


RIGHT = [batch_by_pad_sequence, batch_into_full_tensors]
WRONG = [
    (batch_mask_compared, "The mask hides real tokens"),
    (batch_labels_compared, "Every end of text has the label -100"),
    (batch_both_compared, "comparing with pad_token_id"),
    (batch_labels_padded, "The padding has labels that count"),
    (batch_on_the_left, "on the left"),
    (batch_labels_anew, "made anew from input_ids"),
    (batch_mask_inverted, "the wrong way round"),
    (batch_mask_of_ones, "1 everywhere"),
    (batch_as_lists, "return them as tensors"),
    (batch_mask_of_floats, "tensors of whole numbers"),
    (batch_unfilled, "fill them up before you stack"),
    (batch_without_mask, '"attention_mask"'),
    (batch_of_fixed_width, "the longest of the batch"),
]
