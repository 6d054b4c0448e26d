"""Answers to both questions about a paired interval, Exercises 8.3 and 12.3."""

import numpy as np


def interval_by_quantiles(before, after, draws):
    means = np.take(after - before, draws).mean(-1)
    low, high = np.quantile(means, [0.025, 0.975])
    return np.mean(after - before), low, high


def interval_by_pandas(before, after, draws):
    import pandas as pd

    means = pd.DataFrame((after - before)[draws]).mean(axis=1)
    return float((after - before).mean()), means.quantile(0.025), means.quantile(0.975)


def interval_by_torch(before, after, draws):
    import torch

    difference = torch.from_numpy(after - before)
    means = difference[torch.from_numpy(draws)].mean(dim=1)
    ends = torch.quantile(means, torch.tensor([0.025, 0.975], dtype=means.dtype))
    return torch.cat([difference.mean()[None], ends])


def interval_by_sums(before, after, draws):
    n = len(before)
    means = sorted(sum(after[i] - before[i] for i in row) / n for row in draws)

    def percentile(p):
        place = p / 100 * (len(means) - 1)
        below = int(place)
        above = min(below + 1, len(means) - 1)
        return means[below] + (place - below) * (means[above] - means[below])

    return sum(after - before) / n, percentile(2.5), percentile(97.5)


def interval_as_array(before, after, draws):
    difference = np.subtract(after, before)
    means = np.array([difference[row].mean() for row in draws])
    return np.array([difference.mean(), *np.percentile(means, (2.5, 97.5))])


def interval_as_dict(before, after, draws):
    mean, low, high = interval_as_array(before, after, draws)
    return {"mean": mean, "low": low, "high": high}


def interval_of_all_columns(before, after, draws):
    means = (after - before)[draws.T].mean(axis=1)
    return (after - before).mean(), *np.percentile(means, [2.5, 97.5])


def interval_of_lists(before, after, draws):
    difference = [list(after)[i] - list(before)[i] for i in range(len(before))]
    return np.mean(difference), *np.percentile(difference[draws].mean(1), [2.5, 97.5])


RIGHT = [
    interval_by_quantiles,
    interval_by_pandas,
    interval_by_torch,
    interval_by_sums,
    interval_as_array,
]
WRONG = [
    (interval_as_dict, "It returns a dict"),
    (interval_of_all_columns, "The mean goes over the other axis"),
    (interval_of_lists, "stops with TypeError"),
]
