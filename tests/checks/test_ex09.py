"""The references of exercise 9 are what NumPy computes, and their inputs are fair."""

import numpy as np

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex09_2


def test_percentiles_are_numpys():
    cases = question("ex09_2").inputs(8)["cases"]
    reports = []
    for case in cases:
        starts, ends = np.array(case["requests"]).T
        times = 1000 * (ends - starts)
        p50, p95 = np.percentile(times, [50, 95], method="inverted_cdf")
        rate = len(starts) / (ends.max() - starts.min())
        reports.append({"p50_ms": p50, "p95_ms": p95, "per_second": rate})
    assert ex09_2.judge(reports, {"cases": cases}) == Verdict(True)


def test_bad_requests_come_in_an_order_that_nobody_guesses():
    from math import factorial, prod

    from course_utils.checks.judges.ex09_3 import right

    inputs = question("ex09_3").inputs(3)
    statuses = [right(*case.values()) for case in inputs["cases"]][1:]
    counts = [statuses.count(status) for status in (200, 413, 422)]
    assert min(counts) > 2
    assert factorial(len(statuses)) / prod(map(factorial, counts)) > 1e6
