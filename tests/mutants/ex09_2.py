"""Right and wrong answers to Exercise 9.2, as students write them."""

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


def report_as_tuple(requests):
    return tuple(report_by_numpy(requests).values())


RIGHT = [report_by_numpy, report_by_counting]
WRONG = [
    (report_as_tuple, "Return a dict"),
]
