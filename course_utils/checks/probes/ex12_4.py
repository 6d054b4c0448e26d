"""Probe of 12.4, what became worse."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Scores with ties; fewer than k examples became worse, then more, then many."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k, n_fallen in ((5, 4, 2), (12, 4, 6), (14, 5, 7), (16, 5, 8)):
        before = rng.integers(40, 70, n)
        change = rng.integers(5, 25, n)
        fallen, same = np.split(rng.permutation(n)[: n_fallen + 1], [-1])
        fallen.sort()
        # The shallowest fall comes first, then deeper ones, three of them equally deep.
        falls = np.sort(rng.choice(np.arange(5, 25), n_fallen, replace=False))
        falls[0] = 3
        if n_fallen > 5:
            falls[-3:] = 30
            falls = np.array([falls[0], 30, 30, *falls[1:-3][::-1], 30])
        change[fallen], change[same] = -falls, 0
        # The deepest fall is from a high score, and the lowest score has not fallen.
        risen = np.flatnonzero(change > 0)[0]
        before[fallen], before[risen] = before[fallen] + 30, 2
        before[fallen[falls == falls.max()]] += 200
        after = before + change
        cases.append({"before": before.tolist(), "after": after.tolist(), "k": k})
    # So many equal falls that a sort which does not keep their order shows it.
    change = rng.choice([-30, -20, -10, 0, 10], 80)
    before = rng.integers(40, 70, 80)
    after = before + change
    cases.append({"before": before.tolist(), "after": after.tolist(), "k": 30})
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
