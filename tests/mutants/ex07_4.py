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


def pad_without_positions(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    del batch["position_ids"]
    return batch


def pad_ragged(prompts, pad_token_id):
    return {"input_ids": torch.tensor(prompts)}


RIGHT = [pad_by_filling, pad_by_flipping]
WRONG = [
    (pad_without_positions, "Return a dict"),
    (pad_ragged, "differ in length"),
]
