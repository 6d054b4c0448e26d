"""Right and wrong answers to Exercise 5.3, as students write them."""

import math

import numpy as np
import pandas as pd
import torch


def rate_squared_cosine(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return step / warmup_steps * peak
    part = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * math.cos(math.pi / 2 * part) ** 2


def rate_as_tensor(step, warmup_steps, total_steps, peak):
    progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    cosine = 0.5 * (1 + torch.cos(torch.tensor(math.pi * progress)))
    return peak * torch.where(
        torch.tensor(step < warmup_steps), step / max(1, warmup_steps), cosine
    )


def rate_divides_by_warmup(step, warmup_steps, total_steps, peak):
    rising = peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    falling = peak * 0.5 * (1 + math.cos(math.pi * max(0, progress)))
    return min(rising, falling)


def rate_in_degrees(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(180 * progress))


def rate_from_library(step, warmup_steps, total_steps, peak):
    from transformers import get_cosine_schedule_with_warmup

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    schedule = get_cosine_schedule_with_warmup(optimizer, warmup_steps, total_steps)
    return schedule.lr_lambdas[0](step) * peak


def rate_float32(step, warmup_steps, total_steps, peak):
    if warmup_steps and step < warmup_steps:
        return np.float32(peak) * np.float32(step / warmup_steps)
    progress = np.float32((step - warmup_steps) / (total_steps - warmup_steps))
    return np.float32(peak) * (1 + np.cos(np.float32(np.pi) * progress)) / 2


def rate_interpolated(step, warmup_steps, total_steps, peak):
    progress = np.interp(step, [warmup_steps, total_steps], [0, 1])
    rising = np.interp(step, [0, warmup_steps], [0, 1]) if warmup_steps else 1
    return peak * min(rising, (1 + np.cos(np.pi * progress)) / 2)


def rate_from_table(step, warmup_steps, total_steps, peak):
    steps = pd.Series(np.arange(total_steps + 1.0))
    fall = 0.5 + 0.5 * np.cos(
        (steps - warmup_steps) / (total_steps - warmup_steps) * np.pi
    )
    rise = steps / max(1, warmup_steps)
    return (fall.where(steps >= warmup_steps, rise) * peak)[step]


def rate_by_sine(step, warmup_steps, total_steps, peak):
    left = total_steps - step
    rest = total_steps - warmup_steps
    return peak * (
        step / warmup_steps
        if step < warmup_steps
        else math.sin(math.pi / 2 * left / rest) ** 2
    )


def rate_plus_one(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / (warmup_steps + 1)
    return rate_squared_cosine(step, warmup_steps, total_steps, peak)


def rate_ends_early(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - 1 - warmup_steps)
    return peak * (1 + math.cos(math.pi * progress)) / 2


def rate_over_total(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * (1 + math.cos(math.pi * (step - warmup_steps) / total_steps)) / 2


def rate_whole_division(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * (step // warmup_steps)
    return rate_squared_cosine(step, warmup_steps, total_steps, peak)


def rate_tenth(step, warmup_steps, total_steps, peak):
    rate = rate_squared_cosine(step, warmup_steps, total_steps, peak)
    return rate if step < warmup_steps else 0.1 * peak + 0.9 * rate


def rate_rising(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * (1 - math.cos(math.pi * progress)) / 2


def rate_warm_up_includes_end(step, warmup_steps, total_steps, peak):
    if step <= warmup_steps:
        return peak * step / warmup_steps
    return rate_squared_cosine(step, warmup_steps, total_steps, peak)


def rate_no_else(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps


def rate_printed(step, warmup_steps, total_steps, peak):
    print(rate_squared_cosine(step, warmup_steps, total_steps, peak))


def rate_math_of_tensor(step, warmup_steps, total_steps, peak):
    return peak * math.cosine(step / total_steps)


def rate_fall_without_peak(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return (1 + math.cos(math.pi * progress)) / 2


def rate_rounded(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return round(peak * step / warmup_steps, 4)
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return round(peak * (1 + math.cos(math.pi * progress)) / 2, 4)


def rate_squared_warm_up(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * (step / warmup_steps) ** 2
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * (1 + math.cos(math.pi * progress)) / 2


RIGHT = [
    rate_squared_cosine,
    rate_as_tensor,
    rate_float32,
    rate_interpolated,
    rate_from_table,
    rate_by_sine,
]
WRONG = [
    (rate_rounded, "It is rounded"),
    (rate_squared_warm_up, "The fall is right, and the warm-up is not"),
    (rate_divides_by_warmup, "warmup_steps may be 0"),
    (rate_in_degrees, "cos takes radians"),
    (rate_from_library, "write it yourself"),
    (rate_plus_one, "warmup_steps + 1"),
    (rate_ends_early, "one step early"),
    (rate_over_total, "measured by total_steps"),
    (rate_whole_division, "// cuts the fraction off"),
    (rate_tenth, "a tenth of the peak"),
    (rate_rising, "goes up"),
    (rate_warm_up_includes_end, "warmup_steps may be 0"),
    (rate_no_else, "None comes back in some cases"),
    (rate_printed, "`print` shows"),
    (rate_math_of_tensor, "It has no such attribute"),
    (rate_fall_without_peak, "The peak is missing in the fall"),
]
