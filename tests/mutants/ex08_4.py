"""Right and wrong answers to Exercise 8.4, as students write them."""

import math

import numpy as np


def sliding_by_sums(losses_of, input_ids, block_size, stride):
    total, tokens, seen = 0.0, 0, 1
    start = 0
    while True:
        end = min(start + block_size, len(input_ids))
        losses = losses_of(input_ids[start:end])
        new = end - seen
        total += sum(losses[len(losses) - new :])
        tokens += new
        seen = end
        if end == len(input_ids):
            return math.exp(total / tokens)
        start += stride


def sliding_by_dict(losses_of, input_ids, block_size, stride):
    loss_of_token = {}
    for start in range(0, len(input_ids) - 1, stride):
        window = input_ids[start : start + block_size]
        for place, loss in enumerate(losses_of(window), start=start + 1):
            loss_of_token.setdefault(place, loss)
    return float(np.exp(np.mean(list(loss_of_token.values()))))


def sliding_by_numpy(losses_of, input_ids, block_size, stride):
    n, kept = len(input_ids), np.full(len(input_ids), np.nan)
    for start in np.arange(0, n, stride):
        losses = np.array(losses_of(input_ids[start : start + block_size]))
        places = np.arange(start + 1, start + 1 + len(losses))
        fresh = np.isnan(kept[places])
        kept[places[fresh]] = losses[fresh]
    return np.exp(np.nanmean(kept))


def sliding_by_labels(losses_of, input_ids, block_size, stride):
    previous_end, losses = 0, []
    for begin in range(0, len(input_ids), stride):
        end = min(begin + block_size, len(input_ids))
        target = end - previous_end if begin else end - previous_end - 1
        window = losses_of(input_ids[begin:end])
        losses.extend(window[len(window) - target :])
        previous_end = end
        if end == len(input_ids):
            break
    return math.e ** (math.fsum(losses) / len(losses))


def sliding_by_torch(losses_of, input_ids, block_size, stride):
    import torch

    parts, done, start = [], 0, 0
    while done < len(input_ids) - 1:
        losses = torch.tensor(losses_of(input_ids[start : start + block_size]))
        parts.append(losses[done - start :])
        done = start + len(losses)
        start += stride
    return torch.cat(parts).mean().exp().item()


def sliding_by_recursion(losses_of, input_ids, block_size, stride):
    def new(start, done):
        losses = losses_of(input_ids[start : start + block_size])
        fresh = losses[done - start :]
        if start + block_size >= len(input_ids):
            return fresh
        return fresh + new(start + stride, start + len(losses))

    losses = new(0, 0)
    return np.float64(math.exp(sum(losses) / len(losses)))


def sliding_of_sums(losses_of, input_ids, block_size, stride):
    total = sum(sliding_losses(losses_of, input_ids, block_size, stride))
    return math.exp(1000 * total)


def sliding_losses(losses_of, input_ids, block_size, stride):
    return losses_of(input_ids)


def sliding_of_tensors(losses_of, input_ids, block_size, stride):
    window = input_ids[0:block_size]
    return math.exp(losses_of(window) / len(window))


def sliding_two_tokens_forward(losses_of, input_ids, block_size, stride):
    return sliding_by_sums(losses_of, input_ids[2:] or input_ids, block_size, stride)


RIGHT = [
    sliding_by_sums,
    sliding_by_dict,
    sliding_by_numpy,
    sliding_by_labels,
    sliding_by_torch,
    sliding_by_recursion,
]
WRONG = [
    (sliding_of_sums, "exp of a sum overflows"),
    (sliding_of_tensors, "stops with TypeError"),
    (sliding_two_tokens_forward, "Score each token but the first once"),
]
