"""Right and wrong answers to Exercise 7.4, as students write them."""

import torch


def pad_by_filling(prompts, pad_token_id):
    width = max(map(len, prompts))
    input_ids = torch.full((len(prompts), width), pad_token_id)
    attention_mask = torch.zeros_like(input_ids)
    position_ids = torch.zeros_like(input_ids)
    for i, ids in enumerate(prompts):
        start = width - len(ids)
        input_ids[i, start:] = torch.tensor(ids)
        attention_mask[i, start:] = 1
        position_ids[i, start:] = torch.arange(len(ids))
    return {
        "input_ids": input_ids,
        "attention_mask": attention_mask,
        "position_ids": position_ids,
    }


def pad_by_flipping(prompts, pad_token_id):
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(p).flip(0) for p in prompts],
        batch_first=True,
        padding_value=pad_token_id,
    ).flip(1)
    lengths = torch.tensor([[len(p)] for p in prompts])
    places = torch.arange(ids.shape[1]) - (ids.shape[1] - lengths)
    return {
        "input_ids": ids,
        "attention_mask": (places >= 0).long(),
        "position_ids": places.clamp(min=0),
    }


def pad_right(prompts, pad_token_id):
    width = max(map(len, prompts))
    ids = [p + [pad_token_id] * (width - len(p)) for p in prompts]
    mask = [[1] * len(p) + [0] * (width - len(p)) for p in prompts]
    places = [[*range(len(p))] + [0] * (width - len(p)) for p in prompts]
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": torch.tensor(mask),
        "position_ids": torch.tensor(places),
    }


def pad_right_arange(prompts, pad_token_id):
    batch = pad_right(prompts, pad_token_id)
    places = torch.arange(batch["input_ids"].shape[1]).expand(len(prompts), -1)
    return batch | {"position_ids": places}


def pad_arange(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    width = batch["input_ids"].shape[1]
    return batch | {"position_ids": torch.arange(width).expand(len(prompts), width)}


def pad_mask_by_id(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    mask = (batch["input_ids"] != pad_token_id).long()
    places = (mask.cumsum(1) - 1).clamp(min=0)
    return batch | {"attention_mask": mask, "position_ids": places}


def pad_counts_from_one(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return batch | {"position_ids": batch["attention_mask"].cumsum(1)}


def pad_minus_one(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return batch | {"position_ids": batch["attention_mask"].cumsum(1) - 1}


def pad_position_one(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    padding = batch["attention_mask"] == 0
    return batch | {"position_ids": batch["position_ids"].masked_fill(padding, 1)}


def pad_mask_inverted(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return batch | {"attention_mask": 1 - batch["attention_mask"]}


def pad_all_attended(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return batch | {"attention_mask": torch.ones_like(batch["input_ids"])}


def pad_without_positions(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    del batch["position_ids"]
    return batch


def pad_ragged(prompts, pad_token_id):
    return {"input_ids": torch.tensor(prompts)}


RIGHT = [pad_by_filling, pad_by_flipping]
WRONG = [
    (pad_right, "padded on the right"),
    (pad_right_arange, "padded on the right"),
    (pad_arange, "positions count the padding"),
    (pad_mask_by_id, "by its id"),
    (pad_counts_from_one, "first token has position 0"),
    (pad_minus_one, "-1 on padding"),
    (pad_position_one, "On padding the position is to be 0"),
    (pad_mask_inverted, "upside down"),
    (pad_all_attended, "mask is 1 everywhere"),
    (pad_without_positions, "Return a dict"),
    (pad_ragged, "differ in length"),
]
