"""Probe of 11.3, a batch of rows of differing length."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex11_token_ids import END


def make_inputs(seed: int) -> Inputs:
    """Batches whose rows end in eos, which is also the token that fills up."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in ((5, 3), (6, 9, 4, 9)):
        rows = []
        for length in lengths:
            ids = [*map(int, rng.integers(1, 100, length - 1)), END]
            labels = [-100] * (length - 2) + ids[-2:]
            rows.append({"input_ids": ids, "labels": labels})
        rows[0]["input_ids"][0] = END  # a real token, though the same as the padding
        cases.append({"rows": rows, "pad_token_id": END})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each batch, and whether all of it are integer tensors."""
    import torch

    batches, tensors = [], []
    for case in inputs["cases"]:
        batch = target(*case.values())
        names = ("input_ids", "attention_mask", "labels")
        batches.append({name: batch[name] for name in names})
        values = [batch[name] for name in names]
        tensors.append(all(isinstance(v, torch.Tensor) and whole(v) for v in values))
    return {"batches": batches, "tensors": tensors}


def whole(tensor: Any) -> bool:
    """Return whether a tensor's dtype is one of whole numbers."""
    dtype = tensor.dtype
    return not (
        dtype.is_floating_point or dtype.is_complex or str(dtype) == "torch.bool"
    )


QUESTION = Question(
    id="ex11_3",
    name="collate",
    points=2,
    title="a batch of rows of differing length",
    inputs=make_inputs,
    probe=probe,
    allowed=("torch",),
    errors={
        "expected sequence of length": (
            "Rows differ in length: fill them up before you stack them."
        ),
        "KeyError": 'Return "input_ids", "attention_mask" and "labels".',
    },
)
