"""Probe of 9.5, an alarm after the release."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex09_names import NAMES


def make_inputs(seed: int) -> Inputs:
    """A share that first only reaches the limit; one that never passes it; drift."""
    rng = np.random.default_rng(seed)
    drift = rng.random(60) < np.repeat([0.1, 0.7], 30)
    cases = []
    for flags, window, limit in (
        ([1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1], 4, 0.5),
        ([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0], 5, 0.2),
        (drift, 10, 0.5),
    ):
        records, styles = [], [0, 0]
        for invents in map(int, flags):
            a, b, c, d = rng.choice(NAMES, 4, replace=False).tolist()
            named = ([[a], [b, a]], [[b, a, c], [a, c], [c, d]])[invents]
            style = named[styles[invents] % len(named)]
            styles[invents] += 1
            records.append({"speakers": [a, b], "named": style})
        cases.append({"records": records, "window": window, "limit": limit})
    return {"cases": cases}


QUESTION = Question(
    id="ex09_5",
    name="first_alarm",
    points=2,
    title="an alarm after the release",
    inputs=make_inputs,
    probe=each_case,
)
