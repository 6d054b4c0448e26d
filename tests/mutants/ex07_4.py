"""Right and wrong answers to Exercise 7.4, as students write them."""

import numpy as np
import torch
import torch.nn.functional as F
from transformers import BatchEncoding


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


def pad_numpy(prompts, pad_token_id):
    lengths = np.array(list(map(len, prompts)))[:, None]
    places = np.arange(lengths.max()) - (lengths.max() - lengths)
    ids = np.full(places.shape, pad_token_id)
    ids[places >= 0] = np.concatenate(prompts)
    mask = (places >= 0).astype(int)
    return {"input_ids": ids, "attention_mask": mask, "position_ids": places.clip(0)}


def pad_f_pad(prompts, pad_token_id):
    width = max(len(ids) for ids in prompts)

    def stack(lists, value):
        tensors = [torch.tensor(x) for x in lists]
        return torch.stack(
            [F.pad(x, (width - len(x), 0), value=value) for x in tensors]
        )

    return BatchEncoding(
        {
            "input_ids": stack(prompts, pad_token_id),
            "attention_mask": stack([[1] * len(ids) for ids in prompts], 0),
            "position_ids": stack([list(range(len(ids))) for ids in prompts], 0),
        }
    )


def pad_masked_positions(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    mask = batch["attention_mask"].bool()
    places = (mask.int().cumsum(-1) - 1).masked_fill(~mask, 0)
    return {
        "input_ids": batch["input_ids"].int(),
        "attention_mask": mask,
        "position_ids": places,
    }


def pad_by_library(prompts, pad_token_id):
    tensors = [torch.tensor(ids) for ids in prompts]
    ids = torch.nn.utils.rnn.pad_sequence(
        tensors, batch_first=True, padding_value=pad_token_id, padding_side="left"
    )
    mask = torch.nn.utils.rnn.pad_sequence(
        [torch.ones_like(x) for x in tensors], batch_first=True, padding_side="left"
    )
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "position_ids": (mask.cumsum(1) - 1) * mask,
    }


def pad_floats(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return {**batch, "position_ids": batch["position_ids"].float()}


def pad_lists(prompts, pad_token_id):
    return {k: v.tolist() for k, v in pad_by_filling(prompts, pad_token_id).items()}


def pad_mask_on_the_right(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    return {**batch, "attention_mask": batch["attention_mask"].flip(1)}


def pad_not_flipped_back(prompts, pad_token_id):
    return {k: v.flip(1) for k, v in pad_by_filling(prompts, pad_token_id).items()}


def pad_by_hf_rule(prompts, pad_token_id):
    batch = pad_by_filling(prompts, pad_token_id)
    places = batch["attention_mask"].cumsum(-1) - 1
    return {
        **batch,
        "position_ids": places.masked_fill(batch["attention_mask"] == 0, 1),
    }


def pad_turned(prompts, pad_token_id):
    return pad_by_filling([ids[::-1] for ids in prompts], pad_token_id)


def pad_with_zero(prompts, pad_token_id):
    return pad_by_filling(prompts, 0)


def pad_insert(prompts, pad_token_id):
    width = max(map(len, prompts))
    for ids in prompts:
        while len(ids) < width:
            ids = ids.insert(0, pad_token_id)
    return {"input_ids": torch.tensor(prompts)}


def pad_ids_only(prompts, pad_token_id):
    return pad_by_filling(prompts, pad_token_id)["input_ids"]


def pad_printed(prompts, pad_token_id):
    print(pad_by_filling(prompts, pad_token_id))


def pad_right_side(prompts, pad_token_id):
    tensors = [torch.tensor(ids) for ids in prompts]
    pad = torch.nn.utils.rnn.pad_sequence
    ids = pad(tensors, batch_first=True, padding_value=pad_token_id)
    mask = pad([torch.ones_like(x) for x in tensors], batch_first=True)
    places = (mask.cumsum(1) - 1) * mask
    return {"input_ids": ids, "attention_mask": mask, "position_ids": places}


RIGHT = [
    pad_by_filling,
    pad_by_flipping,
    pad_numpy,
    pad_f_pad,
    pad_masked_positions,
    pad_by_library,
]
WRONG = [
    (pad_without_positions, "lacks `position_ids`"),
    (pad_ragged, "differ in length"),
    (pad_floats, "of floats"),
    (pad_lists, "but a list"),
    (pad_mask_on_the_right, "unlike sides"),
    (pad_not_flipped_back, "Return a dict"),
    (pad_by_hf_rule, "On padding the position is to be 0"),
    (pad_turned, "turned round"),
    (pad_with_zero, "padded with 0"),
    (pad_insert, "`insert` changes"),
    (pad_ids_only, "where a dict is asked for"),
    (pad_printed, "`print` shows"),
    (pad_right_side, "padded on the right"),
]
