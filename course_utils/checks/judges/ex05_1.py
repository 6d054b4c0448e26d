"""Judge of 5.1, effective batch size and steps."""

import math
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Effective batch size and optimizer steps, exact."""
    every = ("batch_size", "accumulation", "processes")

    def batch(case: Case, factors: tuple[str, ...] = every) -> int:
        return math.prod(case[factor] for factor in factors)

    def right(case: Case, factors: tuple[str, ...] = every) -> list[int]:
        return [
            batch(case, factors),
            math.ceil(case["n_blocks"] / batch(case, factors)),
        ]

    mistakes = [
        (
            lambda case: [batch(case), case["n_blocks"] // batch(case)],
            "The last batch is smaller, but it is a step too: round up, not down.",
        ),
        (
            lambda case: [batch(case), round(case["n_blocks"] / batch(case))],
            "The last batch is a step however small it is: round up, not to the "
            "nearest.",
        ),
        (
            lambda case: [batch(case), case["n_blocks"] // batch(case) + 1],
            "One step too many when the blocks divide evenly: round up, don't add 1.",
        ),
        (
            lambda case: [batch(case), case["n_blocks"] / batch(case)],
            "There is no fraction of a step: round up.",
        ),
        (
            lambda case: right(case, ("batch_size", "processes")),
            "Gradient accumulation is missing: a step uses `accumulation` batches.",
        ),
        (
            lambda case: right(case, ("batch_size", "accumulation")),
            "The processes are missing: each one works on a batch of its own.",
        ),
        (
            lambda case: [batch(case), right(case, ("batch_size", "processes"))[1]],
            "These are forward passes: a step comes after `accumulation` of them.",
        ),
        (
            lambda case: right(case)[::-1],
            "The results are in the other order: effective batch size, then steps.",
        ),
    ]
    otherwise = (
        "Return two whole numbers: batch_size x accumulation x processes, and how "
        "many such batches it takes to use every block once."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
