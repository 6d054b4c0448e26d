"""Probe of 8.3, is the difference real?."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Scores that vary more between dialogues than between the models, and draws."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, resamples in ((5, 8), (30, 110)):
        before = rng.uniform(10, 60, n).round(1)
        cases.append(
            {
                "before": before,
                "after": (before + rng.normal(2, 4, n)).round(1),
                "draws": rng.integers(0, n, (resamples, n)),
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex08_3",
    name="difference_interval",
    points=2,
    title="is the difference real?",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy",),
)
