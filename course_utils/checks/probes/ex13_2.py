"""Probe of 13.2, the same model with random weights."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.weights import weights_or_type

MOST_WEIGHTS = 2_000_000  # a model with more is not the one of the folder


def make_inputs(seed: int) -> Inputs:
    """The shape and the weights of a pretrained model, and two seeds.

    There are some ten million shapes: no model fits another seed's by chance.
    """
    rng = np.random.default_rng(seed)
    heads = int(rng.choice([2, 4]))
    shape = {
        "n_layer": 4,
        "n_head": heads,
        "n_embd": int(rng.integers(34, 128)) // heads * heads,
        "n_positions": int(rng.integers(32, 257)),
        "vocab_size": int(rng.integers(256, 2049)),
    }
    return {
        "shape": shape,
        "weights": int(rng.integers(2**32)),
        "seeds": [int(number) for number in rng.choice(10_000, 2, replace=False)],
    }


def pretrained(inputs: Inputs) -> dict[str, np.ndarray]:
    """Return the weights of the model in the folder, {name: float16 array}."""
    shape = inputs["shape"]
    width = shape["n_embd"]
    sizes: dict[str, tuple[int, ...]] = {
        "wte.weight": (shape["vocab_size"], width),
        "wpe.weight": (shape["n_positions"], width),
    }
    for i in range(shape["n_layer"]):
        for part, ins, outs in (
            ("attn.c_attn", width, 3 * width),
            ("attn.c_proj", width, width),
            ("mlp.c_fc", width, 4 * width),
            ("mlp.c_proj", 4 * width, width),
        ):
            sizes[f"h.{i}.{part}.weight"] = (ins, outs)
            sizes[f"h.{i}.{part}.bias"] = (outs,)
        for part in ("ln_1", "ln_2"):
            sizes[f"h.{i}.{part}.weight"] = sizes[f"h.{i}.{part}.bias"] = (width,)
    sizes["ln_f.weight"] = sizes["ln_f.bias"] = (width,)
    rng = np.random.default_rng(inputs["weights"])
    return {
        f"transformer.{name}": rng.normal(0.1, 0.15, size).astype(np.float16)
        for name, size in sizes.items()
    }


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights for one seed, for the same again, and for another."""
    import torch
    from safetensors.numpy import save_file

    first, other = inputs["seeds"]
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}
    answers = []
    with TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        text = json.dumps(config | inputs["shape"])
        Path(folder, "config.json").write_text(text, encoding="utf-8")
        weights = Path(folder, "model.safetensors")
        save_file(pretrained(inputs), weights, metadata={"format": "pt"})
        for seed in (first, first, other):
            model = target(folder, seed)
            count = getattr(model, "num_parameters", lambda: 0)()
            if count > MOST_WEIGHTS:
                return [{"parameters": int(count)}]
            answers.append(weights_or_type(model))
    return answers


QUESTION = Question(
    id="ex13_2",
    name="from_scratch",
    points=2,
    title="the same model with random weights",
    inputs=make_inputs,
    probe=probe,
    allowed=("transformers.AutoConfig", "transformers.AutoModelForCausalLM"),
    forbidden=("course_utils.model.gpt2.load",),
    errors={
        "Unrecognized": "from_config takes a configuration: load that first.",
        "from_config": "from_config takes a configuration: load that first.",
        "is not a local folder": "Load from the folder that is given.",
    },
)
