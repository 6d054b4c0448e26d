"""Right and wrong answers to Exercise 3.2, as students write them."""

from math import gcd

import numpy as np
from transformers import AutoConfig, GPT2Config, GPT2LMHeadModel


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


class _MyConfig(GPT2Config):
    pass


def config_for_model(vocab_size, block_size, width, layers, heads, eos):
    if width // heads * heads != width:
        raise ValueError
    return AutoConfig.for_model(
        "gpt2",
        vocab_size=vocab_size,
        n_positions=block_size,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        bos_token_id=eos,
        eos_token_id=eos,
    )


def config_subclass(vocab_size, block_size, width, layers, heads, eos):
    if gcd(width, heads) != heads:
        raise type("NotEven", (ValueError,), {})(f"{width} / {heads}")
    sizes = {
        "n_positions": block_size,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
    }
    ends = dict.fromkeys(("bos_token_id", "eos_token_id"), eos)
    return _MyConfig(vocab_size=vocab_size, **sizes, **ends)


def config_updated(vocab_size, block_size, width, layers, heads, eos):
    config = _config(vocab_size, block_size, width, layers, heads, eos)
    if np.mod(config.n_embd, config.n_head):
        raise ValueError("heads")
    return config


def config_from_dict(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    names = ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head"]
    values = [vocab_size, block_size, width, layers, heads]
    fields = dict(zip(names, values, strict=True)) | {"eos_token_id": eos}
    return GPT2Config.from_dict(fields | {"bos_token_id": eos})


def config_swapped(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width, heads, layers, eos)


def config_positional(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return GPT2Config(vocab_size, block_size, width, layers, heads)


def config_width_a_head(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width // heads, layers, heads, eos)


def config_float_width(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width / heads * heads, layers, heads, eos)


def config_asserts(vocab_size, block_size, width, layers, heads, eos):
    assert width % heads == 0
    return _config(vocab_size, block_size, width, layers, heads, eos)


def config_returns_error(vocab_size, block_size, width, layers, heads, eos):
    if width % heads:
        return ValueError("uneven")
    return _config(vocab_size, block_size, width, layers, heads, eos)


def config_returns_none(vocab_size, block_size, width, layers, heads, eos):
    if width % heads == 0:
        return _config(vocab_size, block_size, width, layers, heads, eos)


def config_as_dict(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width, layers, heads, eos).to_dict()


def config_eos_minus_one(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    return _config(vocab_size, block_size, width, layers, heads, vocab_size - 1)


def config_no_return(vocab_size, block_size, width, layers, heads, eos):
    _refuse(width, heads)
    _config(vocab_size, block_size, width, layers, heads, eos)


def config_divisor_the_other_way(vocab_size, block_size, width, layers, heads, eos):
    if heads % width:
        raise ValueError("uneven")
    return _config(vocab_size, block_size, width, layers, heads, eos)


def config_from_library(vocab_size, block_size, width, layers, heads, eos):
    from course_utils.model.gpt2 import preset

    return preset("tiny")


def config_other_remainder(vocab_size, block_size, width, layers, heads, eos):
    if block_size % heads:
        raise ValueError
    return GPT2Config(
        vocab_size=vocab_size,
        n_positions=block_size,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        bos_token_id=eos,
        eos_token_id=eos,
    )


def config_with_inner(vocab_size, block_size, width, layers, heads, eos):
    if width % heads:
        raise ValueError
    return GPT2Config(
        vocab_size=vocab_size,
        n_positions=block_size,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        bos_token_id=eos,
        eos_token_id=eos,
        n_inner=width,
    )


RIGHT = [
    config_other_names,
    config_set_afterwards,
    config_for_model,
    config_subclass,
    config_updated,
    config_from_dict,
]
WRONG = [
    (config_n_ctx, "Its name is n_positions"),
    (config_plurals, "Its name is n_layer"),
    (config_n_heads, "Its name is n_head"),
    (config_without_eos, "The end token has GPT-2's own number"),
    (config_without_bos, "The start token"),
    (config_never_refuses, "raise a ValueError"),
    (config_refuses_odd, "nothing is to be refused"),
    (config_as_model, "Return a GPT2Config"),
    (config_swapped, "`n_layer` has the number of `heads`"),
    (config_positional, "takes its sizes by name"),
    (config_width_a_head, "`n_embd` is not what was asked for"),
    (config_float_width, "wants whole numbers"),
    (config_asserts, "Raise a ValueError"),
    (config_returns_error, "is returned: raise it"),
    (config_returns_none, "raise a ValueError"),
    (config_as_dict, "and not a model, a dict"),
    (config_eos_minus_one, "`eos_token_id` is not"),
    (config_no_return, "returns None"),
    (config_divisor_the_other_way, "nothing is to be refused"),
    (config_from_library, "write it yourself"),
    (config_other_remainder, "stops with ValueError"),
    (config_with_inner, "n_inner is the width"),
]
