"""Judge of 4.4, a batch that fits."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex04_4 import QUESTION

NOT_EXACT = (
    "batch_size x accumulation x processes is not the effective batch size: the "
    "largest batch that fits need not divide it. Take the largest that does."
)


def rows_and_most(free_bytes, bytes_per_row, effective_batch_size, processes):
    """Return a process's rows a step, and how many of them fit at a time."""
    rows, rest = divmod(effective_batch_size, processes)
    most = free_bytes // bytes_per_row
    if rest or most < 1:
        raise ValueError
    return rows, most


def right(*case, pick=max):
    rows, most = rows_and_most(*case)
    size = pick(n for n in range(1, min(rows, most) + 1) if rows % n == 0)
    return size, rows // size


judge = Judge(
    QUESTION,
    right,
    "Return (batch_size, accumulation): the largest batch_size that fits into the "
    "memory and makes batch_size x accumulation x processes exactly the effective "
    "batch size. Raise a ValueError if there is none.",
)


@judge.mistake(NOT_EXACT)
def rounded_down(*case):
    rows, most = rows_and_most(*case)
    return min(most, rows), rows // min(most, rows)


@judge.mistake(NOT_EXACT)
def rounded_up(*case):
    rows, most = rows_and_most(*case)
    return min(most, rows), -(-rows // min(most, rows))


@judge.mistake(
    "Halving passes over sizes: 12 can be cut into 4, too, not only into 6 and 3."
)
def halved(*case):
    rows, most = rows_and_most(*case)
    size = rows
    while size > most:
        size //= 2
    return size, rows // size


@judge.mistake(
    "The processes are missing: each of them works on batch_size rows at a time."
)
def without_processes(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(free_bytes, bytes_per_row, effective_batch_size, 1)


@judge.mistake("A batch that fills the memory exactly does fit: compare with <=.")
def never_full(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(free_bytes - 1, bytes_per_row, effective_batch_size, processes)


@judge.mistake("One row at a time is right but slow: take the largest batch that fits.")
def one_row(*case):
    return right(*case, pick=min)


@judge.mistake("The memory is not looked at: the batch has to fit.")
def without_limit(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(10**9, 1, effective_batch_size, processes)


@judge.mistake(
    "If the processes cannot share the effective batch evenly, raise a ValueError."
)
def unevenly_shared(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(free_bytes, bytes_per_row, effective_batch_size // processes, 1)


@judge.mistake("The results are in the other order: batch_size, then accumulation.")
def exchanged(*case):
    return right(*case)[::-1]
