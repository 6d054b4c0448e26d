"""Probe of 7.3, a batch to train on."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex07_token_ids import RAGGED, some_ids


def make_inputs(seed: int) -> Inputs:
    """Rows of unlike length that end in a token with the padding's id."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in (((2, 1), (3, 3)), ((4, 2), (2, 3), (6, 4))):
        pad = int(rng.integers(100, 110))
        rows = []
        for n_prompt, n_summary in lengths:
            prompt, answer = some_ids(rng, n_prompt), [*some_ids(rng, n_summary), pad]
            labels = [-100] * n_prompt + answer
            rows.append({"input_ids": prompt + answer, "labels": labels})
        cases.append({"rows": rows, "pad": pad})
    return {"cases": cases}


QUESTION = Question(
    id="ex07_3",
    name="collate",
    points=2,
    title="a batch to train on",
    inputs=make_inputs,
    probe=each_case,
    allowed=("torch.nn.utils.rnn.pad_sequence",),
    errors=RAGGED,
)
