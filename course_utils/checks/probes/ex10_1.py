"""Probe of 10.1, silent mistakes in a config."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

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
NO_FIELDS = (
    "block_size",
    "d_model",
    "dropout",
    "embed_dim",
    "hidden",
    "n_ctx",
    "n_heads",
    "n_layers",
    "num_layers",
    "seq_len",
    "vocab",
    "width",
)
AFTER_N_HEAD = tuple(name for name in NO_FIELDS if name > "n_head")


def make_inputs(seed: int) -> Inputs:
    """Configs with unknown keys, and with values that meet the defaults badly."""
    rng = np.random.default_rng(seed)
    # Beside n_head and vocab_size, this one shows whether all names are sorted as one.
    c = str(rng.choice(AFTER_N_HEAD))
    rest = [name for name in NO_FIELDS if name != c]
    a, b, *others = rng.choice(rest, 8, replace=False).tolist()
    small = int(rng.integers(1000, 4000))
    layers = int(rng.integers(5, 12))
    plans = (
        ({a: 2048}, 50257, 1024),
        ({b: 2048, "n_layer": layers}, 50257, 2048),
        ({"vocab_size": 50304, "n_positions": 512}, 50257, 512),
        ({c: 64, "vocab_size": small, "n_embd": 100}, small + 1, 256),
        ({"resid_pdrop": 0.0}, 50258, 1024),
        ({"n_ctx": 2048}, 50257, 2048),
        ({"n_embd": 12 * 13, "n_layer": layers}, 50257, 1000),
        ({"n_head": 5}, 50000, 128),
        ({"n_embd": 100, "n_head": 8}, 50000, 128),
        ({"n_embd": 64, "n_head": 4, "n_positions": 64}, 50257, 65),
        ({"vocab_size": small, "n_positions": 256}, small + 1, 512),
        ({"vocab_size": 300, "n_positions": 2048, others[0]: 1}, 301, 1500),
        *(
            (
                {others[1 + i]: 8, "n_head": int(rng.choice([7, 8])), others[3 + i]: 2},
                int(rng.choice([50257, 50258])),
                int(rng.choice([1024, 1025])),
            )
            for i in range(2)
        ),
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


QUESTION = Question(
    id="ex10_1",
    name="config_mistakes",
    points=2,
    title="silent mistakes in a config",
    inputs=make_inputs,
    probe=each_case,
    errors={"KeyError": "A field that is not in config has its default."},
)
