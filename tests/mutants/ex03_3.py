"""Right and wrong answers to Exercise 3.3, as students write them."""

import torch


def heads_permuted(qkv, n_head):
    batch, time, width = qkv.shape
    cut = qkv.reshape(batch, time, 3, n_head, width // (3 * n_head))
    return cut.permute(2, 0, 3, 1, 4)


def heads_by_slices(qkv, n_head):
    n_embd = qkv.size(-1) // 3
    head_dim = n_embd // n_head
    parts = []
    for start in (0, n_embd, 2 * n_embd):
        heads = [
            qkv[:, :, start + h * head_dim : start + (h + 1) * head_dim]
            for h in range(n_head)
        ]
        parts.append(torch.stack(heads, dim=1))
    return tuple(parts)


def heads_reshaped(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, n_head, time, width // 3 // n_head
    return tuple(part.reshape(shape) for part in qkv.chunk(3, dim=-1))


def heads_viewed(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, n_head, time, width // 3 // n_head
    return tuple(part.view(shape) for part in qkv.chunk(3, dim=-1))


def heads_not_swapped(qkv, n_head):
    query, key, value = qkv.chunk(3, dim=-1)
    shape = (*query.shape[:2], n_head, -1)
    return query.view(shape), key.view(shape), value.view(shape)


def heads_every_nth(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, time, width // 3 // n_head, n_head
    return [part.reshape(shape).permute(0, 3, 1, 2) for part in qkv.chunk(3, dim=-1)]


def heads_before_parts(qkv, n_head):
    batch, time, width = qkv.shape
    heads = qkv.view(batch, time, n_head, width // n_head).transpose(1, 2)
    return heads.chunk(3, dim=-1)


def heads_key_first(qkv, n_head):
    query, key, value = heads_permuted(qkv, n_head)
    return key, query, value


def heads_value_first(qkv, n_head):
    query, key, value = heads_permuted(qkv, n_head)
    return value, key, query


def heads_not_cut(qkv, n_head):
    return qkv.chunk(3, dim=-1)


def heads_query_only(qkv, n_head):
    return heads_permuted(qkv, n_head)[0]


RIGHT = [heads_permuted, heads_by_slices]
WRONG = [
    (heads_reshaped, "mixes the tokens"),
    (heads_viewed, "cut that one"),
    (heads_not_swapped, "still stand after time"),
    (heads_every_nth, "every n-th number"),
    (heads_before_parts, "cut into heads first"),
    (heads_key_first, "Query and key are exchanged"),
    (heads_value_first, "The order in c_attn"),
    (heads_not_cut, "not yet cut into heads"),
    (heads_query_only, "Return query, key and value"),
]
