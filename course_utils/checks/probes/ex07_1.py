"""Probe of 7.1, mask the prompt, keep the end."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex07_token_ids import some_ids


def make_inputs(seed: int) -> Inputs:
    """Prompts and summaries of a few tokens; each summary repeats one of its prompt."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((4, 2), (9, 5), (3, 6)):
        prompt, summary = some_ids(rng, n), some_ids(rng, k)
        summary[int(rng.integers(k))] = prompt[int(rng.integers(n))]
        cases.append({"prompt_ids": prompt, "summary_ids": summary, "eos": 100})
    return {"cases": cases}


QUESTION = Question(
    id="ex07_1",
    name="build_row",
    points=1,
    title="mask the prompt, keep the end",
    inputs=make_inputs,
    probe=each_case,
)
