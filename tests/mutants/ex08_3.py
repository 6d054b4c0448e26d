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


def _bounds(values, low=2.5, high=97.5):
    return np.percentile(values, low), np.percentile(values, high)


def interval_unpaired(before, after, draws):
    low_b, high_b = _bounds(before[draws].mean(axis=1))
    low_a, high_a = _bounds(after[draws].mean(axis=1))
    return (after - before).mean(), low_a - high_b, high_a - low_b


def interval_of_bounds(before, after, draws):
    low_b, high_b = _bounds(before[draws].mean(axis=1))
    low_a, high_a = _bounds(after[draws].mean(axis=1))
    return (after - before).mean(), low_a - low_b, high_a - high_b


def interval_wrong_way(before, after, draws):
    difference = before - after
    return difference.mean(), *_bounds(difference[draws].mean(axis=1))


def interval_90_percent(before, after, draws):
    difference = after - before
    return difference.mean(), *_bounds(difference[draws].mean(axis=1), 5, 95)


def interval_of_examples(before, after, draws):
    difference = after - before
    return difference.mean(), *_bounds(difference)


def interval_of_all_draws(before, after, draws):
    difference = after - before
    return difference.mean(), *_bounds(difference[draws])


def interval_other_axis(before, after, draws):
    difference = after - before
    return difference.mean(), *_bounds(difference[draws].mean(axis=0))


def interval_min_max(before, after, draws):
    means = (after - before)[draws].mean(axis=1)
    return (after - before).mean(), means.min(), means.max()


def interval_normal(before, after, draws):
    difference = after - before
    half = 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
    return difference.mean(), difference.mean() - half, difference.mean() + half


def interval_own_draws(before, after, draws):
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(before), draws.shape)
    return interval_by_loop(before, after, draws)


def interval_mean_of_draws(before, after, draws):
    means = (after - before)[draws].mean(axis=1)
    return means.mean(), *_bounds(means)


def interval_fractions(before, after, draws):
    difference = after - before
    means = difference[draws].mean(axis=1)
    return difference.mean(), *_bounds(means, 0.025, 0.975)


RIGHT = [interval_by_loop, interval_by_counting]
WRONG = [
    (interval_unpaired, "separate intervals"),
    (interval_of_bounds, "separate intervals"),
    (interval_wrong_way, "after - before"),
    (interval_90_percent, "90 %"),
    (interval_of_examples, "single differences"),
    (interval_of_all_draws, "Take the mean of each draw"),
    (interval_other_axis, "other axis"),
    (interval_min_max, "percentiles 2.5 and 97.5"),
    (interval_normal, "normal distribution"),
    (interval_own_draws, "Use `draws`"),
    (interval_mean_of_draws, "mean of the draws"),
    (interval_fractions, "0 to 100"),
]
