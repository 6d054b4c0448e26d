"""Right and wrong answers to Exercise 8.3, as students write them."""

import numpy as np


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


def interval_min_max(before, after, draws):
    means = (after - before)[draws].mean(axis=1)
    return (after - before).mean(), means.min(), means.max()


def interval_own_draws(before, after, draws):
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(before), draws.shape)
    return interval_by_loop(before, after, draws)


RIGHT = [interval_by_loop, interval_by_counting]
WRONG = [
    (interval_min_max, "percentiles 2.5 and 97.5"),
    (interval_own_draws, "Use `draws`"),
]
