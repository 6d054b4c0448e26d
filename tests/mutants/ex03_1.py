"""Right and wrong answers to Exercise 3.1, as students write them."""


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


def count_head_always(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied=False)


def count_head_never(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied=True)


def count_head_bias(vocab_size, n_positions, n_embd, n_layer, tied):
    count = _count(vocab_size, n_positions, n_embd, n_layer, tied)
    return count if tied else count + vocab_size


def count_no_biases(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, bias=0)


def count_no_norms(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, norms=0, last=0)


def count_no_last_norm(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, last=0)


def count_norm_scale_only(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, scale=1)


def count_rule_of_thumb(vocab_size, n_positions, n_embd, n_layer, tied):
    tables = (vocab_size + n_positions) * n_embd
    head = 0 if tied else vocab_size * n_embd
    return tables + 12 * n_layer * n_embd**2 + head


def count_no_positions(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, 0, n_embd, n_layer, tied)


def count_one_matrix_for_qkv(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, qkv=1)


def count_no_projection(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, proj=0)


def count_half_mlp(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, n_layer, tied, mlp=1)


def count_one_block(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, 1, tied)


RIGHT = [count_one_formula, count_on_meta]
WRONG = [
    (count_head_always, "counted twice"),
    (count_head_never, "An untied head is missing"),
    (count_head_bias, "has no bias"),
    (count_no_biases, "The biases are missing"),
    (count_no_norms, "The layer norms are missing"),
    (count_no_last_norm, "The last layer norm"),
    (count_norm_scale_only, "a scale and a shift"),
    (count_rule_of_thumb, "rule of thumb"),
    (count_no_positions, "table of positions"),
    (count_one_matrix_for_qkv, "A matrix is missing"),
    (count_no_projection, "c_proj, which mixes"),
    (count_half_mlp, "The MLP has two matrices"),
    (count_one_block, "Count part by part"),
]
