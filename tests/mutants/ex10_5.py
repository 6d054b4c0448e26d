"""Right and wrong answers to Exercise 10.5, as students write them."""

import math

import torch


def attention_by_einsum(q, k, v):
    batch, heads, time, dim = q.shape
    q = q.view(batch, k.shape[1], -1, time, dim)  # (batch, kv_heads, group, time, dim)
    scores = torch.einsum("bkgtd,bksd->bkgts", q, k) * dim**-0.5
    mask = torch.tril(torch.ones(time, time)) == 0
    weights = torch.softmax(scores.masked_fill(mask, -math.inf), dim=-1)
    return torch.einsum("bkgts,bksd->bkgtd", weights, v).reshape(
        batch, heads, time, dim
    )


def attention_by_loop(q, k, v):
    out = torch.empty_like(q)
    group = q.size(1) // k.size(1)
    for head in range(q.size(1)):
        shared = head // group
        for t in range(q.size(2)):
            keys = k[:, shared, : t + 1]  # (batch, t + 1, dim)
            scores = (keys @ q[:, head, t, :, None])[..., 0] / q.size(3) ** 0.5
            weights = scores.exp() / scores.exp().sum(dim=1, keepdim=True)
            out[:, head, t] = (weights[..., None] * v[:, shared, : t + 1]).sum(dim=1)
    return out


def _repeat(q, k, v):
    group = q.shape[1] // k.shape[1]
    return k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)


def _future(q, diagonal=1):
    time = q.shape[2]
    return torch.ones(time, time, dtype=torch.bool).triu(diagonal)


def _attention(q, k, v, scale=None, future=None, dim=-1):
    scores = q @ k.transpose(-2, -1) / (scale or math.sqrt(q.shape[-1]))
    future = _future(q) if future is None else future
    return scores.masked_fill(future, -math.inf).softmax(dim) @ v


def attention_tiled(q, k, v):
    group = q.shape[1] // k.shape[1]
    return _attention(q, k.repeat(1, group, 1, 1), v.repeat(1, group, 1, 1))


def attention_not_causal(q, k, v):
    return _attention(q, *_repeat(q, k, v), future=torch.zeros(1, dtype=torch.bool))


def attention_without_itself(q, k, v):
    return _attention(q, *_repeat(q, k, v), future=_future(q, diagonal=0))


def attention_unscaled(q, k, v):
    return _attention(q, *_repeat(q, k, v), scale=1.0)


def attention_scaled_by_dim(q, k, v):
    return _attention(q, *_repeat(q, k, v), scale=q.shape[-1])


def attention_over_queries(q, k, v):
    return _attention(q, *_repeat(q, k, v), dim=-2)


def attention_masked_after(q, k, v):
    k, v = _repeat(q, k, v)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.softmax(-1).masked_fill(_future(q), 0.0) @ v


def attention_masked_with_zero(q, k, v):
    k, v = _repeat(q, k, v)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.tril().softmax(-1) @ v


def attention_without_softmax(q, k, v):
    k, v = _repeat(q, k, v)
    return (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).tril() @ v


def attention_of_keys(q, k, v):
    k, v = _repeat(q, k, v)
    return _attention(q, k, k)


def attention_as_if_equal(q, k, v):
    return _attention(q, k, v)


def attention_by_numpy(q, k, v):
    q, k, v = (tensor.double().numpy() for tensor in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat(group, axis=1), v.repeat(group, axis=1)
    scores = q @ k.transpose(0, 1, 3, 2) / q.shape[-1] ** 0.5
    scores = scores + (1 - _future(torch.empty(q.shape)).logical_not().numpy()) * -1e9
    weights = torch.from_numpy(scores).softmax(-1).numpy()
    return weights @ v


def attention_by_groups(q, k, v):
    outputs = []
    for queries, keys, values in zip(
        q.chunk(k.shape[1], dim=1), k.split(1, 1), v.split(1, 1), strict=True
    ):
        scores = torch.matmul(queries, keys.mT) / queries.size(-1) ** 0.5
        scores += torch.full(scores.shape[-2:], -math.inf).triu(1)
        outputs.append(torch.nn.functional.softmax(scores, -1) @ values)
    return torch.cat(outputs, dim=1)


def attention_by_expand(q, k, v):
    b, h, t, d = q.shape
    g = h // k.shape[1]
    k, v = (x[:, :, None].expand(-1, -1, g, -1, -1).reshape(b, h, t, d) for x in (k, v))
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k).div(math.sqrt(d))
    causal = torch.arange(t)[:, None] >= torch.arange(t)[None]
    scores = torch.where(causal, scores, torch.tensor(float("-inf")))
    return torch.softmax(scores.double(), -1).to(v.dtype) @ v


def attention_by_stack(q, k, v):
    group = q.shape[1] // k.shape[1]
    heads = []
    for h in range(q.shape[1]):
        scores = q[:, h] @ k[:, h // group].transpose(1, 2) * q.shape[-1] ** -0.5
        mask = torch.ones_like(scores).tril().bool()
        heads.append(scores.masked_fill(~mask, -1e30).softmax(2) @ v[:, h // group])
    return torch.stack(heads, 1).contiguous()


def attention_by_torch(q, k, v):
    import torch.nn.functional as F

    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)


def attention_flattened(q, k, v):
    g = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(g)
    v = v.repeat_interleave(g)
    t = q.shape[2]
    s = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).masked_fill(
        ~torch.ones(t, t).tril().bool(), -torch.inf
    )
    return s.softmax(-1) @ v


RIGHT = [
    attention_by_einsum,
    attention_by_loop,
    attention_by_numpy,
    attention_by_groups,
    attention_by_expand,
    attention_by_stack,
]
WRONG = [
    (attention_by_torch, "write it yourself"),
    (attention_tiled, "neighbouring query heads"),
    (attention_not_causal, "sees the positions after it"),
    (attention_without_itself, "sees itself"),
    (attention_unscaled, "not divided by the root"),
    (attention_scaled_by_dim, "not by head_dim"),
    (attention_over_queries, "other dimension"),
    (attention_masked_after, "after the softmax"),
    (attention_masked_with_zero, "score of 0"),
    (attention_without_softmax, "softmax is missing"),
    (attention_of_keys, "sums of the keys"),
    (attention_as_if_equal, "as many heads as the queries"),
    (attention_flattened, "print its shape"),
]
