"""Right and wrong answers to Exercise 13.4, as students write them."""

import itertools
import math
from itertools import pairwise

import numpy as np


def tokens_by_numpy(curve, target):
    tokens, losses = np.log(np.array(curve)).T
    below = np.flatnonzero(losses <= np.log(target))
    if len(below) == 0:
        return None
    if below[0] == 0:
        return float(curve[0][0])
    pair = slice(below[0] - 1, below[0] + 1)
    found = np.interp(np.log(target), losses[pair][::-1], tokens[pair][::-1])
    return float(np.exp(found))


def tokens_by_power(curve, target):
    last = None
    for tokens, loss in curve:
        if loss <= target:
            if last is None:
                return tokens
            slope = math.log(loss / last[1]) / math.log(tokens / last[0])
            return last[0] * (target / last[1]) ** (1 / slope)
        last = tokens, loss
    return None


def _between(curve, target, tokens_scale=math.log, loss_scale=math.log, last=False):
    if curve[0][1] <= target:
        return curve[0][0]
    found = None
    for i in range(1, len(curve)):
        (x0, y0), (x1, y1) = curve[i - 1], curve[i]
        if y1 <= target < y0:
            part = (loss_scale(y0) - loss_scale(target)) / (
                loss_scale(y0) - loss_scale(y1)
            )
            found = tokens_scale(x0) + part * (tokens_scale(x1) - tokens_scale(x0))
            found = math.exp(found) if tokens_scale is math.log else found
            if not last:
                return found
    return found


def tokens_linear(curve, target):
    return _between(curve, target, float, float)


def tokens_log_of_tokens(curve, target):
    return _between(curve, target, loss_scale=float)


def tokens_log_of_loss(curve, target):
    return _between(curve, target, tokens_scale=float)


def tokens_of_the_next_point(curve, target):
    return next((tokens for tokens, loss in curve if loss <= target), None)


def tokens_of_the_last_crossing(curve, target):
    return _between(curve, target, last=True)


def tokens_never_is_the_end(curve, target):
    found = _between(curve, target)
    return curve[-1][0] if found is None else found


def tokens_by_falling_interp(curve, target):
    tokens, losses = np.log(curve).T
    return np.exp(np.interp(np.log(target), losses, tokens))


def tokens_by_plain_interp(curve, target):
    tokens, losses = np.array(curve).T
    return np.interp(target, losses, tokens)


def tokens_by_turned_interp(curve, target):
    tokens, losses = np.log(curve).T
    return float(np.exp(np.interp(np.log(target), losses[::-1], tokens[::-1])))


def tokens_by_power_law(curve, target):
    tokens, losses = np.log(curve).T
    slope, start = np.polyfit(tokens, losses, 1)
    return float(np.exp((np.log(target) - start) / slope))


def tokens_as_factor(curve, target):
    found = _between(curve, target)
    return None if found is None else found / curve[0][0]


def tokens_by_while(curve, target):
    i = 0
    while i < len(curve) and curve[i][1] > target:
        i += 1
    if i == len(curve):
        return None
    if i == 0:
        return curve[0][0]
    x0, x1 = math.log10(curve[i - 1][0]), math.log10(curve[i][0])
    y0, y1 = math.log10(curve[i - 1][1]), math.log10(curve[i][1])
    return 10 ** (x0 + (y0 - math.log10(target)) / (y0 - y1) * (x1 - x0))


def tokens_by_pandas(curve, target):
    import pandas as pd

    log = np.log(pd.DataFrame(curve, columns=["tokens", "loss"]))
    hits = log.index[log["loss"] <= math.log(target)]
    if hits.empty:
        return None
    i = hits[0]
    if i == 0:
        return np.exp(log["tokens"][0])
    near = log.loc[i - 1 : i].sort_values("loss")
    return np.exp(np.interp(math.log(target), near["loss"], near["tokens"]))


def tokens_by_bisection(curve, target):
    if curve[0][1] <= target:
        return curve[0][0]
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if y1 > target:
            continue
        low, high = 0.0, 1.0
        for _ in range(60):
            share = (low + high) / 2
            if y0 * (y1 / y0) ** share > target:
                low = share
            else:
                high = share
        return x0 * (x1 / x0) ** share


def tokens_by_torch(curve, target):
    import torch

    tokens, losses = torch.tensor(curve, dtype=torch.float64).log().T
    goal = math.log(target)
    for i in range(len(losses)):
        if losses[i] <= goal:
            if i == 0:
                return torch.exp(tokens[0])
            share = (losses[i - 1] - goal) / (losses[i - 1] - losses[i])
            return torch.exp(torch.lerp(tokens[i - 1], tokens[i], share))
    return None


def tokens_zero_at_the_start(curve, target):
    return 0 if curve[0][1] <= target else _between(curve, target)


def tokens_of_lists(curve, target):
    return curve[1] - curve[0]


def even_strictly_between(curve, target):
    if curve[0][1] <= target:
        return curve[0][0]
    for (a, x), (b, y) in pairwise(curve):
        if x > target > y:
            return a * (b / a) ** (math.log(x / target) / math.log(x / y))


def even_from_lowest(curve, target):
    if curve[0][1] <= target:
        return curve[0][0]
    best = curve[0]
    for b, y in curve[1:]:
        if y <= target:
            a, x = best
            return a * (b / a) ** (math.log(x / target) / math.log(x / y))
        if y < best[1]:
            best = (b, y)


RIGHT = [
    tokens_by_numpy,
    tokens_by_power,
    tokens_by_while,
    tokens_by_pandas,
    tokens_by_bisection,
    tokens_by_torch,
]
WRONG = [
    (tokens_linear, "take the logarithm of both"),
    (tokens_log_of_tokens, "Only the tokens are logarithms"),
    (tokens_log_of_loss, "Only the losses are logarithms"),
    (tokens_of_the_next_point, "the first point at or below"),
    (tokens_of_the_last_crossing, "the first time counts"),
    (tokens_never_is_the_end, "has no crossing"),
    (tokens_by_falling_interp, "np.interp wants rising x, and losses fall"),
    (tokens_by_plain_interp, "np.interp wants rising x, and losses fall"),
    (tokens_by_turned_interp, "a bumpy curve"),
    (tokens_by_power_law, "a line through all points"),
    (tokens_zero_at_the_start, "return the first tokens, not 0"),
    (tokens_of_lists, "stops with TypeError"),
    (tokens_as_factor, "log(loss) over log(tokens)"),
    (even_strictly_between, "where a number is asked for"),
    (even_from_lowest, "first two neighbours"),
]
