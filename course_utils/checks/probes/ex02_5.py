"""Probe of 2.5, one merge of byte pair encoding."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """A tie, counts that outweigh the number of words, and a run of one letter."""
    rng = np.random.default_rng(seed)
    a, b, c, d = sorted(map(str, rng.choice(list("abcdefghijklm"), 4, replace=False)))
    few, more = int(rng.integers(2, 5)), int(rng.integers(5, 9))
    tie = {
        "words": [[c, d], [d, c], [a, b], [a, b, c]],
        "counts": [few + more, few + more, few, more],
    }
    weights = {
        "words": [[a, b], [d + a, b], [a, b, c, a, b], [b, d], *[[c, d, c]] * 5],
        "counts": [more, few, 2 * few, more + 3 * few, 1, 1, 1, 1, 1],
    }
    run = {"words": [[b, a, a, a], [a, a, a, a, b, c]], "counts": [few, more]}
    return {"cases": [tie, weights, run]}


QUESTION = Question(
    id="ex02_5",
    name="merge_step",
    points=3,
    title="one merge of byte pair encoding",
    inputs=make_inputs,
    probe=each_case,
    allowed=("collections.Counter", "itertools.pairwise"),
)
