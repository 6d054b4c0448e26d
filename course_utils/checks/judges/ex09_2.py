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
