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


def _windows(input_ids, block_size, stride):
    for start in range(0, len(input_ids), stride):
        yield input_ids[start : start + block_size]
        if start + block_size >= len(input_ids):
            return


def sliding_separate_blocks(losses_of, input_ids, block_size, stride):
    losses = []
    for start in range(0, len(input_ids), block_size):
        losses += losses_of(input_ids[start : start + block_size])
    return math.exp(sum(losses) / len(losses))


def sliding_counts_twice(losses_of, input_ids, block_size, stride):
    losses = []
    for window in _windows(input_ids, block_size, stride):
        losses += losses_of(window)
    return math.exp(sum(losses) / len(losses))


def sliding_mean_of_means(losses_of, input_ids, block_size, stride):
    means, seen = [], 0
    for k, window in enumerate(_windows(input_ids, block_size, stride)):
        losses = losses_of(window)
        new = losses[seen - k * stride :]
        means.append(sum(new) / len(new))
        seen += len(new)
    return math.exp(sum(means) / len(means))


def sliding_weighted_by_tokens(losses_of, input_ids, block_size, stride):
    nlls, previous_end = [], 0
    for start in range(0, len(input_ids), stride):
        end = min(start + block_size, len(input_ids))
        target_length = end - previous_end
        losses = losses_of(input_ids[start:end])[-target_length:]
        nlls.append(np.mean(losses) * target_length)
        previous_end = end
        if end == len(input_ids):
            break
    return np.exp(sum(nlls) / end)


def sliding_drops_the_rest(losses_of, input_ids, block_size, stride):
    losses = []
    for start in range(0, max(1, len(input_ids) - block_size + 1), stride):
        window = input_ids[start : start + block_size]
        losses += losses_of(window)[len(losses) - start :]
    return math.exp(sum(losses) / len(losses))


def sliding_last_stride_always(losses_of, input_ids, block_size, stride):
    losses = []
    for window in _windows(input_ids, block_size, stride):
        losses += losses_of(window)[-stride:]
    return math.exp(sum(losses) / len(losses))


def sliding_last_stride_later(losses_of, input_ids, block_size, stride):
    losses = []
    for k, window in enumerate(_windows(input_ids, block_size, stride)):
        losses += losses_of(window)[-stride:] if k else losses_of(window)
    return math.exp(sum(losses) / len(losses))


def sliding_one_too_few(losses_of, input_ids, block_size, stride):
    losses = []
    for k, window in enumerate(_windows(input_ids, block_size, stride)):
        losses += losses_of(window)[block_size - stride :] if k else losses_of(window)
    return math.exp(sum(losses) / len(losses))


def sliding_newest_window(losses_of, input_ids, block_size, stride):
    loss_of_token = {}
    for k, window in enumerate(_windows(input_ids, block_size, stride)):
        for place, loss in enumerate(losses_of(window), start=k * stride + 1):
            loss_of_token[place] = loss
    return math.exp(sum(loss_of_token.values()) / len(loss_of_token))


def sliding_whole_text(losses_of, input_ids, block_size, stride):
    losses = losses_of(input_ids)
    return math.exp(sum(losses) / len(losses))


def sliding_mean_loss(losses_of, input_ids, block_size, stride):
    return math.log(sliding_by_sums(losses_of, input_ids, block_size, stride))


def sliding_divides_by_all(losses_of, input_ids, block_size, stride):
    loss = sliding_mean_loss(losses_of, input_ids, block_size, stride)
    return math.exp(loss * (len(input_ids) - 1) / len(input_ids))


RIGHT = [sliding_by_sums, sliding_by_dict]
WRONG = [
    (sliding_separate_blocks, "separate blocks"),
    (sliding_counts_twice, "more than once"),
    (sliding_mean_of_means, "mean of the windows' means"),
    (sliding_weighted_by_tokens, "weighted by"),
    (sliding_drops_the_rest, "last, shorter window"),
    (sliding_last_stride_always, "start of the text is never scored"),
    (sliding_last_stride_later, "fewer than `stride` new tokens"),
    (sliding_one_too_few, "skips one token"),
    (sliding_newest_window, "first window that gives it"),
    (sliding_whole_text, "more tokens than a block"),
    (sliding_mean_loss, "This is the mean loss"),
    (sliding_divides_by_all, "has no loss"),
]
