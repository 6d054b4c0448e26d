"""Right and wrong answers to Exercise 3.1, as students write them."""

import numpy as np
import torch


def _count(V, T, d, L, tied, *, bias=1, norms=1, last=1, qkv=3, proj=1, mlp=2, scale=2):
    attention = d * qkv * d + d * proj * d + bias * (3 * d + d)
    inner = mlp * 4 * d * d + bias * (4 * d + d)
    total = V * d + T * d + L * (attention + inner + norms * 2 * scale * d)
    return total + last * scale * d + (0 if tied else V * d)


def count_one_formula(vocab_size, n_positions, n_embd, n_layer, tied):
    tables = vocab_size * (1 if tied else 2) + n_positions
    return n_embd * (tables + n_layer * (12 * n_embd + 13) + 2)


def count_on_meta(vocab_size, n_positions, n_embd, n_layer, tied):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=vocab_size,
        n_positions=n_positions,
        n_embd=n_embd,
        n_layer=n_layer,
        n_head=1,
        bos_token_id=0,
        eos_token_id=0,
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        return GPT2LMHeadModel(config).num_parameters()


def count_one_block(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, 1, tied)


def _shapes(V, T, d, L, tied):
    block = [(d,), (d,), (d, 3 * d), (3 * d,), (d, d), (d,)]
    block += [(d,), (d,), (d, 4 * d), (4 * d,), (4 * d, d), (d,)]
    return [(V, d), (T, d), *block * L, (d,), (d,), *([] if tied else [(V, d)])]


def count_from_shapes(*sizes):
    return sum(np.prod(shape) for shape in _shapes(*sizes))


def count_torch_meta(*sizes):
    tensors = [torch.empty(shape, device="meta") for shape in _shapes(*sizes)]
    return torch.tensor([tensor.numel() for tensor in tensors]).sum()


def count_by_dict(vocab_size, n_positions, n_embd, n_layer, tied):
    parts = {
        "wte": vocab_size * n_embd,
        "wpe": n_positions * n_embd,
        "ln_f": 2 * n_embd,
    }
    for layer in range(n_layer):
        parts[layer] = 4 * n_embd + 9 * n_embd + 12 * n_embd**2
    if not tied:
        parts["lm_head"] = parts["wte"]
    return np.int32(sum(parts.values()))


def count_as_float(vocab_size, n_positions, n_embd, n_layer, tied):
    heads = 2.0 - tied
    return n_embd * (
        heads * vocab_size + n_positions + n_layer * (12 * n_embd + 13) + 2
    )


def count_in_millions(*sizes):
    return count_one_formula(*sizes) / 1e6


def count_plus_one_layer(vocab_size, n_positions, n_embd, n_layer, tied):
    return count_one_formula(vocab_size, n_positions, n_embd, n_layer + 1, tied)


def count_one_norm(V, T, d, L, tied):
    return _count(V, T, d, L, tied, norms=0.5)


def count_narrow_mlp(V, T, d, L, tied):
    return count_one_formula(V, T, d, L, tied) - 6 * L * d * d


def count_printed(*sizes):
    print(count_one_formula(*sizes))


def count_from_library(vocab_size, n_positions, n_embd, n_layer, tied):
    from course_utils.model.planner import parameters

    return parameters(vocab_size, n_positions, n_embd, n_layer)


def count_four_arguments(vocab_size, n_positions, n_embd, n_layer):
    return count_one_formula(vocab_size, n_positions, n_embd, n_layer, True)


def count_parts(*sizes):
    return [int(np.prod(shape)) for shape in _shapes(*sizes)]


def parameters_with_masks(vocab_size, n_positions, n_embd, n_layer, tied):
    d, tables = n_embd, vocab_size * (2 - tied) + n_positions
    block = 12 * d * d + 13 * d + n_positions**2
    return tables * d + n_layer * block + 2 * d


RIGHT = [
    count_one_formula,
    count_on_meta,
    count_from_shapes,
    count_torch_meta,
    count_by_dict,
    count_as_float,
]
WRONG = [
    (parameters_with_masks, "1 x n_positions x n_positions in a block"),
    (count_one_block, "Only one block"),
    (count_in_millions, "Count part by part"),
    (count_plus_one_layer, "Your number counts 12 x n_embd x n_embd after"),
    (count_one_norm, "two layer norms"),
    (count_narrow_mlp, "4 times as wide"),
    (count_printed, "`print` shows"),
    (count_from_library, "write it yourself"),
    (count_four_arguments, "cannot be called as"),
    (count_parts, "returns a list or tuple, where a number"),
]
