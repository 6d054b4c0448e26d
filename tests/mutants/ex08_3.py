"""Right and wrong answers to Exercise 8.3, as students write them."""

import numpy as np
from mutants import paired_interval


def interval_by_loop(before, after, draws):
    means = []
    for rows in draws:
        means.append(np.mean(after[rows]) - np.mean(before[rows]))
    low, high = np.percentile(means, 2.5), np.percentile(means, 97.5)
    return float(np.mean(after) - np.mean(before)), float(low), float(high)


def interval_by_counting(before, after, draws):
    counts = np.stack([np.bincount(rows, minlength=len(before)) for rows in draws])
    means = counts @ (after - before) / len(before)
    return [np.mean(after - before), *np.quantile(means, [0.025, 0.975])]


def interval_own_draws(before, after, draws):
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(before), draws.shape)
    return interval_by_loop(before, after, draws)


def interval_by_quantile(before, after, draws):
    d = after - before
    m = d[draws].mean(1)
    return (d.mean(), np.quantile(m, 2.5), np.quantile(m, 97.5))


RIGHT = [interval_by_loop, interval_by_counting, *paired_interval.RIGHT]
WRONG = [
    (interval_own_draws, "make no random numbers of your own"),
    *paired_interval.WRONG,
    (interval_by_quantile, "A quantile is a share"),
]
