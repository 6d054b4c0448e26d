"""Right and wrong answers to Exercise 3.3, as students write them."""

import numpy as np
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


def heads_numpy(qkv, n_head):
    batch, time, width = qkv.shape
    parts = np.split(qkv.numpy(), 3, axis=2)
    shape = batch, time, n_head, width // 3 // n_head
    return [np.moveaxis(part.reshape(shape), 2, 1) for part in parts]


def heads_by_chunks(qkv, n_head):
    parts = torch.tensor_split(qkv.double(), 3, dim=2)
    return (torch.stack(part.chunk(n_head, dim=2), dim=1) for part in parts)


def heads_unflattened(qkv, n_head):
    query, key, value = qkv.split(qkv.size(2) // 3, dim=2)
    return tuple(
        part.unflatten(-1, (n_head, -1)).movedim(2, 1).contiguous()
        for part in (query, key, value)
    )


def heads_by_loop(qkv, n_head):
    batch, time, width = qkv.shape
    n_embd = width // 3
    head_dim = n_embd // n_head
    out = torch.empty(3, batch, n_head, time, head_dim)
    for part in range(3):
        for h in range(n_head):
            start = part * n_embd + h * head_dim
            out[part, :, h] = qkv[..., start : start + head_dim]
    return list(out)


def heads_last_swapped(qkv, n_head):
    return [part.transpose(2, 3) for part in heads_permuted(qkv, n_head)]


def heads_interleaved(qkv, n_head):
    batch, time, width = qkv.shape
    cut = qkv.view(batch, time, n_head, width // 3 // n_head, 3)
    return cut.permute(4, 0, 2, 1, 3)


def heads_head_dim_first(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, time, width // 3 // n_head, n_head
    return [part.reshape(shape).transpose(1, 2) for part in qkv.chunk(3, dim=-1)]


def heads_chunked_by_time(qkv, n_head):
    query, key, value = qkv.chunk(3, dim=1)
    return query, key, value


def heads_of_whole_width(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, time, n_head, width // n_head
    return [part.reshape(shape).transpose(1, 2) for part in qkv.chunk(3, dim=-1)]


def heads_same_three(qkv, n_head):
    return [heads_permuted(qkv, n_head)[0]] * 3


def heads_float_size(qkv, n_head):
    batch, time, width = qkv.shape
    shape = batch, time, n_head, width / 3 / n_head
    return [part.view(shape).transpose(1, 2) for part in qkv.chunk(3, dim=-1)]


def heads_as_dict(qkv, n_head):
    return dict(
        zip(("query", "key", "value"), heads_permuted(qkv, n_head), strict=True)
    )


def heads_printed(qkv, n_head):
    for part in heads_permuted(qkv, n_head):
        print(part)


def heads_value_swapped(qkv, n_head):
    query, key, value = heads_permuted(qkv, n_head)
    return query, value, key


RIGHT = [
    heads_permuted,
    heads_by_slices,
    heads_numpy,
    heads_by_chunks,
    heads_unflattened,
    heads_by_loop,
]
WRONG = [
    (heads_reshaped, "mixes the tokens"),
    (heads_viewed, "cut that one"),
    (heads_not_swapped, "still stand after time"),
    (heads_every_nth, "every n-th number"),
    (heads_before_parts, "cut into heads first"),
    (heads_key_first, "Query and key are exchanged"),
    (heads_value_first, "The order in c_attn"),
    (heads_not_cut, "not yet cut into heads"),
    (heads_query_only, "The key and the value are missing"),
    (heads_last_swapped, "last two dimensions are exchanged"),
    (heads_interleaved, "by turns"),
    (heads_head_dim_first, "n_head and head_dim are exchanged"),
    (heads_chunked_by_time, "split(n) cuts"),
    (heads_of_whole_width, "head_dim = n_embd / n_head"),
    (heads_same_three, "All three are the query"),
    (heads_float_size, "whole number"),
    (heads_as_dict, "returns a dict"),
    (heads_printed, "`print` shows"),
    (heads_value_swapped, "Key and value are exchanged"),
]
