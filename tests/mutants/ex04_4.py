"""Right and wrong answers to Exercise 4.4, as students write them."""


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


RIGHT = [batch_by_accumulation, batch_by_max]
WRONG = [
    (batch_divides_by_zero, "not even one row fits"),
    (batch_size_only, "Return (batch_size, accumulation)"),
]
