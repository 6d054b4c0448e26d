"""Probe of 7.2, truncate the right part."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex07_token_ids import some_ids


def make_inputs(seed: int) -> Inputs:
    """Dialogues that are too long, short, of just the right length; and no room."""
    rng = np.random.default_rng(seed)
    cases = []
    for room, too_many in ((4, 3), (9, -3), (6, 0), (7, 1), (0, 5), (8, 30)):
        n_cue, answer_length = int(rng.integers(2, 4)), int(rng.integers(4, 8))
        cases.append(
            {
                "dialogue_ids": some_ids(rng, room + too_many),
                "cue_ids": some_ids(rng, n_cue),
                "answer_length": answer_length,
                "max_length": room + n_cue + answer_length,
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex07_2",
    name="fit_prompt",
    points=2,
    title="truncate the right part",
    inputs=make_inputs,
    probe=each_case,
)
