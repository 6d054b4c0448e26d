"""Probe of 6.4, what weight decay leaves alone."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex06_model import new_model


def make_inputs(seed: int) -> Inputs:
    """Two sizes of weight decay."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {"n_layer": n, "weight_decay": round(float(rng.uniform(0.05, 0.2)), 6)}
            for n in (1, 2)
        ]
    }


def probe(target: Any, inputs: Inputs) -> Any:
    """Give the groups to AdamW; return what it holds: [names, weight decay] a group."""
    import torch

    answers = []
    for case in inputs["cases"]:
        model = new_model(0, n_layer=case["n_layer"])
        groups = target(model, case["weight_decay"])
        names = {id(p): name for name, p in model.named_parameters()}
        optimizer = torch.optim.AdamW(groups, lr=1e-3)
        answers.append(
            [
                [
                    [names.get(id(p), "none of the model's") for p in group["params"]],
                    group["weight_decay"],
                ]
                for group in optimizer.param_groups
            ]
        )
    return answers


QUESTION = Question(
    id="ex06_4",
    name="parameter_groups",
    points=2,
    title="what weight decay leaves alone",
    inputs=make_inputs,
    probe=probe,
    errors={
        "AdamW' object": "Return the groups, not the optimizer: a list of dicts.",
        "is not iterable": "Return the groups, a list of dicts, and nothing else.",
        "can only optimize Tensors": (
            "AdamW got something else than a list of dicts with parameters: their "
            "names, lists of them without a dict, or one dict alone."
        ),
        "empty parameter list": "AdamW got no group: return a list of dicts.",
        "must be a dict": "AdamW wants a list of dicts, each with the key params.",
        "non-leaf": (
            "AdamW wants the parameters themselves, not what is computed of them."
        ),
        "KeyError: 'params'": "Each group is a dict with the key params.",
        "cannot be ordered": "A set has no order: AdamW wants lists of parameters.",
        "Invalid weight_decay": "weight_decay is a number, 0 or more.",
        "more than one parameter group": (
            "A parameter is in two groups. The output layer shares the token "
            "embedding's weights, so state_dict() lists them twice; "
            "named_parameters() does not."
        ),
    },
)
