"""Probe of 4.4, a batch that fits."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case_or_refusal


def make_inputs(seed: int) -> Inputs:
    """Memory for a batch that does not divide, exact memory, plenty, and too little."""
    rng = np.random.default_rng(seed)
    some = (12, 5), (24, 11), (36, 17)  # rows a process needs, and rows that fit
    cases = []
    for (rows, fits), rest in (
        (some[rng.integers(3)], 1),
        ((12, 4), 0),
        ((8, 30), 1),
        ((12, 0), 1),
    ):
        row = int(rng.integers(500, 2000))
        case = {
            "free_bytes": fits * row + rest * int(rng.integers(1, 400)),
            "bytes_per_row": row,
            "effective_batch_size": rows * int(rng.integers(2, 4)),
        }
        cases.append({**case, "processes": case["effective_batch_size"] // rows})
    cases.append({**cases[2], "processes": 7})  # 16 or 24 rows for 7 processes
    return {"cases": cases}


QUESTION = Question(
    id="ex04_4",
    name="choose_batch",
    points=2,
    title="a batch that fits",
    inputs=make_inputs,
    probe=each_case_or_refusal,
    errors={
        "ZeroDivisionError": (
            "When not even one row fits, raise a ValueError that says so."
        ),
    },
)
