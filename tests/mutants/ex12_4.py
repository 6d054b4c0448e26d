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


def worse_by_heap(before, after, k):
    import heapq

    falls = [(b - a, -i) for i, (b, a) in enumerate(zip(before, after, strict=True))]
    return [-i for fall, i in heapq.nlargest(k, falls) if fall > 0]


def worse_by_pandas(before, after, k):
    import pandas as pd

    change = pd.Series(after) - pd.Series(before)
    return change[change < 0].sort_values(kind="stable").index[:k].tolist()


def worse_by_lexsort(before, after, k):
    change = np.asarray(after) - np.asarray(before)
    places = np.flatnonzero(change < 0)
    return places[np.lexsort((places, change[places]))][:k]


def worse_by_torch(before, after, k):
    import torch

    change = torch.tensor(after) - torch.tensor(before)
    values, places = torch.sort(change, stable=True)
    return places[values < 0][:k]


def worse_by_sort(before, after, k):
    places = [i for i, old in enumerate(before) if after[i] < old]
    places.sort(key=lambda i: after[i] - before[i])
    return tuple(places[:k])


def worse_of_lists(before, after, k):
    return sorted(after - before)[:k]


def worse_sorted_in_place(before, after, k):
    places = list(range(len(before)))
    return places.sort(key=lambda i: after[i] - before[i])


def worse_every_second(before, after, k):
    return worse_by_loop(before, after, 2 * k)[::2]


def worse_with_the_first(before, after, k):
    risen = next(i for i in range(len(before)) if after[i] > before[i])
    return [risen, *worse_by_loop(before, after, k)][:k]


def falls_by_index(before, after, k):
    change = [new - old for old, new in zip(before, after, strict=True)]
    return [change.index(fall) for fall in sorted(change) if fall < 0][:k]


RIGHT = [
    worse_by_argsort,
    worse_by_loop,
    worse_by_heap,
    worse_by_pandas,
    worse_by_lexsort,
    worse_by_torch,
    worse_by_sort,
]
WRONG = [
    (falls_by_index, "An item stands in the list more than once"),
    (worse_of_lists, "stops with TypeError"),
    (worse_sorted_in_place, "None"),
    (worse_every_second, "the deepest fall first"),
    (worse_with_the_first, "did not become worse"),
]
