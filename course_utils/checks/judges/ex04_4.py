"""Judge of 4.4, a batch that fits."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The largest batch that fits and gives exactly the effective batch."""

    def fitting(case: Case) -> int:
        return case["free_bytes"] // case["bytes_per_row"]

    def right(
        case: Case,
        most: Callable[[Case], int] = fitting,
        pick: Callable[[list[int]], int] = max,
    ) -> Any:
        rows, rest = divmod(case["effective_batch_size"], case["processes"])
        if rest or most(case) < 1:
            return "ValueError"
        fits = [n for n in range(1, rows + 1) if rows % n == 0 and n <= most(case)]
        return [pick(fits), rows // pick(fits)]

    def rounded(case: Case, up: int) -> Any:
        if right(case) == "ValueError":
            return "ValueError"
        rows = case["effective_batch_size"] // case["processes"]
        size = min(fitting(case), rows)
        return [size, (rows + up * (size - 1)) // size]

    def halved(case: Case) -> Any:
        if right(case) == "ValueError":
            return "ValueError"
        size = case["effective_batch_size"] // case["processes"]
        while size > fitting(case):
            size //= 2
        return [size, case["effective_batch_size"] // case["processes"] // size]

    def refuses(case: Case) -> bool:
        return case["effective_batch_size"] % case["processes"] > 0

    def lenient(case: Case) -> Any:
        if not refuses(case):
            return right(case)
        rows = case["effective_batch_size"] // case["processes"]
        return right({**case, "effective_batch_size": rows, "processes": 1})

    exact = (
        "batch_size x accumulation x processes is not the effective batch size: the "
        "largest batch that fits need not divide it. Take the largest that does."
    )
    mistakes = [
        (lambda case: rounded(case, up=0), exact),
        (lambda case: rounded(case, up=1), exact),
        (
            halved,
            "Halving passes over sizes: 12 can be cut into 4, too, not only into 6 "
            "and 3.",
        ),
        (
            lambda case: right({**case, "processes": 1}),
            "The processes are missing: each of them works on batch_size rows at a "
            "time.",
        ),
        (
            lambda case: right(
                case,
                most=lambda case: (case["free_bytes"] - 1) // case["bytes_per_row"],
            ),
            "A batch that fills the memory exactly does fit: compare with <=.",
        ),
        (
            lambda case: right(case, pick=min),
            "One row at a time is right but slow: take the largest batch that fits.",
        ),
        (
            lambda case: right(case, most=lambda case: 10**9),
            "The memory is not looked at: the batch has to fit.",
        ),
        (
            lenient,
            "If the processes cannot share the effective batch evenly, raise a "
            "ValueError.",
        ),
        (
            lambda case: (
                result if (result := right(case)) == "ValueError" else result[::-1]
            ),
            "The results are in the other order: batch_size, then accumulation.",
        ),
    ]
    otherwise = (
        "Return (batch_size, accumulation): the largest batch_size that fits into the "
        "memory and makes batch_size x accumulation x processes exactly the effective "
        "batch size. Raise a ValueError if there is none."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
