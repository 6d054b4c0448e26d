"""Probe of 11.2, what settings cut and cost."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Rows of which some are just as long as allowed, some longer, some far longer."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, n_cut, steps in ((5, 2, 3), (12, 3, 10), (16, 0, 5), (9, 9, 4)):
        max_length = int(rng.integers(60, 120))
        short = rng.integers(20, max_length, n - n_cut)
        short[:1] = max_length  # just as long as allowed: it is whole
        longer = max_length + rng.integers(1, 200, n_cut)
        lengths = rng.permutation([*short, *longer]).tolist()
        # 16 rows are whole batches, and 9 are not.
        sizes = {16: [4], 9: [2, 4, 5]}.get(n, [2, 3, 4, 5])
        batch_size = int(rng.choice(sizes))
        cases.append(
            {
                "lengths": lengths,
                "max_length": max_length,
                "steps": steps,
                "batch_size": batch_size,
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex11_2",
    name="setting_cost",
    points=2,
    title="what settings cut and cost",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy",),
)
