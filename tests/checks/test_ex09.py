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


def test_each_bad_request_breaks_one_rule():
    cases = question("ex09_3").inputs(3)["cases"]
    limit = cases[0]["max_characters"]
    long = [
        case["body"]["dialogue"]
        for case in cases
        if isinstance(case["body"], dict)
        and isinstance(case["body"].get("dialogue"), str)
        and len(case["body"]["dialogue"]) > limit
    ]
    assert len(long) == 2
    assert not any("\0" in text or "<|" in text for text in long)
