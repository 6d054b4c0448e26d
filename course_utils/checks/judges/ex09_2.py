"""Judge of 9.2, percentiles and throughput."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Percentiles by the nearest rank, and the throughput."""

    def times(case: Case) -> list[float]:
        return [1000 * (end - start) for start, end in case["requests"]]

    def report(case: Case, **changes: Callable[[Case], float]) -> dict[str, float]:
        ordered, n = sorted(times(case)), len(case["requests"])
        starts, ends = zip(*case["requests"], strict=True)
        right = {
            "p50_ms": ordered[math.ceil(50 * n / 100) - 1],
            "p95_ms": ordered[math.ceil(95 * n / 100) - 1],
            "per_second": n / (max(ends) - min(starts)),
        }
        return right | {name: change(case) for name, change in changes.items()}

    def interpolated(p: int) -> Callable[[Case], float]:
        return lambda case: float(np.percentile(times(case), p))

    def too_far(p: int) -> Callable[[Case], float]:
        return lambda case: sorted(times(case))[p * len(times(case)) // 100]

    def unsorted(p: int) -> Callable[[Case], float]:
        return lambda case: times(case)[math.ceil(p * len(times(case)) / 100) - 1]

    def rate(seconds: Callable[[list, list], float]) -> Callable[[Case], float]:
        def per_second(case: Case) -> float:
            starts, ends = zip(*case["requests"], strict=True)
            return len(starts) / seconds(starts, ends)

        return per_second

    def changed(p: Callable) -> Callable[[Case], dict[str, float]]:
        return lambda case: report(case, p50_ms=p(50), p95_ms=p(95))

    def throughput(seconds: Callable) -> Callable[[Case], dict[str, float]]:
        return lambda case: report(case, per_second=rate(seconds))

    def in_seconds(case: Case) -> dict[str, float]:
        right = report(case)
        return right | {name: right[name] / 1000 for name in ("p50_ms", "p95_ms")}

    mistakes = [
        (
            changed(interpolated),
            "The percentiles lie between two measured times: take the nearest rank, "
            "which was measured.",
        ),
        (
            changed(too_far),
            "The index is one rank too far: the k-th time, counted from 1, has the "
            "index k - 1.",
        ),
        (changed(unsorted), "Sort the times before you take a percentile."),
        (in_seconds, "The percentiles are to be in milliseconds."),
        (
            lambda case: report(case, p50_ms=lambda case: np.mean(times(case))),
            "p50 is no mean: it is the time that half of the requests did not exceed.",
        ),
        (
            throughput(lambda starts, ends: sum(ends) - sum(starts)),
            "Requests overlap: adding up their times counts the same second several "
            "times. Divide by the time from the first start to the last end.",
        ),
        (
            throughput(lambda starts, ends: ends[-1] - starts[0]),
            "The requests are in no particular order: take the earliest start and the "
            "latest end.",
        ),
        (
            throughput(lambda starts, ends: max(ends)),
            "The clock does not begin at 0: subtract the earliest start.",
        ),
    ]
    otherwise = (
        "Return a dict: p50_ms and p95_ms, the time of rank p x n / 100, rounded up, "
        "and per_second, n / (latest end - earliest start)."
    )
    return judge_cases(data, inputs["cases"], report, mistakes, otherwise)
