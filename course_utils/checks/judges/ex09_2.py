"""Judge of 9.2, percentiles and throughput."""

import math

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_2 import QUESTION


def times_of(requests):
    return [1000 * (end - start) for start, end in requests]


def nearest_rank(times, p):
    return sorted(times)[math.ceil(p * len(times) / 100) - 1]


def wall(starts, ends):
    return max(ends) - min(starts)


def right(requests, percentile=nearest_rank, seconds=wall):
    times = times_of(requests)
    return {
        "p50_ms": percentile(times, 50),
        "p95_ms": percentile(times, 95),
        "per_second": len(requests) / seconds(*zip(*requests, strict=True)),
    }


judge = Judge(
    QUESTION,
    right,
    "Return a dict: p50_ms and p95_ms, the time of rank p x n / 100, rounded up, and "
    "per_second, n / (latest end - earliest start).",
)


@judge.mistake(
    "The percentiles lie between two measured times: take the nearest rank, which was "
    "measured."
)
def interpolated(requests):
    return right(requests, percentile=np.percentile)


@judge.mistake(
    "The index is one rank too far: the k-th time, counted from 1, has the index k - 1."
)
def too_far(requests):
    return right(requests, lambda times, p: sorted(times)[p * len(times) // 100])


@judge.mistake("Sort the times before you take a percentile.")
def unsorted(requests):
    return right(requests, lambda times, p: times[math.ceil(p * len(times) / 100) - 1])


@judge.mistake("The percentiles are to be in milliseconds.")
def in_seconds(requests):
    return right(requests, lambda times, p: nearest_rank(times, p) / 1000)


@judge.mistake(
    "p50 is no mean: it is the time that half of the requests did not exceed."
)
def mean(requests):
    return right(requests) | {"p50_ms": np.mean(times_of(requests))}


@judge.mistake(
    "Requests overlap: adding up their times counts the same second several times. "
    "Divide by the time from the first start to the last end."
)
def busy_time(requests):
    return right(requests, seconds=lambda starts, ends: sum(ends) - sum(starts))


@judge.mistake(
    "The requests are in no particular order: take the earliest start and the latest "
    "end."
)
def order_of_the_log(requests):
    return right(requests, seconds=lambda starts, ends: ends[-1] - starts[0])


@judge.mistake("The clock does not begin at 0: subtract the earliest start.")
def last_end(requests):
    return right(requests, seconds=lambda starts, ends: max(ends))


def rank(k):
    """Return a percentile that takes the time of the rank k(p x n / 100)."""
    return lambda times, p: sorted(times)[int(k(p * len(times) / 100)) - 1]


@judge.mistake("The rank is rounded down: at least p per cent means up.")
def rounded_down(requests):
    return right(requests, rank(math.floor))


@judge.mistake("The rank is rounded to the nearest: at least p per cent means up.")
def rounded(requests):
    return right(requests, rank(round))


def with_p50(requests, percentile):
    return right(requests) | {"p50_ms": percentile(times_of(requests), 50)}


def with_p95(requests, percentile):
    return right(requests) | {"p95_ms": percentile(times_of(requests), 95)}


@judge.mistake("p50 is one rank too far: with 10 requests it is the fifth time.")
def p50_too_far(requests):
    return with_p50(requests, lambda times, p: sorted(times)[len(times) // 2])


@judge.mistake(
    "p50 lies between two measured times: take the nearest rank, which was measured."
)
def p50_between(requests):
    return with_p50(requests, np.percentile)


@judge.mistake("p95 is one rank too far: with 20 requests it is the nineteenth time.")
def p95_too_far(requests):
    return with_p95(requests, lambda t, p: sorted(t)[95 * len(t) // 100])


@judge.mistake(
    "p95 lies between two measured times: take the nearest rank, which was measured."
)
def p95_between(requests):
    return with_p95(requests, np.percentile)


@judge.mistake("p95 is rounded down: at least 95 per cent means up.")
def p95_rounded_down(requests):
    return with_p95(requests, rank(math.floor))


@judge.mistake("p95 is rounded to the nearest rank: at least 95 per cent means up.")
def p95_rounded(requests):
    return with_p95(requests, rank(round))


@judge.mistake("This is the longest time, not p95.")
def longest(requests):
    return with_p95(requests, lambda times, p: max(times))


@judge.mistake("p50 and p95 have changed places.")
def exchanged(requests):
    report = right(requests)
    return report | {"p50_ms": report["p95_ms"], "p95_ms": report["p50_ms"]}


@judge.mistake(
    "The times are sorted from the longest: the percentiles are the fast ones."
)
def from_the_longest(requests):
    return right(requests, lambda times, p: nearest_rank([-t for t in times], p) * -1)


for method in ("nearest", "midpoint", "weibull", "hazen"):

    @judge.mistake(
        "NumPy has many kinds of percentiles: the smallest time that at least p per "
        "cent "
        'did not exceed is method="inverted_cdf".'
    )
    def by_method(requests, method=method):
        return right(requests, lambda t, p: np.percentile(t, p, method=method))

    by_method.__name__ = f"by_method_{method}"


@judge.mistake("Times are end - start: here the ends alone are taken.")
def ends_alone(requests):
    ends = [1000 * end for _, end in requests]
    return right(requests) | {
        "p50_ms": nearest_rank(ends, 50),
        "p95_ms": nearest_rank(ends, 95),
    }


@judge.mistake("The sign is the wrong way round: end - start.")
def negative(requests):
    return right(requests, lambda times, p: nearest_rank([-t for t in times], p))


@judge.mistake(
    "This is the end of the request that started last: another one may end later."
)
def end_of_the_last_start(requests):
    last = max(requests)[1]
    return right(requests, seconds=lambda starts, ends: last - min(starts))


@judge.mistake(
    "This is the time from the first start to the last start: take the last end."
)
def last_start(requests):
    return right(requests, seconds=lambda starts, ends: max(starts) - min(starts))


@judge.mistake(
    "This is the time from the first end to the last: begin at the first start."
)
def first_end(requests):
    return right(requests, seconds=lambda starts, ends: max(ends) - min(ends))


@judge.mistake("This is the time of the longest request: take first start to last end.")
def longest_request(requests):
    return right(requests, seconds=lambda starts, ends: max(times_of(requests)) / 1000)


@judge.mistake("per_second is upside down: requests divided by seconds.")
def upside_down(requests):
    report = right(requests)
    return report | {"per_second": 1 / report["per_second"]}


@judge.mistake("per_second counts seconds, not milliseconds.")
def per_millisecond(requests):
    report = right(requests)
    return report | {"per_second": report["per_second"] / 1000}


@judge.mistake("This is per minute: divide by the seconds alone.")
def per_minute(requests):
    report = right(requests)
    return report | {"per_second": report["per_second"] * 60}


@judge.mistake("All requests count: here one is left out.")
def one_less(requests):
    report = right(requests)
    return report | {"per_second": report["per_second"] * (1 - 1 / len(requests))}


@judge.mistake(
    "The index is p per cent of n - 1: the rank is p per cent of n, rounded up."
)
def of_the_last_index(requests):
    return right(requests, lambda times, p: sorted(times)[p * (len(times) - 1) // 100])
