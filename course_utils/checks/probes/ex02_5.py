"""Probe of 2.5, one merge of byte pair encoding."""

from string import ascii_lowercase
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.plain_data import to_plain
from course_utils.checks.undress import undressed


def make_inputs(seed: int) -> Inputs:
    """Ties, counts that outweigh the number of words, and a run of one letter."""
    rng = np.random.default_rng(seed)

    def letters() -> list[str]:
        return sorted(map(str, rng.choice(list(ascii_lowercase), 4, replace=False)))

    a, b, c, d = letters()
    few, more = int(rng.integers(2, 5)), int(rng.integers(5, 9))
    tie = {
        "words": [[c, d], [d, c], [a, b], [a, b, c]],
        "counts": [few + more, few + more, few, more],
    }
    a, b, c, d = letters()
    weights = {
        "words": [[a, b], [d + a, b], [a, b, c, a, b], [b, d], [d], *[[c, d, c]] * 5],
        "counts": [more, few, 2 * few, more + 3 * few, 50, 1, 1, 1, 1, 1],
    }
    a, b, c, d = letters()
    run = {"words": [[b, a, a, a], [a, a, a, a, b, c]], "counts": [few, more]}
    a, b, c, d = letters()
    # As tuples (a, c) comes before (ab, b); as joined texts it is the other way round.
    long_piece = {
        "words": [[a, d], [a + b, c], [a + b, c, d]],
        "counts": [few + more, few, more],
    }
    # (ab, c) and (a, bc) are the same letters, and two pairs.
    cut_elsewhere = {
        "words": [[a + b, c], [a, b + c], [a + b, c, d]],
        "counts": [few, 1, more],
    }
    a, b, c, d = letters()
    # Most often two letters come in one order or the other: (a, b) and (b, a). Of the
    # commonest pair, the other order is there as well, and stays.
    either_order = {
        "words": [[a, b], [b, a], [c, d], [d, c]],
        "counts": [more, more, more + 1, 1],
    }
    # a comes before b most often, but never next to it.
    apart = {"words": [[a, c, b], [a, d, b], [c, d]], "counts": [few, few, few + 1]}
    cases = [tie, weights, run, long_piece, cut_elsewhere, either_order, apart]
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return its answers, and the words as it leaves them."""
    answers, words = [], []
    for case in inputs["cases"]:
        answers.append(to_plain(target(*case.values()), undress=undressed))
        words.append(to_plain(case["words"]))
    return {"answers": answers, "words": words}


QUESTION = Question(
    id="ex02_5",
    name="merge_step",
    points=3,
    title="one merge of byte pair encoding",
    inputs=make_inputs,
    probe=probe,
    allowed=("collections.Counter", "itertools.pairwise"),
)
