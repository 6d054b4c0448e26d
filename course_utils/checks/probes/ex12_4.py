"""Probe of 12.4, what became worse."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Scores with ties; fewer than k examples became worse, then more."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((5, 4), (12, 4)):
        before = rng.integers(30, 70, n)
        change = rng.integers(5, 25, n)
        fallen, same = np.split(rng.permutation(n)[: 3 if n == 5 else 7], [-1])
        change[fallen] = -rng.integers(5, 25, len(fallen))
        change[same] = 0
        if n > 5:
            change[fallen[:3]] = -30  # three of them are equally bad
        after = before + change
        cases.append({"before": before.tolist(), "after": after.tolist(), "k": k})
    return {"cases": cases}


QUESTION = Question(
    id="ex12_4",
    name="regressions",
    points=1,
    title="what became worse",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy",),
)
