"""Right and wrong answers to Exercise 9.2, as students write them."""

import numpy as np
import pandas as pd


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


def report_by_pandas(requests):
    import pandas as pd

    log = pd.DataFrame(requests, columns=["start", "end"])
    times = ((log["end"] - log["start"]) * 1000).sort_values(ignore_index=True)
    n = len(times)
    return {
        "p50_ms": times[-(-n * 50 // 100) - 1],
        "p95_ms": times[-(-n * 95 // 100) - 1],
        "per_second": n / (log["end"].max() - log["start"].min()),
    }


def report_by_sorting_pairs(requests):
    requests = sorted(requests, key=lambda pair: pair[1] - pair[0])
    n = len(requests)
    import math

    def at(share):
        start, end = requests[math.ceil(share * n / 100) - 1]
        return (end - start) * 1e3

    ends = max(requests, key=lambda pair: pair[1])[1]
    begins = min(requests)[0]
    return {"p50_ms": at(50), "p95_ms": at(95), "per_second": n / (ends - begins)}


def report_by_closest_observation(requests):
    times = np.diff(np.asarray(requests), axis=1).ravel() * 1000
    order = np.sort(times)
    ranks = np.searchsorted(
        np.arange(1, len(order) + 1) * 100, np.array([50, 95]) * len(order)
    )
    table = np.asarray(requests)
    return {
        "p50_ms": order[ranks[0]],
        "p95_ms": order[ranks[1]],
        "per_second": len(table) / np.ptp([table[:, 0].min(), table[:, 1].max()]),
    }


def report_by_torch(requests):
    import torch

    log = torch.tensor(requests, dtype=torch.float64)
    times = (log[:, 1] - log[:, 0]) * 1000
    n = len(times)
    return {
        "p50_ms": times.kthvalue((n + 1) // 2).values,
        "p95_ms": times.kthvalue((95 * n + 99) // 100).values,
        "per_second": n / (log[:, 1].max() - log[:, 0].min()),
    }


def report_rounded(requests):
    return {name: round(value) for name, value in report_by_counting(requests).items()}


def report_with_other_names(requests):
    p50, p95, rate = report_by_numpy(requests).values()
    return {"p50": p50, "p95": p95, "per_second": rate}


def report_of_bursts(requests):
    return report_by_numpy(requests) | {"per_second": 1.0}


def report_in_minutes(requests):
    report = report_by_numpy(requests)
    return report | {"p95_ms": report["p95_ms"] / 60}


def report_of_trimmed(requests):
    report = report_by_numpy(requests)
    return report | {"p50_ms": report["p50_ms"] + 1}


def report_series(requests):
    d = pd.DataFrame(requests, columns=["s", "e"])
    t = (d.e - d.s).sort_values().to_list()
    n = len(t)
    return pd.Series(
        {
            "p50_ms": 1000 * t[(n + 1) // 2 - 1],
            "p95_ms": 1000 * t[-(-n * 95 // 100) - 1],
            "per_second": n / (d.e.max() - d.s.min()),
        }
    )


def report_two_mistakes(requests):
    t = sorted((1000 * (e - s) for s, e in requests))
    n = len(t)
    return {
        "p50_ms": t[n // 2],
        "p95_ms": t[int(0.95 * n)],
        "per_second": 1000 * n / sum(t),
    }


RIGHT = [
    report_by_numpy,
    report_by_counting,
    report_by_pandas,
    report_by_sorting_pairs,
    report_by_closest_observation,
    report_by_torch,
    report_series,
]
WRONG = [
    (report_as_tuple, "where a dict is asked"),
    (report_rounded, "`per_second` is wrong"),
    (report_with_other_names, "lacks `p50_ms`"),
    (report_of_bursts, "`per_second` is wrong"),
    (report_in_minutes, "`p95_ms` is wrong"),
    (report_of_trimmed, "`p50_ms` is wrong"),
    (report_two_mistakes, "the index k - 1. Requests overlap"),
]
