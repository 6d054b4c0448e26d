"""Right and wrong answers to Exercise 4.4, as students write them."""

import math


def _rows(effective_batch_size, processes):
    if effective_batch_size % processes:
        raise ValueError("the processes cannot share the batch")
    return effective_batch_size // processes


def _fits(free_bytes, bytes_per_row):
    if free_bytes < bytes_per_row:
        raise ValueError("not even one row fits")
    return free_bytes // bytes_per_row


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


def batch_rounds_down(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    size = min(rows, _fits(free_bytes, bytes_per_row))
    return size, rows // size


def batch_rounds_up(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    size = min(rows, _fits(free_bytes, bytes_per_row))
    return size, math.ceil(rows / size)


def batch_halves(free_bytes, bytes_per_row, effective_batch_size, processes):
    size = rows = _rows(effective_batch_size, processes)
    fits = _fits(free_bytes, bytes_per_row)
    while size > fits:
        size //= 2
    return size, rows // size


def batch_one_process(free_bytes, bytes_per_row, effective_batch_size, processes):
    fits = _fits(free_bytes, bytes_per_row)
    sizes = range(min(fits, effective_batch_size), 0, -1)
    size = next(size for size in sizes if effective_batch_size % size == 0)
    return size, effective_batch_size // size


def batch_never_full(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = _rows(effective_batch_size, processes)
    for size in range(rows, 0, -1):
        if rows % size == 0 and size * bytes_per_row < free_bytes:
            return size, rows // size
    raise ValueError("no batch fits")


def batch_of_one(free_bytes, bytes_per_row, effective_batch_size, processes):
    _fits(free_bytes, bytes_per_row)
    return 1, _rows(effective_batch_size, processes)


def batch_ignores_memory(free_bytes, bytes_per_row, effective_batch_size, processes):
    return _rows(effective_batch_size, processes), 1


def batch_shares_unevenly(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size // processes
    sizes = range(min(rows, _fits(free_bytes, bytes_per_row)), 0, -1)
    size = next(size for size in sizes if rows % size == 0)
    return size, rows // size


def batch_swapped(free_bytes, bytes_per_row, effective_batch_size, processes):
    answer = batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)
    return answer[::-1]


def batch_divides_by_zero(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size // processes
    size = free_bytes // bytes_per_row
    while rows % size:
        size -= 1
    return size, rows // size


def batch_size_only(free_bytes, bytes_per_row, effective_batch_size, processes):
    return batch_by_max(free_bytes, bytes_per_row, effective_batch_size, processes)[0]


RIGHT = [batch_by_accumulation, batch_by_max]
WRONG = [
    (batch_rounds_down, "Take the largest that does"),
    (batch_rounds_up, "Take the largest that does"),
    (batch_halves, "Halving passes over"),
    (batch_one_process, "The processes are missing"),
    (batch_never_full, "fills the memory exactly"),
    (batch_of_one, "right but slow"),
    (batch_ignores_memory, "The memory is not looked at"),
    (batch_shares_unevenly, "share the effective batch evenly"),
    (batch_swapped, "in the other order"),
    (batch_divides_by_zero, "not even one row fits"),
    (batch_size_only, "Return (batch_size, accumulation)"),
]
