"""Judge of 6.1, a fair budget."""

import math
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The fewest steps that read as many tokens, exact."""
    every = ("batch_size", "accumulation", "block_size")

    def quotient(case: Case, factors: tuple[str, ...] = every) -> float:
        tokens = math.prod(case["run"][factor] for factor in factors)
        other = math.prod(case["other"][factor] for factor in factors)
        return case["run"]["steps"] * tokens / other

    def right(case: Case, factors: tuple[str, ...] = every) -> int:
        return math.ceil(quotient(case, factors))

    mistakes = [
        (
            lambda case: case["run"]["steps"],
            "As many steps are not as many tokens: the two runs' steps differ in size.",
        ),
        (
            lambda case: right(case, ("batch_size", "block_size")),
            "Accumulation is missing: a step reads `accumulation` batches.",
        ),
        (
            lambda case: right(case, ("batch_size", "accumulation")),
            "The block size is missing: a budget of equal blocks is not one of equal "
            "tokens.",
        ),
        (
            lambda case: math.floor(quotient(case)),
            "The other run reads fewer tokens than the first: round up, not down.",
        ),
        (
            lambda case: round(quotient(case)),
            "Rounded to the nearest, the other run may read fewer tokens: round up.",
        ),
        (
            lambda case: math.floor(quotient(case)) + 1,
            "One step too many when it divides evenly: round up, don't add 1.",
        ),
        (quotient, "There is no fraction of a step: round up."),
        (
            lambda case: math.ceil(case["run"]["steps"] ** 2 / quotient(case) - 1e-6),
            "The ratio is upside down: larger steps need fewer of them.",
        ),
    ]
    otherwise = (
        "Divide the tokens of the first run, steps x batch_size x accumulation x "
        "block_size, by the tokens of one step of the other, and round up."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
