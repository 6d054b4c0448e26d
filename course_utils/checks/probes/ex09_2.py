"""Probe of 9.2, percentiles and throughput."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Logs of requests that overlap, in the order of their answers' arrival."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in (10, 20, 37, 41):
        start = 100 + rng.uniform(0, 5, n)
        time = rng.lognormal(0, 0.8, n)
        time = np.minimum(time, 11 - np.arange(n) / 100)
        # The first to start, the last to start, the first and the last to end are four.
        start[n // 2], time[n // 2] = 100, 3
        start[n // 3], time[n // 3] = 104.8, 12
        start[n // 4], time[n // 4] = 105, 1.5
        start[1], time[1] = 100.2, 0.05
        requests = np.stack([start, start + time], axis=1).round(3).tolist()
        cases.append({"requests": requests})
    return {"cases": cases}


QUESTION = Question(
    id="ex09_2",
    name="latency_report",
    points=2,
    title="percentiles and throughput",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math", "numpy"),
    errors={"IndexError": "Ranks count from 1, indices from 0."},
)
