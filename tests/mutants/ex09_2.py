"""Right and wrong answers to Exercise 9.2, as students write them."""

import math

import numpy as np


def report_by_numpy(requests):
    starts, ends = np.array(requests).T
    p50, p95 = np.percentile(1000 * (ends - starts), [50, 95], method="inverted_cdf")
    per_second = len(requests) / (ends.max() - starts.min())
    return {"p50_ms": p50, "p95_ms": p95, "per_second": per_second}


def report_by_counting(requests):
    times = [end - start for start, end in requests]

    def percentile(p):
        for time in sorted(times):
            if 100 * sum(t <= time for t in times) >= p * len(times):
                return 1000 * time

    wall = max(e for _, e in requests) - min(s for s, _ in requests)
    return {
        "per_second": len(times) / wall,
        "p95_ms": percentile(95),
        "p50_ms": percentile(50),
    }


def _report(requests, **changes):
    return report_by_numpy(requests) | changes


def _times(requests):
    return [1000 * (end - start) for start, end in requests]


def report_interpolated(requests):
    p50, p95 = np.percentile(_times(requests), [50, 95])
    return _report(requests, p50_ms=p50, p95_ms=p95)


def report_one_too_far(requests):
    times = sorted(_times(requests))
    n = len(times)
    return _report(requests, p50_ms=times[n // 2], p95_ms=times[int(0.95 * n)])


def report_unsorted(requests):
    times = _times(requests)
    n = len(times)
    p50, p95 = times[math.ceil(n / 2) - 1], times[math.ceil(95 * n / 100) - 1]
    return _report(requests, p50_ms=p50, p95_ms=p95)


def report_in_seconds(requests):
    right = report_by_numpy(requests)
    return right | {"p50_ms": right["p50_ms"] / 1000, "p95_ms": right["p95_ms"] / 1000}


def report_mean(requests):
    return _report(requests, p50_ms=np.mean(_times(requests)))


def report_busy_time(requests):
    return _report(requests, per_second=1000 * len(requests) / sum(_times(requests)))


def report_order_of_log(requests):
    wall = requests[-1][1] - requests[0][0]
    return _report(requests, per_second=len(requests) / wall)


def report_last_end(requests):
    return _report(requests, per_second=len(requests) / max(e for _, e in requests))


def report_as_tuple(requests):
    return tuple(report_by_numpy(requests).values())


RIGHT = [report_by_numpy, report_by_counting]
WRONG = [
    (report_interpolated, "between two measured times"),
    (report_one_too_far, "one rank too far"),
    (report_unsorted, "Sort the times"),
    (report_in_seconds, "milliseconds"),
    (report_mean, "mean"),
    (report_busy_time, "Requests overlap"),
    (report_order_of_log, "no particular order"),
    (report_last_end, "does not begin at 0"),
    (report_as_tuple, "Return a dict"),
]
