"""Right and wrong answers to Exercise 5.3, as students write them."""

import math

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


RIGHT = [rate_squared_cosine, rate_as_tensor]
WRONG = [
    (rate_divides_by_warmup, "warmup_steps may be 0"),
    (rate_in_degrees, "Below warmup_steps: peak x step"),
    (rate_from_library, "write it yourself"),
]
