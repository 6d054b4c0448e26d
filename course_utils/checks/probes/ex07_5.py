"""Probe of 7.5, cut the summary out."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex07_token_ids import some_ids


def make_inputs(seed: int) -> Inputs:
    """Rows that end early, at once, or not at all; the padding is the end, or not."""
    rng = np.random.default_rng(seed)
    cases = []
    for prompts, answers, n_new, pad in (
        ((3, 1), (2, 4), 4, 100),
        ((2, 4, 1, 3), (3, 0, 5, 4), 5, 101),
    ):
        width = max(prompts)
        outputs = np.full((len(prompts), width + n_new), pad)
        mask = np.zeros((len(prompts), width), dtype=int)
        for i, (n, k) in enumerate(zip(prompts, answers, strict=True)):
            mask[i, width - n :] = 1
            outputs[i, width - n : width + k] = some_ids(rng, n + k)
            outputs[i, width + k : width + k + 1] = 100
        cases.append({"output_ids": outputs, "attention_mask": mask, "eos": 100})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with tensors."""
    import torch

    return [
        target(
            torch.from_numpy(case["output_ids"]),
            torch.from_numpy(case["attention_mask"]),
            case["eos"],
        )
        for case in inputs["cases"]
    ]


QUESTION = Question(
    id="ex07_5",
    name="continuations",
    points=2,
    title="cut the summary out",
    inputs=make_inputs,
    probe=probe,
    errors={
        "Tensor.index": (
            "A tensor is not searched by index() as a list is: make lists of the rows, "
            ".tolist()."
        ),
        "is not in list": (
            "A row without an end gives all of its new tokens: look whether there "
            "is an end before you search for it."
        ),
    },
)
