"""Probe of 4.1, a precision for the device."""

from typing import Any

import numpy as np

from course_utils.checks.contract import (
    Inputs,
    Question,
)


def make_inputs(seed: int) -> Inputs:
    """Every kind of device, and more at random: so many that guessing is no way."""
    rng = np.random.default_rng(seed)
    cuda = [[7, 0], [7, 5], [8, 0], [8, int(rng.integers(6, 10))], [9, 0], [10, 0]]
    cuda += [
        [int(rng.choice([5, 6, 7, 8, 12])), int(rng.integers(10))] for _ in range(9)
    ]
    cases = [{"device": "cuda", "capability": capability} for capability in cuda]
    others = ["cpu", "mps", *rng.choice(["cpu", "mps"], 9).tolist()]
    cases += [{"device": name, "capability": None} for name in others]
    return {"cases": [cases[i] for i in rng.permutation(len(cases))]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with the capability as PyTorch gives it, a tuple."""

    def capability(case: Inputs) -> tuple[int, int] | None:
        return case["capability"] and tuple(case["capability"])

    return [target(case["device"], capability(case)) for case in inputs["cases"]]


QUESTION = Question(
    id="ex04_1",
    name="choose_precision",
    points=1,
    title="a precision for the device",
    inputs=make_inputs,
    probe=probe,
    errors={
        "NoneType": "Only CUDA has a capability: look at the device first.",
        "'tuple' and 'int'": (
            "capability is a pair, such as (7, 5): compare it with another pair."
        ),
    },
)
