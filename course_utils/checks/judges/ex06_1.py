"""Judge of 6.1, a fair budget."""

import math
from itertools import product
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

    def a_step(case: Case) -> float:
        return quotient(case) / case["run"]["steps"]

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
        (
            lambda case: math.ceil(quotient(case) / case["run"]["steps"]),
            "The steps of the first run are missing: they belong to its tokens.",
        ),
        (
            lambda case: right(case, ("batch_size",)),
            "Accumulation and block size are missing: count tokens.",
        ),
        (
            lambda case: right(case, ("block_size",)),
            "Batch size and accumulation are missing: count tokens.",
        ),
        (
            lambda case: right(case, ("accumulation", "block_size")),
            "The batch size is missing: a step reads `accumulation` batches of it.",
        ),
        (
            lambda case: right(case, ("accumulation",)),
            "Batch size and block size are missing: count tokens.",
        ),
        (
            lambda case: case["run"]["steps"] * math.ceil(a_step(case)),
            "It is rounded too early: round the steps, not the ratio of two steps.",
        ),
        (
            lambda case: case["run"]["steps"] * math.floor(a_step(case)),
            "It is rounded too early: round the steps, not the ratio of two steps.",
        ),
        (
            lambda case: case["run"]["steps"] * round(a_step(case)),
            "It is rounded too early: round the steps, not the ratio of two steps.",
        ),
        (
            lambda case: math.prod(case["run"].values()),
            "These are the tokens of the first run: divide them by those of one step "
            "of the other.",
        ),
        (
            lambda case: math.ceil(
                case["run"]["steps"]
                * sum(case["run"][name] for name in every)
                / sum(case["other"].values())
            ),
            "The sizes are added: multiply them.",
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

    def of_the_product(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say which sizes are missing, or stand on the wrong side of the division."""
        names = [("run", name) for name in ("steps", *every)]
        names += [("other", name) for name in every]
        fits = []
        for changes in product((0, 1, 2), repeat=len(names)):
            off = [(*at, n) for at, n in zip(names, changes, strict=True) if n]
            if all(
                abs(g - changed(case, off)) <= 1
                for g, case in zip(got, cases, strict=True)
            ):
                fits.append(off)
        fewest = min(map(len, fits), default=0)
        shortest = [off for off in fits if len(off) == fewest]
        if not fewest or len(shortest) > 1:
            return ""
        how = ("", "is missing", "is on the wrong side of the division")
        return " ".join(
            f"`{name}` of `{run}` {how[n]}." for run, name, n in shortest[0]
        )

    def changed(case: Case, off: list[tuple[str, str, int]]) -> float:
        """Return the quotient without some sizes (1), or divided by them (2)."""
        steps = quotient(case)
        for run, name, n in off:
            steps *= case[run][name] ** (-n if run == "run" else n)
        return steps

    looks = [(of_the_product, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)
