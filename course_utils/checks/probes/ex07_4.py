"""Probe of 7.4, a batch to generate from."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex07_token_ids import RAGGED, some_ids


def make_inputs(seed: int) -> Inputs:
    """Prompts of unlike length; one begins with a token that has the padding's id."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in ((2, 4), (5, 2, 1, 3)):
        pad = int(rng.integers(100, 110))
        prompts = [some_ids(rng, n) for n in lengths]
        prompts[0] = [pad, *prompts[0]]
        cases.append({"prompts": prompts, "pad": pad})
    return {"cases": cases}


QUESTION = Question(
    id="ex07_4",
    name="left_pad",
    points=2,
    title="a batch to generate from",
    inputs=make_inputs,
    probe=each_case,
    allowed=("torch.nn.utils.rnn.pad_sequence",),
    errors=RAGGED,
)
