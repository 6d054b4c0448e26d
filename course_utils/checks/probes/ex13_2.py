"""Probe of 13.2, the same model with random weights."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.weights import weights_or_type
from course_utils.machine.places import ASSETS

BASE = ASSETS / "tiny-base"
MOST_WEIGHTS = 2_000_000  # a model with more is not the tiny base's


def make_inputs(seed: int) -> Inputs:
    """Two seeds."""
    rng = np.random.default_rng(seed)
    return {"seeds": [int(number) for number in rng.choice(10_000, 2, replace=False)]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights for one seed, for the same again, and for another."""
    import torch

    first, other = inputs["seeds"]
    answers = []
    with torch.random.fork_rng(devices=[]):
        for seed in (first, first, other):
            model = target(str(BASE), seed)
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
