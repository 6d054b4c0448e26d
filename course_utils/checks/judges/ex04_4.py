"""Judge of 4.4, a batch that fits."""

from course_utils.checks.contract import REFUSED
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
    "Halving comes to an odd size and gives up: 9 rows can be cut into 3, too. Try "
    "every size."
)
def halved_while_even(*case):
    rows, most = rows_and_most(*case)
    size = rows
    while size > most:
        size, odd = divmod(size, 2)
        if odd:
            raise ValueError
    return size, rows // size


@judge.mistake(
    "The processes are missing: each of them works on batch_size rows at a time."
)
def without_processes(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(free_bytes, bytes_per_row, effective_batch_size, 1)


@judge.mistake(
    "A batch that fills the memory exactly does fit: compare with <=, and keep nothing "
    "back."
)
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


@judge.mistake(
    "This is a power of two: any whole number will do, if it cuts the rows evenly."
)
def power_of_two(*case):
    return right(*case, pick=lambda sizes: max(n for n in sizes if n & (n - 1) == 0))


@judge.mistake(
    "The largest power of two that fits need not divide the rows, and is not always "
    "the largest that does."
)
def largest_power_of_two(*case):
    rows, most = rows_and_most(*case)
    size = 2 ** (min(rows, most).bit_length() - 1)
    return size, rows // size


@judge.mistake(
    "The batch is larger than what a process needs in a step: then it is the rows of a "
    "process."
)
def more_than_needed(*case):
    rows, most = rows_and_most(*case)
    return (most, 1) if most > rows else right(*case)


@judge.mistake("What cannot be done is answered with None: raise a ValueError.")
def none_instead_of_refusal(*case):
    try:
        return right(*case)
    except ValueError:
        return None


@judge.mistake(
    "Nothing is refused: raise a ValueError if not even one row fits, or if the "
    "processes cannot share the effective batch evenly."
)
def nothing_refused(free_bytes, bytes_per_row, effective_batch_size, processes):
    rows = effective_batch_size // processes
    return none_instead_of_refusal(free_bytes, bytes_per_row, rows, 1)


@judge.mistake("If not even one row fits, raise a ValueError.")
def one_row_always_fits(free_bytes, bytes_per_row, effective_batch_size, processes):
    free_bytes = max(free_bytes, bytes_per_row)
    return right(free_bytes, bytes_per_row, effective_batch_size, processes)


@judge.mistake("One row too many is counted: a row that only half fits does not.")
def one_too_many(free_bytes, bytes_per_row, effective_batch_size, processes):
    if free_bytes < bytes_per_row:
        raise ValueError
    free_bytes = -(-free_bytes // bytes_per_row) * bytes_per_row
    return right(free_bytes, bytes_per_row, effective_batch_size, processes)


@judge.mistake("The largest size is left out: range(1, n) ends at n - 1.")
def range_too_short(*case):
    rows, most = rows_and_most(*case)
    size = max(n for n in range(1, min(rows, most)) if rows % n == 0)
    return size, rows // size


@judge.mistake("The memory is that of each GPU: it is not shared by the processes.")
def memory_shared(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(
        free_bytes // processes, bytes_per_row, effective_batch_size, processes
    )


@judge.mistake("The memory of all GPUs is added up: a batch has to fit into one.")
def memory_added(free_bytes, bytes_per_row, effective_batch_size, processes):
    return right(free_bytes * processes, bytes_per_row, effective_batch_size, processes)


@judge.mistake("The accumulation is missing: return (batch_size, accumulation).")
def size_only(*case):
    return right(*case)[0]


@judge.mistake("The results are in the other order: batch_size, then accumulation.")
def exchanged(*case):
    return right(*case)[::-1]


@judge.sees("")
def broken_rule(got, expected, cases):
    """Say which of the bullets the answers break."""
    off = [(g, e, c) for g, e, c in zip(got, expected, cases, strict=True) if g != e]
    if REFUSED in (*(g for g, _, _ in off), *(e for _, e, _ in off)):
        return ""
    if any(accumulation != int(accumulation) for (_, accumulation), _, _ in off):
        return "The accumulation is no whole number: the batch size has to divide."
    if all(g[0] == e[0] for g, e, _ in off):
        return (
            "The batch sizes are right, and the accumulation is not: it is "
            "effective_batch_size / (batch_size x processes)."
        )
    if all(g[0] == e[0] * c["processes"] for g, e, c in off):
        return "The batch size is that of all processes: return that of one."
    for (size, accumulation), (most, _), case in off:
        if size * accumulation * case["processes"] != case["effective_batch_size"]:
            return (
                "batch_size x accumulation x processes is not always the effective "
                "batch size: the batch size has to divide the rows of one process, "
                "effective_batch_size / processes."
            )
        if size * case["bytes_per_row"] > case["free_bytes"]:
            return "A batch does not fit into the memory of one GPU."
        if size < most:
            return (
                "Batch size and accumulation fit, but a larger batch size would, too: "
                "try all that divide the rows of a process, from the largest down."
            )
    return ""
