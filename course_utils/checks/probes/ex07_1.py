"""Probe of 7.1, mask the prompt, keep the end."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex07_token_ids import some_ids


def make_inputs(seed: int) -> Inputs:
    """Prompts and summaries of a few tokens."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {
                "prompt_ids": some_ids(rng, n),
                "summary_ids": some_ids(rng, k),
                "eos": 100,
            }
            for n, k in ((4, 2), (9, 5), (3, 6))
        ]
    }


QUESTION = Question(
    id="ex07_1",
    name="build_row",
    points=1,
    title="mask the prompt, keep the end",
    inputs=make_inputs,
    probe=each_case,
)
