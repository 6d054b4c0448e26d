"""Right and wrong answers to Exercise 12.4, as students write them."""

import numpy as np


def worse_by_argsort(before, after, k):
    change = np.subtract(after, before)
    order = np.argsort(change, kind="stable")
    return [int(i) for i in order[:k] if change[i] < 0]


def worse_by_loop(before, after, k):
    fallen = []
    for i in range(len(before)):
        if after[i] < before[i]:
            fallen.append((before[i] - after[i], -i))
    return [-i for _, i in sorted(fallen, reverse=True)][:k]


def worse_filled_up(before, after, k):
    change = np.subtract(after, before)
    return np.argsort(change, kind="stable")[:k]


def worse_or_equal(before, after, k):
    change = np.subtract(after, before)
    order = np.argsort(change, kind="stable")
    return [int(i) for i in order if change[i] <= 0][:k]


def better(before, after, k):
    return worse_by_argsort(after, before, k)


def worse_all(before, after, k):
    return worse_by_argsort(before, after, len(before))


def worse_in_order(before, after, k):
    return [i for i in range(len(before)) if after[i] < before[i]][:k]


def worse_in_reverse(before, after, k):
    return worse_by_argsort(before, after, k)[::-1]


def worse_smallest_falls(before, after, k):
    change = np.subtract(after, before)
    order = np.argsort(change, kind="stable")[::-1]
    return [int(i) for i in order if change[i] < 0][:k]


def worse_ties_in_reverse(before, after, k):
    fall = np.subtract(before, after)
    order = np.argsort(fall, kind="stable")[::-1]
    return [int(i) for i in order if fall[i] > 0][:k]


def worse_lowest(before, after, k):
    return sorted(range(len(after)), key=lambda i: after[i])[:k]


def worse_changes(before, after, k):
    change = sorted(new - old for old, new in zip(before, after, strict=True))
    return [x for x in change if x < 0][:k]


def worse_from_1(before, after, k):
    return [i + 1 for i in worse_by_argsort(before, after, k)]


RIGHT = [worse_by_argsort, worse_by_loop]
WRONG = [
    (worse_filled_up, "there may be fewer than k"),
    (worse_or_equal, "stayed the same"),
    (better, "became better"),
    (worse_all, "more than k"),
    (worse_in_order, "in the order of the data"),
    (worse_in_reverse, "The order is the wrong way round"),
    (worse_smallest_falls, "the smallest falls"),
    (worse_ties_in_reverse, "Equal falls are in reverse"),
    (worse_lowest, "lowest scores"),
    (worse_changes, "return the places"),
    (worse_from_1, "the places where after is below"),
]
