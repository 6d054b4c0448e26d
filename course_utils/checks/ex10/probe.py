"""Exercise 10, when it goes wrong: questions, inputs, and how an answer is called."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

# A part of GPT2Config().to_dict(); a test holds it to the library.
DEFAULTS = {
    "vocab_size": 50257,
    "n_positions": 1024,
    "n_embd": 768,
    "n_layer": 12,
    "n_head": 12,
    "n_inner": None,
    "activation_function": "gelu_new",
    "resid_pdrop": 0.1,
    "embd_pdrop": 0.1,
    "attn_pdrop": 0.1,
    "layer_norm_epsilon": 1e-05,
    "initializer_range": 0.02,
}
NO_FIELDS = ("dropout", "embed_dim", "n_ctx", "n_heads", "n_layers", "seq_len")


def config_inputs(seed: int) -> Inputs:
    """Configs with unknown keys, and with values that meet the defaults badly."""
    rng = np.random.default_rng(seed)
    a, b, c = rng.choice(NO_FIELDS, 3, replace=False).tolist()
    small = int(rng.integers(1000, 4000))
    layers = int(rng.integers(5, 12))
    plans = (
        ({a: 2048}, 50257, 1024),
        ({b: 2048, "n_layer": layers}, 50257, 2048),
        ({"vocab_size": 50304, "n_positions": 512}, 50257, 512),
        ({c: 64, "vocab_size": small, "n_embd": 100}, small + 1, 256),
        ({"resid_pdrop": 0.0}, 50258, 1024),
        ({"n_embd": 12 * 13, "n_layer": layers}, 50257, 1000),
        ({"n_head": 5}, 50000, 128),
    )
    return {
        "cases": [
            {
                "config": config,
                "defaults": DEFAULTS,
                "tokenizer_length": length,
                "block_size": block_size,
            }
            for config, length, block_size in plans
        ]
    }


def norms_inputs(seed: int) -> Inputs:
    """Norms that separate the median of a window from what is often taken instead."""
    scale = float(np.random.default_rng(seed).uniform(0.5, 2))
    nan, inf = math.nan, math.inf
    plans = (
        ((1.1, 0.9, 1, 1.2, 6.5, 1, 1.1), 3, 5),
        ((1, 1.1, 0.9, 1, 1.05, 3.9, 3.8, 1, 1, 1.1, 4.6, 1, 1), 5, 4),
        ((1, 1, 1, 4, 1), 2, 3),
        ((1, 1.1, 0.9, 1, 0.2, 1, 1.1, 3.5, 1), 3, 3),
        ((1, 1, 1, 1, 2.6, 6, 1), 3, 3),
        ((10, 9, 8, 7, 5, 3, 2, 1, 1, 1, 1, 1, 1, 1, 6, 1), 4, 5),
        ((0.2, 0.9, 1, 1.1, 1, 1.1, 3.6, 1), 4, 3),
        ((1, 1.1, 1, 5, 1.2, 1, 1), 3, 4),
        ((1, 1.2, 1.1, 1.3, 1, 0.9), 3, 4),
        ((1, 1.1, 1, 1.2, nan), 3, 5),
        ((1, 1.1, inf, 1, 1.2, 1.1), 4, 5),
        ((1, nan, 1, 1, 1, 1.1), 4, 5),
    )
    return {
        "cases": [
            {
                "norms": [round(scale * norm, 3) for norm in norms],
                "window": window,
                "factor": float(factor),
            }
            for norms, window, factor in plans
        ]
    }


def curves_inputs(seed: int) -> Inputs:
    """Runs of each kind, and runs that only look like it; parts of ln(vocab_size)."""
    rng = np.random.default_rng(seed)
    nan, inf = math.nan, math.inf
    down = (1, 0.75, 0.6, 0.55)
    plans = (
        (down, (1, 0.77, 0.64, 0.61)),  # fine
        ((1, 1.004, 0.998, 1.003), (1, 1.002, 1, 1.001)),  # stuck
        ((1, 0.7, 0.5, 0.4), (1, 0.75, 0.7, 0.8)),  # overfit
        ((1, 0.8, 1.1, 1.2), (1, 0.85, 1.1, 1.2)),  # diverged
        (down, (1, 0.6, 0.45, 0.4)),  # leak
        ((1, 0.8, nan, nan), (1, 0.85, nan, nan)),
        (down, (1, nan, 0.64, 0.61)),
        ((1, inf, 0.6, 0.55), (1, 0.77, 0.64, 0.61)),
        (down, (1, 0.8, 0.7, 0.68)),  # a gap, and still falling
        (down, (1, 0.75, 0.59, 0.53)),  # slightly below
        (down, (1, 0.77, 0.6, 0.61)),  # the last rise is small
        ((1, 0.5, 0.6, 0.62), (1, 0.7, 0.66, 0.65)),  # up again, not above the first
        ((1, 0.8, 0.7, 0.65), (1, 0.8, 0.9, 1.05)),  # held-out loss above guessing
        ((1, 0.8, 0.7, 0.65), (1, 0.6, 0.4, 0.46)),  # a leak that rises
    )
    cases = []
    for train, held_out in plans:
        vocab_size = int(rng.integers(600, 50_000))
        guess = math.log(vocab_size)
        cases.append(
            {
                "train": [round(guess * x, 3) for x in train],
                "held_out": [round(guess * x, 3) for x in held_out],
                "vocab_size": vocab_size,
            }
        )
    return {"cases": cases}


def leak_inputs(seed: int) -> Inputs:
    """Test texts that share n words in a row with training, or nearly do."""
    rng = np.random.default_rng(seed)
    syllables = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]
    words = ("".join(pair) for pair in rng.choice(syllables, (900, 2)))
    pool = iter(dict.fromkeys(words))  # no word twice

    def some(n: int) -> list[str]:
        return [next(pool) for _ in range(n)]

    cases = []
    for n, n_train, kinds in (
        (3, 2, "LR"),
        (4, 5, "LLCBBNSSSXRRRRE"),
        (3, 4, "LEEBNN"),
    ):
        train = [some(9) for _ in range(n_train)]
        short = some(n - 1)
        tests = []
        for kind in kinds:
            i = int(rng.integers(n_train - 1))
            text, following = train[i], train[i + 1]
            part = text[2 : 2 + n]
            made = {
                "L": [*some(2), *part, *some(2)],  # leaked
                "C": [*some(2), part[0].capitalize(), *part[1:], *some(2)],
                "B": [*some(1), *text[-1:], *following[: n - 1], *some(1)],  # border
                "N": [*some(2), *part[:-1], *some(2)],  # one word less
                "S": short,
                "X": text,  # an exact copy
                "R": [x for word in text[: n + 1] for x in (word, *some(1))],
                "E": [*some(3), *text[-n:]],  # at the very end
            }
            tests.append(" ".join(made[kind]))
        texts = [" ".join([text[0].capitalize(), *text[1:]]) for text in train]
        texts.append(" ".join(short))
        order = rng.permutation(len(tests))
        tests = [tests[i] for i in order]
        cases.append({"train_texts": texts, "test_texts": tests, "n": n})
    return {"cases": cases}


def attention_inputs(seed: int) -> Inputs:
    """Groups of two and of three query heads."""
    rng = np.random.default_rng(seed)
    cases = []
    for batch, heads, kv_heads, time, dim in ((1, 4, 2, 3, 2), (2, 6, 2, 5, 8)):
        shapes = {"q": heads, "k": kv_heads, "v": kv_heads}
        cases.append(
            {
                name: rng.normal(0, 1.5, (batch, n, time, dim))
                .astype(np.float32)
                .round(1)
                for name, n in shapes.items()
            }
        )
    return {"cases": cases}


def attention_probe(target: Any, inputs: Inputs) -> Any:
    """Call it with tensors."""
    import torch

    return [
        target(*(torch.from_numpy(array.copy()) for array in case.values()))
        for case in inputs["cases"]
    ]


QUESTIONS = [
    Question(
        id="ex10_1",
        name="config_mistakes",
        points=2,
        title="silent mistakes in a config",
        inputs=config_inputs,
        probe=each_case,
        errors={"KeyError": "A field that is not in config has its default."},
    ),
    Question(
        id="ex10_2",
        name="first_explosion",
        points=2,
        title="the first step that explodes",
        inputs=norms_inputs,
        probe=each_case,
        allowed=("math", "statistics", "numpy"),
        errors={
            "no median for empty data": (
                "The first `window` steps have no full window before them."
            ),
        },
    ),
    Question(
        id="ex10_3",
        name="diagnose",
        points=3,
        title="a diagnosis from the curves",
        inputs=curves_inputs,
        probe=each_case,
        allowed=("math",),
    ),
    Question(
        id="ex10_4",
        name="leaked_share",
        points=2,
        title="test texts that were in training",
        inputs=leak_inputs,
        probe=each_case,
        errors={"unhashable": "A list cannot be in a set: make each n-gram a tuple."},
    ),
    Question(
        id="ex10_5",
        name="grouped_attention",
        points=3,
        title="attention with grouped queries",
        inputs=attention_inputs,
        probe=attention_probe,
        allowed=("torch",),
        errors={
            "must match the size": (
                "k and v have fewer heads: first give them as many heads as the "
                "queries have."
            ),
        },
    ),
]
