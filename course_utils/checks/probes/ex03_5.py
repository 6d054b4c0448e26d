"""Probe of 3.5, the first weights."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Two depths, since the depth enters the formula."""
    rng = np.random.default_rng(seed)
    depths = [2, int(rng.integers(5, 9))]
    return {"cases": [{"n_layer": n, "seed": int(rng.integers(2**31))} for n in depths]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return mean and standard deviation of each parameter after the call."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"vocab_size": 99, "n_positions": 64, "n_embd": 64, "n_head": 2}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    answers = []
    for case in inputs["cases"]:
        config = GPT2Config(**sizes, **ends, n_layer=case["n_layer"])
        with torch.random.fork_rng(devices=[]):
            model = GPT2LMHeadModel(config)
            for parameter in model.parameters():
                parameter.data.fill_(7.0)  # no trace of the library's own start
            torch.manual_seed(case["seed"])
            target(model)
        answers.append(
            {
                name: {"mean": p.mean().item(), "std": p.std().item()}
                for name, p in model.named_parameters()
            }
        )
    return answers


QUESTION = Question(
    id="ex03_5",
    name="initialise",
    points=3,
    title="the first weights",
    inputs=make_inputs,
    probe=probe,
    in_place=True,
    allowed=("torch.nn.init",),
    errors={
        "leaf Variable": "Write into the parameters under torch.no_grad().",
    },
)
