"""Right and wrong answers to Exercise 9.4, as students write them."""


def batches_by_current(lengths, max_tokens):
    order = sorted((length, i) for i, length in enumerate(lengths))
    batches, current = [], []
    for length, i in order:
        if current and (len(current) + 1) * length > max_tokens:
            batches.append(current)
            current = []
        current.append(i)
    if current:
        batches.append(current)
    return batches


def batches_by_slices(lengths, max_tokens):
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batches = []
    while order:
        n = len(order)
        while n * lengths[order[n - 1]] > max_tokens:
            n -= 1
        batches.append(tuple(order[:n]))
        order = order[n:]
    return batches


def batches_by_numpy(lengths, max_tokens):
    import numpy as np

    lengths = np.array(lengths)
    order, batches = np.argsort(lengths, kind="stable"), []
    while len(order):
        costs = np.arange(1, len(order) + 1) * lengths[order]
        n = int(np.flatnonzero(costs <= max_tokens)[-1]) + 1
        batches.append(order[:n])
        order = order[n:]
    return batches


def batches_by_heap(lengths, max_tokens):
    import heapq

    heap = [(length, i) for i, length in enumerate(lengths)]
    heapq.heapify(heap)
    batches = []
    rows = 0
    while heap:
        length, i = heapq.heappop(heap)
        rows += 1
        if rows == 1 or rows * length > max_tokens or not batches:
            batches.append([])
            rows = 1
        batches[-1].append(i)
    return batches


def batches_by_recursion(lengths, max_tokens):
    def split(order):
        if not order:
            return []
        n = 1
        while n < len(order) and (n + 1) * lengths[order[n]] <= max_tokens:
            n += 1
        return [order[:n], *split(order[n:])]

    return split(sorted(range(len(lengths)), key=lambda i: (lengths[i], i)))


def batches_by_pandas(lengths, max_tokens):
    import pandas as pd

    order = pd.Series(lengths).sort_values(kind="stable")
    batches, batch = [], []
    for i, length in order.items():
        if batch and (len(batch) + 1) * length > max_tokens:
            batches.append(batch)
            batch = []
        batch = [*batch, i]
    return (*batches, batch)


def batches_of_two(lengths, max_tokens):
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [order[i : i + 2] for i in range(0, len(order), 2)]


def batches_without_the_longest(lengths, max_tokens):
    return batches_by_current(lengths[:-1], max_tokens)


def batches_sorted_in_place(lengths, max_tokens):
    order = lengths.sort()
    return [order[:2]]


RIGHT = [
    batches_by_current,
    batches_by_slices,
    batches_by_numpy,
    batches_by_heap,
    batches_by_recursion,
    batches_by_pandas,
]
WRONG = [
    (batches_of_two, "more batches than are needed"),
    (batches_without_the_longest, "stands in no batch, or in two"),
    (batches_sorted_in_place, "None"),
]
