"""Probe of 4.4, a batch that fits."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case_or_refusal


def largest_divisor(rows: int, most: int) -> int:
    """Return the largest divisor of `rows` that is at most `most`."""
    return max(n for n in range(1, min(rows, most) + 1) if rows % n == 0)


def halved(rows: int, most: int) -> int:
    """Return what is left of `rows` when they are halved until they fit."""
    while rows > most:
        rows //= 2
    return rows


def tells_apart(rows: int, most: int) -> bool:
    """Return whether halving, powers of two, and what just fits are all wrong here."""
    right = largest_divisor(rows, most)
    power = 2 ** (most.bit_length() - 1)
    return right > 1 and len({right, most, halved(rows, most), power}) == 4


# Rows that a process needs, and rows that fit.
PLANS = [(n, k) for n in range(12, 241) for k in range(3, n) if tells_apart(n, k)]


def make_inputs(seed: int) -> Inputs:
    """Memory for a batch that does not divide, exact memory, plenty, and too little."""
    rng = np.random.default_rng(seed)
    exact = int(rng.integers(3, 30))
    plans = [(12, 5), *rng.choice(PLANS, 3).tolist(), (exact * 3, exact)]
    plans += [(8, int(rng.integers(9, 40))), (12, 0)]
    cases = []
    for number, (rows, fits) in enumerate(plans):
        row = int(rng.integers(500, 2000))
        rest = 0 if number == 4 else int(rng.integers(1, 400))
        processes = int(rng.integers(2, 5))
        cases.append(
            {
                "free_bytes": fits * row + rest,
                "bytes_per_row": row,
                "effective_batch_size": rows * processes,
                "processes": processes,
            }
        )
    cases.append({**cases[5], "processes": 7})  # 16, 24 or 32 rows for 7 processes
    return {"cases": cases}


QUESTION = Question(
    id="ex04_4",
    name="choose_batch",
    points=2,
    title="a batch that fits",
    inputs=make_inputs,
    probe=each_case_or_refusal,
    errors={
        "Exception: ": "Raise a ValueError, and no other exception.",
        "AssertionError": "Raise a ValueError: an assert is for what cannot happen.",
        "StopIteration": "When not even one row fits, raise a ValueError.",
        "IndexError": "When nothing fits, the list is empty: raise a ValueError.",
        "ZeroDivisionError": (
            "When not even one row fits, raise a ValueError that says so."
        ),
    },
)
