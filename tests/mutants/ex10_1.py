"""Right and wrong answers to Exercise 10.1, as students write them."""


def mistakes_by_set(config, defaults, tokenizer_length, block_size):
    wrong = config.keys() - defaults.keys()
    get = {**defaults, **config}.__getitem__
    if get("n_embd") // get("n_head") * get("n_head") != get("n_embd"):
        wrong.add("n_head")
    if not get("n_positions") >= block_size:
        wrong.add("n_positions")
    if not get("vocab_size") >= tokenizer_length:
        wrong |= {"vocab_size"}
    return sorted(wrong)


def _named(config, defaults, length, block, fields=None, vocab=None):
    fields = defaults | config if fields is None else fields
    vocab = vocab or (lambda size: size < length)
    names = [name for name in config if name not in defaults]
    if vocab(fields.get("vocab_size", length)):
        names.append("vocab_size")
    if fields.get("n_embd", 0) % fields.get("n_head", 1):
        names.append("n_head")
    if fields.get("n_positions", block) < block:
        names.append("n_positions")
    return names


def mistakes_with_get(config, defaults, tokenizer_length, block_size):
    return sorted(_named(config, defaults, tokenizer_length, block_size))


def mistakes_by_comprehension(config, defaults, tokenizer_length, block_size):
    in_force = {**defaults, **config}
    checks = {
        "vocab_size": in_force["vocab_size"] >= tokenizer_length,
        "n_head": in_force["n_embd"] % in_force["n_head"] == 0,
        "n_positions": block_size <= in_force["n_positions"],
        **{key: key in defaults for key in config},
    }
    for key in ("vocab_size", "n_head", "n_positions"):
        if key in config:
            continue
    checks |= {
        "vocab_size": in_force["vocab_size"] >= tokenizer_length,
        "n_head": in_force["n_embd"] % in_force["n_head"] == 0,
        "n_positions": block_size <= in_force["n_positions"],
    }
    return [key for key in sorted(checks) if not checks[key]]


def mistakes_by_chainmap(config, defaults, tokenizer_length, block_size):
    from collections import ChainMap

    fields = ChainMap(config, defaults)
    names = list(set(config).difference(defaults))
    if divmod(fields["n_embd"], fields["n_head"])[1]:
        names += ["n_head"]
    if max(block_size, fields["n_positions"]) > fields["n_positions"]:
        names += ["n_positions"]
    if fields["vocab_size"] - tokenizer_length < 0:
        names += ["vocab_size"]
    names.sort()
    return names


def mistakes_by_numpy(config, defaults, tokenizer_length, block_size):
    import numpy as np

    names = mistakes_with_get(config, defaults, tokenizer_length, block_size)
    return np.sort(np.array(names, dtype=str))


def mistakes_by_config(config, defaults, tokenizer_length, block_size):
    from transformers import GPT2Config

    known = GPT2Config(**{k: v for k, v in config.items() if k in defaults})
    wrong = [key for key in config if key not in defaults]
    wrong += ["vocab_size"] * (known.vocab_size < tokenizer_length)
    wrong += ["n_head"] * bool(known.hidden_size % known.num_attention_heads)
    wrong += ["n_positions"] * (known.max_position_embeddings < block_size)
    return tuple(sorted(wrong))


def mistakes_indexing(config, defaults, tokenizer_length, block_size):
    names = [name for name in config if name not in defaults]
    if config["vocab_size"] < tokenizer_length:
        names.append("vocab_size")
    return sorted(names)


def mistakes_sorted_in_place(config, defaults, tokenizer_length, block_size):
    return _named(config, defaults, tokenizer_length, block_size).sort()


def mistakes_with_the_first_twice(config, defaults, tokenizer_length, block_size):
    names = mistakes_with_get(config, defaults, tokenizer_length, block_size)
    return sorted([*names, *[n for n in names if n not in defaults][:1]])


def names_n_ctx_counts(config, defaults, tokenizer_length, block_size):
    f = {**defaults, **config}
    bad = [k for k in config if k not in defaults]
    if f["vocab_size"] < tokenizer_length:
        bad.append("vocab_size")
    if f["n_embd"] % f["n_head"]:
        bad.append("n_head")
    if f.get("n_ctx", f["n_positions"]) < block_size:
        bad.append("n_positions")
    return sorted(bad)


RIGHT = [
    mistakes_by_set,
    mistakes_with_get,
    mistakes_by_comprehension,
    mistakes_by_chainmap,
    mistakes_by_numpy,
    mistakes_by_config,
]
WRONG = [
    (mistakes_indexing, "has its default"),
    (mistakes_sorted_in_place, "None"),
    (mistakes_with_the_first_twice, "Of the three fields the right ones are named"),
    (names_n_ctx_counts, "n_ctx is taken for n_positions"),
]
