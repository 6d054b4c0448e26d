"""Right and wrong answers to Exercise 4.4, as students write them."""

import math
from collections import namedtuple

import numpy as np
import pandas as pd
import torch


def _rows(effective_batch_size, processes):
    if effective_batch_size % processes:
        raise ValueError("the processes cannot share the batch")
    return effective_batch_size // processes


def batch_by_accumulation(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    for accumulation in range(1, rows + 1):
        if rows % accumulation == 0:
            batch_size = rows // accumulation
            if batch_size * bytes_per_row <= free_bytes:
                return [batch_size, accumulation]
    raise ValueError("no batch fits")


def batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes):
    divisors = [
        size
        for size in range(1, effective_batch_size + 1)
        if effective_batch_size % (size * processes) == 0
    ]
    best = max(size for size in divisors if size * bytes_per_row <= free_bytes)
    return best, effective_batch_size // (best * processes)


def batch_divides_by_zero(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size // processes
    size = free_bytes // bytes_per_row
    while rows % size:
        size -= 1
    return size, rows // size


def batch_size_only(free_bytes, bytes_per_row, effective_batch_size, processes):
    return batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)[0]


Batch = namedtuple("Batch", "batch_size accumulation")


def batch_numpy(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    sizes = np.arange(1, rows + 1)
    sizes = sizes[(rows % sizes == 0) & (sizes * bytes_per_row <= free_bytes)]
    if not sizes.size:
        raise ValueError("not even one row fits")
    return sizes[-1], rows // sizes[-1]


def batch_torch(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    fits = free_bytes // bytes_per_row
    if fits == 0:
        raise ValueError(fits)
    sizes = torch.arange(1, min(fits, rows) + 1)
    best = sizes[rows % sizes == 0].max()
    return torch.stack([best, rows // best])


def batch_pandas(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    sizes = pd.Series(range(1, rows + 1))
    kept = sizes[(rows % sizes == 0) & sizes.mul(bytes_per_row).le(free_bytes)]
    if kept.empty:
        raise ValueError("no batch fits")
    return Batch(kept.max(), rows / kept.max())


def batch_by_trying(free_bytes, bytes_per_row, effective_batch_size, processes):
    size = min(free_bytes // bytes_per_row, effective_batch_size)
    while size > 0:
        steps = effective_batch_size / (size * processes)
        if steps == int(steps):
            return Batch(size, int(steps))
        size -= 1
    raise ValueError("impossible")


def batch_power_of_two(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    size = 1
    while size * 2 * bytes_per_row <= free_bytes and rows % (size * 2) == 0:
        size *= 2
    if bytes_per_row > free_bytes:
        raise ValueError("no batch fits")
    return size, rows // size


def batch_returns_none(free_bytes, bytes_per_row, effective_batch_size, processes):
    if effective_batch_size % processes or free_bytes < bytes_per_row:
        return None
    return batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)


def batch_at_least_one(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    size = min(rows, max(1, free_bytes // bytes_per_row))
    while rows % size:
        size -= 1
    return size, rows // size


def batch_asserts(free_bytes, bytes_per_row, effective_batch_size, processes):
    assert effective_batch_size % processes == 0
    return batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)


def batch_returns_text(free_bytes, bytes_per_row, effective_batch_size, processes):
    try:
        return batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)
    except ValueError:
        return "ValueError"


def batch_float(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    size = min(rows, free_bytes / bytes_per_row)
    if size < 1:
        raise ValueError("no batch fits")
    return size, rows / size


def batch_rounded_up(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    if free_bytes < bytes_per_row:
        raise ValueError("no batch fits")
    most = math.ceil(free_bytes / bytes_per_row)
    size = max(n for n in range(1, min(rows, most) + 1) if rows % n == 0)
    return size, rows // size


def batch_all_memory(free_bytes, bytes_per_row, effective_batch_size, processes):
    free = free_bytes * processes
    return batch_by_max(free, bytes_per_row, effective_batch_size, processes)


def batch_printed(free_bytes, bytes_per_row, effective_batch_size, processes):
    print(batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes))


def batch_range_of_float(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size / processes
    return max(n for n in range(1, rows) if rows % n == 0)


def batch_rows_left_out(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    most = free_bytes // bytes_per_row
    size = max(n for n in range(1, min(rows, most)) if rows % n == 0)
    return size, rows // size


def batch_refuses_nothing(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size // processes
    for size in range(rows, 0, -1):
        if rows % size == 0 and size * bytes_per_row <= free_bytes:
            return size, rows // size


def batch_halves_while_even(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = size = _rows(effective_batch_size, processes)
    while size * bytes_per_row > free_bytes:
        if size % 2:
            raise ValueError("not even one row fits")
        size //= 2
    return size, rows // size


def batch_none_if_no_row(free_bytes, bytes_per_row, effective_batch_size, processes):
    if effective_batch_size % processes:
        raise ValueError
    rows = effective_batch_size // processes
    for b in range(rows, 0, -1):
        if rows % b == 0 and b * bytes_per_row <= free_bytes:
            return (b, rows // b)


def batch_any_exception(free_bytes, bytes_per_row, effective_batch_size, processes):
    if effective_batch_size % processes:
        raise Exception("processes")
    rows = effective_batch_size // processes
    fits = free_bytes // bytes_per_row
    b = max(x for x in range(1, fits + 1) if rows % x == 0)
    return (b, rows // b)


RIGHT = [
    batch_by_accumulation,
    batch_by_max,
    batch_numpy,
    batch_torch,
    batch_pandas,
    batch_by_trying,
]
WRONG = [
    (batch_divides_by_zero, "not even one row fits"),
    (batch_size_only, "The accumulation is missing"),
    (batch_power_of_two, "This is a power of two"),
    (batch_returns_none, "answered with None"),
    (batch_at_least_one, "not even one row fits, raise"),
    (batch_asserts, "Raise a ValueError"),
    (batch_returns_text, "Return (batch_size, accumulation)"),
    (batch_float, "no whole number"),
    (batch_rounded_up, "only half fits"),
    (batch_all_memory, "of all GPUs is added up"),
    (batch_printed, "`print` shows"),
    (batch_range_of_float, "A whole number is needed"),
    (batch_rows_left_out, "range(1, n) ends"),
    (batch_refuses_nothing, "Nothing is refused"),
    (batch_halves_while_even, "comes to an odd size"),
    (batch_none_if_no_row, "Only what has to be refused"),
    (batch_any_exception, "and no other exception"),
]
