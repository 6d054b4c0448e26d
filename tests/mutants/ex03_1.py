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


def count_one_block(vocab_size, n_positions, n_embd, n_layer, tied):
    return _count(vocab_size, n_positions, n_embd, 1, tied)


RIGHT = [count_one_formula, count_on_meta]
WRONG = [
    (count_one_block, "Count part by part"),
]
