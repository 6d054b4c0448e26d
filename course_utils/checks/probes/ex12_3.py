"""Probe of 12.3, the difference and its interval."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Scores of two systems that go together, and the examples of each resample."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, resamples in ((4, 20), (30, 110)):
        hard = rng.uniform(0, 60, n)  # what is hard for one is hard for the other
        before = (hard + rng.uniform(0, 20, n)).round(1)
        after = (hard + rng.uniform(0, 40, n)).round(1)
        draws = rng.integers(0, n, (resamples, n))
        cases.append({"before": before, "after": after, "draws": draws})
    return {"cases": cases}


QUESTION = Question(
    id="ex12_3",
    name="paired_interval",
    points=2,
    title="the difference and its interval",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy",),
    forbidden=("course_utils.evaluation.rouge.paired_difference",),
)
