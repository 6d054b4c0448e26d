"""Right and wrong answers to Exercise 3.2, as students write them."""

from transformers import GPT2Config, GPT2LMHeadModel


def _config(vocab_size, block_size, width, layers, heads, eos, **other):
    sizes = {
        "vocab_size": vocab_size,
        "n_positions": block_size,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
        "bos_token_id": eos,
        "eos_token_id": eos,
    }
    sizes = {**sizes, **other}
    return GPT2Config(**{k: v for k, v in sizes.items() if v is not None})


def _refuse(width, heads):
    if width % heads != 0:
        raise ValueError("width must be a multiple of heads")


def config_other_names(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return GPT2Config(
        vocab_size=vocab_size,
        max_position_embeddings=block_size,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        bos_token_id=eos,
        eos_token_id=eos,
    )


def config_set_afterwards(vocab_size, block_size, width, layers, heads, eos):
    head_dim, rest = divmod(width, heads)
    if rest:
        raise ValueError(head_dim)
    config = GPT2Config(bos_token_id=None, eos_token_id=None)
    config.vocab_size, config.n_positions, config.n_embd = vocab_size, block_size, width
    config.n_layer, config.n_head = layers, heads
    config.bos_token_id = config.eos_token_id = eos
    return config


def config_n_ctx(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    other = {"n_positions": None, "n_ctx": block_size}
    return _config(vocab_size, block_size, width, layers, heads, eos, **other)


def config_plurals(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    other = {"n_layer": None, "n_head": None, "n_layers": layers, "n_heads": heads}
    return _config(vocab_size, block_size, width, layers, heads, eos, **other)


def config_n_heads(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    other = {"n_head": None, "num_heads": heads}
    return _config(vocab_size, block_size, width, layers, heads, eos, **other)


def config_without_eos(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    other = {"bos_token_id": None, "eos_token_id": None}
    return _config(vocab_size, block_size, width, layers, heads, eos, **other)


def config_without_bos(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width, layers, heads, eos, bos_token_id=None)


def config_never_refuses(vocab_size, block_size, width, layers, heads, eos):
    return _config(vocab_size, block_size, width, layers, heads, eos)


def config_refuses_odd(vocab_size, block_size, width, layers, heads, eos):
    if heads % 2:
        raise ValueError("the number of heads must be even")
    return _config(vocab_size, block_size, width, layers, heads, eos)


def config_as_model(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return GPT2LMHeadModel(_config(vocab_size, block_size, width, layers, heads, eos))


RIGHT = [config_other_names, config_set_afterwards]
WRONG = [
    (config_n_ctx, "Its name is n_positions"),
    (config_plurals, "Its name is n_layer"),
    (config_n_heads, "Its name is n_head"),
    (config_without_eos, "The end token has GPT-2's own number"),
    (config_without_bos, "The start token"),
    (config_never_refuses, "raise a ValueError"),
    (config_refuses_odd, "It refuses a width"),
    (config_as_model, "Return a GPT2Config"),
]
