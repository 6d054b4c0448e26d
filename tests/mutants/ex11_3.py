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


def batch_of_int32(rows, pad_token_id):
    return {k: v.int() for k, v in batch_by_pad_sequence(rows, pad_token_id).items()}


def batch_by_numpy(rows, pad_token_id):
    import numpy as np

    width = max(map(len, (row["input_ids"] for row in rows)))

    def filled(name, filler):
        table = np.full((len(rows), width), filler, dtype=np.int64)
        for line, row in zip(table, rows, strict=True):
            line[: len(row[name])] = row[name]
        return torch.from_numpy(table)

    lengths = np.array([len(row["labels"]) for row in rows])
    mask = (np.arange(width) < lengths[:, None]).astype(np.int64)
    return {
        "labels": filled("labels", -100),
        "input_ids": filled("input_ids", pad_token_id),
        "attention_mask": torch.tensor(mask),
    }


def batch_by_zip_longest(rows, pad_token_id):
    from itertools import zip_longest

    def table(lists, filler):
        return torch.tensor([*zip(*zip_longest(*lists, fillvalue=filler), strict=True)])

    return {
        "input_ids": table([row["input_ids"] for row in rows], pad_token_id),
        "attention_mask": table([[1] * len(row["labels"]) for row in rows], 0),
        "labels": table([row["labels"] for row in rows], -100),
        "n": len(rows),
    }


def batch_by_pad(rows, pad_token_id):
    from torch.nn.functional import pad

    longest = max(len(row["input_ids"]) for row in rows)
    out = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        ids = torch.as_tensor(row["input_ids"])
        right = (0, longest - ids.numel())
        out["input_ids"].append(pad(ids, right, value=pad_token_id))
        out["attention_mask"].append(pad(torch.ones_like(ids), right))
        labels = torch.as_tensor(row["labels"])
        out["labels"].append(pad(labels, right, value=-100))
    return {name: torch.stack(tensors) for name, tensors in out.items()}


def batch_of_the_first(rows, pad_token_id):
    return batch_by_pad_sequence(rows[:1], pad_token_id)


def batch_mask_of_bools(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    return batch | {"attention_mask": batch["attention_mask"].bool()}


def batch_transposed(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    return {name: tensor.T for name, tensor in batch.items()}


def batch_cut_to_the_shortest(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    shortest = min(len(row["input_ids"]) for row in rows)
    return {name: tensor[:, :shortest] for name, tensor in batch.items()}


def batch_ids_filled_with_0(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    ids = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, 7)
    return batch | {"input_ids": ids}


def batch_labels_filled_with_minus_1(rows, pad_token_id):
    batch = batch_by_pad_sequence(rows, pad_token_id)
    labels = batch["labels"].masked_fill(batch["attention_mask"] == 0, -1)
    return batch | {"labels": labels}


RIGHT = [
    batch_by_pad_sequence,
    batch_into_full_tensors,
    batch_of_int32,
    batch_by_numpy,
    batch_by_zip_longest,
    batch_by_pad,
]
WRONG = [
    (batch_mask_compared, "The mask hides real tokens"),
    (batch_labels_compared, "Every end of text has the label -100"),
    (batch_both_compared, "comparing with pad_token_id"),
    (batch_labels_padded, "The padding has labels that count"),
    (batch_on_the_left, "on the left"),
    (batch_labels_anew, "made anew from input_ids"),
    (batch_mask_inverted, "the wrong way round"),
    (batch_mask_of_ones, "1 everywhere"),
    (batch_of_the_first, "as many rows"),
    (batch_mask_of_bools, "tensors of whole numbers"),
    (batch_transposed, "stands on its side"),
    (batch_cut_to_the_shortest, "cut off"),
    (batch_ids_filled_with_0, "Only input_ids are wrong"),
    (batch_labels_filled_with_minus_1, "Only labels are wrong"),
    (batch_as_lists, "return them as tensors"),
    (batch_mask_of_floats, "tensors of whole numbers"),
    (batch_unfilled, "fill them up before you stack"),
    (batch_without_mask, '"attention_mask"'),
    (batch_of_fixed_width, "wider than its longest row"),
]
