"""Right and wrong answers to Exercise 3.4, as students write them."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def _scores(query, key, scale=None):
    return query @ key.transpose(-2, -1) / (scale or math.sqrt(query.size(-1)))


def _merge(mixed):
    batch, n_head, time, head_dim = mixed.shape
    return mixed.permute(0, 2, 1, 3).reshape(batch, time, n_head * head_dim)


def _mask(scores, diagonal=0):
    return torch.tril(torch.ones_like(scores), diagonal=diagonal)


def _causal(scores, hide=float("-inf"), dim=-1):
    return torch.softmax(scores.masked_fill(_mask(scores) == 0, hide), dim=dim)


def attention_added_mask(query, key, value):
    time = query.shape[2]
    mask = torch.triu(torch.full((time, time), float("-inf")), diagonal=1)
    weights = F.softmax(query @ key.mT * query.size(-1) ** -0.5 + mask, dim=3)
    return torch.cat((weights @ value).unbind(dim=1), dim=-1), weights


def attention_with_library(query, key, value):
    output = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    weights = torch.einsum("bhqd,bhkd->bhqk", query, key).div(query.size(-1) ** 0.5)
    weights = torch.where(_mask(weights).bool(), weights, torch.tensor(-1e9))
    return _merge(output), weights.softmax(-1)


def attention_renormalised(query, key, value):
    weights = _scores(query, key).softmax(dim=-1).tril()
    weights = weights / weights.sum(dim=-1, keepdim=True)
    return _merge(weights @ value), weights


def attention_no_scale(query, key, value):
    weights = _causal(_scores(query, key, scale=1))
    return _merge(weights @ value), weights


def attention_no_root(query, key, value):
    weights = _causal(_scores(query, key, scale=query.size(-1)))
    return _merge(weights @ value), weights


def attention_root_of_width(query, key, value):
    n_embd = query.shape[1] * query.shape[3]
    weights = _causal(_scores(query, key, scale=n_embd**0.5))
    return _merge(weights @ value), weights


def attention_no_mask(query, key, value):
    weights = _scores(query, key).softmax(dim=-1)
    return _merge(weights @ value), weights


def attention_looks_ahead(query, key, value):
    scores = _scores(query, key)
    hidden = torch.tril(torch.ones_like(scores), diagonal=-1).bool()
    weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
    return _merge(weights @ value), weights


def attention_mask_after(query, key, value):
    weights = _scores(query, key).softmax(dim=-1)
    weights = weights.masked_fill(_mask(weights) == 0, 0.0)
    return _merge(weights @ value), weights


def attention_zero_scores(query, key, value):
    scores = _scores(query, key)
    weights = (scores * _mask(scores)).softmax(dim=-1)
    return _merge(weights @ value), weights


def attention_other_axis(query, key, value):
    weights = _causal(_scores(query, key), dim=-2)
    return _merge(weights @ value), weights


def attention_reshaped(query, key, value):
    weights = _causal(_scores(query, key))
    batch, n_head, time, head_dim = query.shape
    return (weights @ value).reshape(batch, time, n_head * head_dim), weights


def attention_swapped(query, key, value):
    return attention_renormalised(query, key, value)[::-1]


def attention_without_itself(query, key, value):
    scores = _scores(query, key)
    scores = scores.masked_fill(_mask(scores, diagonal=-1) == 0, float("-inf"))
    weights = scores.softmax(dim=-1)
    return _merge(weights @ value), weights


def attention_zero_times_infinity(query, key, value):
    scores = _scores(query, key)
    mask = _mask(scores)
    weights = (scores * mask + (1 - mask) * float("-inf")).softmax(dim=-1)
    return _merge(weights @ value), weights


def attention_wrong_transpose(query, key, value):
    weights = _causal(query @ key.transpose(1, 2) / math.sqrt(query.size(-1)))
    return _merge(weights @ value), weights


def attention_output_only(query, key, value):
    return attention_renormalised(query, key, value)[0]


def attention_numpy(query, key, value):
    q, k, v = (x.double().numpy() for x in (query, key, value))
    scores = np.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(q.shape[-1])
    scores[..., ~np.tri(scores.shape[-1], dtype=bool)] = -np.inf
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    weights = powers / powers.sum(-1, keepdims=True)
    return np.concatenate(list(np.moveaxis(weights @ v, 1, 0)), axis=-1), weights


def attention_by_loop(query, key, value):
    batch, n_head, time, head_dim = query.shape
    weights = torch.zeros(batch, n_head, time, time)
    output = torch.zeros(batch, time, n_head * head_dim)
    for b in range(batch):
        for h in range(n_head):
            for t in range(time):
                scores = key[b, h, : t + 1] @ query[b, h, t] / head_dim**0.5
                weights[b, h, t, : t + 1] = scores.softmax(0)
                mixed = weights[b, h, t] @ value[b, h]
                output[b, t, h * head_dim : (h + 1) * head_dim] = mixed
    return [output, weights]


def attention_baddbmm(query, key, value):
    flat = [x.flatten(0, 1) for x in (query, key, value)]
    bias = torch.full((query.size(2),) * 2, -1e30).triu(1).expand(len(flat[0]), -1, -1)
    scores = torch.baddbmm(bias, flat[0], flat[1].mT, alpha=query.size(-1) ** -0.5)
    weights = scores.softmax(-1)
    output = torch.bmm(weights, flat[2]).unflatten(0, query.shape[:2])
    return _merge(output), weights.unflatten(0, query.shape[:2])


def attention_sees_next(query, key, value):
    scores = _scores(query, key).masked_fill(
        _mask(query @ key.mT, diagonal=1) == 0, float("-inf")
    )
    weights = scores.softmax(-1)
    return _merge(weights @ value), weights


def attention_turned(query, key, value):
    weights = _causal(_scores(key, query))
    return _merge(weights @ value), weights


def attention_unmasked_output(query, key, value):
    scores = _scores(query, key)
    return _merge(scores.softmax(-1) @ value), _causal(scores)


def attention_not_flattened(query, key, value):
    weights = _causal(_scores(query, key))
    return (weights @ value).transpose(1, 2), weights


def attention_heads_apart(query, key, value):
    weights = _causal(_scores(query, key))
    return weights @ value, weights


def attention_of_keys(query, key, value):
    weights = _causal(_scores(query, key))
    return _merge(weights @ key), weights


def attention_multiplied(query, key, value):
    weights = _causal(query @ key.mT * math.sqrt(query.size(-1)))
    return _merge(weights @ value), weights


def attention_root_of_heads(query, key, value):
    weights = _causal(_scores(query, key, scale=math.sqrt(query.size(1))))
    return _merge(weights @ value), weights


def attention_weights_only(query, key, value):
    return _causal(_scores(query, key))


def attention_printed(query, key, value):
    print(attention_renormalised(query, key, value))


def attention_mask_is_long(query, key, value):
    scores = _scores(query, key)
    mask = torch.ones_like(scores, dtype=torch.long).triu(1)
    weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
    return _merge(weights @ value), weights


def attention_view_after_transpose(query, key, value):
    weights = _causal(_scores(query, key))
    batch, n_head, time, head_dim = query.shape
    mixed = (weights @ value).transpose(1, 2)
    return mixed.view(batch, time, n_head * head_dim), weights


def attention_to_two(query, key, value):
    time = query.shape[-2]
    near = torch.ones(time, time).tril().triu(-1).bool()
    scores = query @ key.mT / query.shape[-1] ** 0.5
    weights = scores.masked_fill(~near, float("-inf")).softmax(dim=-1)
    return (weights @ value).transpose(1, 2).flatten(2), weights


RIGHT = [
    attention_added_mask,
    attention_with_library,
    attention_renormalised,
    attention_numpy,
    attention_by_loop,
    attention_baddbmm,
]
WRONG = [
    (attention_to_two, "the mask hides too much"),
    (attention_no_scale, "are not scaled"),
    (attention_no_root, "divide by its root"),
    (attention_root_of_width, "root of n_embd"),
    (attention_no_mask, "There is no causal mask"),
    (attention_looks_ahead, "the wrong way round"),
    (attention_mask_after, "no longer sum to 1"),
    (attention_zero_scores, "exp(0) is 1"),
    (attention_other_axis, "runs over the queries"),
    (attention_reshaped, "put together wrongly"),
    (attention_swapped, "in the other order"),
    (attention_without_itself, "There is NaN"),
    (attention_zero_times_infinity, "There is NaN"),
    (attention_wrong_transpose, "last two dimensions of the key"),
    (attention_output_only, "The weights are missing"),
    (attention_sees_next, "A token sees the next one"),
    (attention_turned, "Query and key are exchanged"),
    (attention_unmasked_output, "was made with others"),
    (attention_not_flattened, "The output is not flattened"),
    (attention_heads_apart, "not put together"),
    (attention_of_keys, "a sum of the keys"),
    (attention_multiplied, "multiplied by the root"),
    (attention_root_of_heads, "root of n_head"),
    (attention_weights_only, "The output is missing"),
    (attention_printed, "`print` shows"),
    (attention_mask_is_long, "another dtype"),
    (attention_view_after_transpose, "use reshape"),
]
