"""Probe of 11.6, the real run."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.weights import weights_or_type

# GPT-2's 124 million weights as float16, its tied head counted twice: 326 MB.
GPT2_BYTES = 400 * 2**20


def make_inputs(seed: int) -> Inputs:
    """Nothing for the student's side: 60 new dialogues, hidden, to judge with."""
    from course_utils.data.chats import tinychats

    rows = tinychats(60, seed=seed, split="test_slots").to_list()
    order = int(np.random.default_rng(seed).integers(2**31))  # of SAMSum's test split
    return {"hidden": {"rows": rows, "order": order}}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights of a model, or of the model that a function returns."""
    import torch

    if not isinstance(target, torch.nn.Module) and callable(target):
        target = target()
    return weights_or_type(target)


QUESTION = Question(
    id="ex11_6",
    name="tuned",
    points=3,
    title="the real run",
    inputs=make_inputs,
    probe=probe,
    is_function=False,
    max_bytes=GPT2_BYTES,
    judge_seconds=120,  # real GPT-2 writes 40 summaries
)
