"""Probe of 6.3, freeze the lower blocks."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex06_model import new_model


def make_inputs(seed: int) -> Inputs:
    """Models of 12 blocks: the name of block 1 is how that of block 10 begins."""
    rng = np.random.default_rng(seed)
    counts = (int(rng.integers(2, 6)), 0, int(rng.integers(5, 12)))
    return {
        "cases": [
            {"n_embd": int(2 * rng.integers(4, 50)), "n_blocks": n} for n in counts
        ]
    }


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the names that are still trained, and the count that it returns."""
    answers = []
    for case in inputs["cases"]:
        model = new_model(0, n_embd=case["n_embd"], n_layer=12)
        returned = target(model, case["n_blocks"])
        trained = [name for name, p in model.named_parameters() if p.requires_grad]
        answers.append({"trained": trained, "returned": returned})
    return answers


QUESTION = Question(
    id="ex06_3",
    name="freeze",
    points=2,
    title="freeze the lower blocks",
    inputs=make_inputs,
    probe=probe,
    errors={
        "no attribute 'h'": "The blocks are in `model.transformer.h`.",
        "no attribute 'wte'": "The embeddings are in `model.transformer`.",
    },
)
