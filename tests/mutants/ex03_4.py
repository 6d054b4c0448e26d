"""Right and wrong answers to Exercise 3.4, as students write them."""

import math

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


RIGHT = [attention_added_mask, attention_with_library, attention_renormalised]
WRONG = [
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
    (attention_output_only, "Return output and weights"),
]
