"""Probe of 3.5, the first weights."""

from typing import Any
from unittest.mock import patch

import numpy as np

from course_utils.checks.contract import Inputs, NotAllowed, Question


def make_inputs(seed: int) -> Inputs:
    """Two depths, since the depth enters the formula; tables of any size."""
    rng = np.random.default_rng(seed)
    cases = []
    for depth in (2, int(rng.integers(5, 9))):
        case = {
            "n_layer": depth,
            "vocab_size": int(rng.integers(60, 999)),
            "n_positions": int(rng.integers(60, 999)),
        }
        cases.append({**case, "seed": int(rng.integers(2**31))})
    return {"cases": cases}


def refused(*_: Any, **__: Any) -> None:
    """Stand in for the library's own start, and for that of a new model."""
    raise NotAllowed("init_weights")


def probe(target: Any, inputs: Inputs) -> Any:
    """Return shape and figures of each parameter after the call."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2PreTrainedModel

    fixed = {"n_embd": 64, "n_head": 2, "bos_token_id": 0, "eos_token_id": 0}
    sizes = ("n_layer", "vocab_size", "n_positions")
    answers = []
    for case in inputs["cases"]:
        config = GPT2Config(**fixed, **{size: case[size] for size in sizes})
        with torch.random.fork_rng(devices=[]):
            model = GPT2LMHeadModel(config)
            for parameter in model.parameters():
                parameter.data.fill_(7.0)  # no trace of the library's own start
            torch.manual_seed(case["seed"])
            with patch.multiple(
                GPT2PreTrainedModel,
                init_weights=refused,
                initialize_weights=refused,
                _init_weights=refused,
            ):
                target(model)
        named = torch.nn.Module.named_parameters(model)
        answers.append({name: figures(parameter) for name, parameter in named})
    return answers


def figures(parameter: Any) -> dict[str, Any]:
    """Return shape, mean, deviation, the share beyond two, and the first numbers."""
    values = parameter.detach().double().flatten()
    mean, std = values.mean(), values.std()
    beyond = ((values - mean).abs() > 2 * std).double().mean()
    numbers = {"mean": mean.item(), "std": std.item(), "beyond": beyond.item()}
    start = values[:4].tolist()
    return {"shape": list(parameter.shape), **numbers, "start": start}


QUESTION = Question(
    id="ex03_5",
    name="initialise",
    points=3,
    title="the first weights",
    inputs=make_inputs,
    probe=probe,
    may_return_none=True,
    allowed=("torch.nn.init",),
    errors={
        "init_weights": (
            "A new model calls it, too: set the parameters of the model that you get."
        ),
        "leaf Variable": "Write into the parameters under torch.no_grad().",
        "Fan in and fan out": (
            "Vectors have no fan in and fan out: draw only matrices and tables."
        ),
    },
)
