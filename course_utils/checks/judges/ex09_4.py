"""Judge of 9.4, batches of like length."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The batches of indices, exact."""

    def fill(order: Any, fits: Callable[[list[int], int], bool]) -> list[list[int]]:
        batches: list[list[int]] = [[]]
        for i in order:
            if batches[-1] and not fits(batches[-1], i):
                batches.append([])
            batches[-1].append(i)
        return batches

    def by_length(case: Case) -> list[int]:
        return sorted(range(len(case["lengths"])), key=lambda i: case["lengths"][i])

    def batches(
        case: Case,
        order: Callable[[Case], Any] = by_length,
        cost: Callable[[list[int]], int] = lambda lengths: len(lengths) * max(lengths),
        more: int = 0,
    ) -> list[list[int]]:
        def fits(batch: list[int], i: int) -> bool:
            lengths = [case["lengths"][j] for j in [*batch, i]]
            return cost(lengths) + more <= case["max_tokens"]

        return fill(order(case), fits)

    def longest_first(case: Case) -> list[int]:
        return sorted(range(len(case["lengths"])), key=lambda i: -case["lengths"][i])

    def sorted_places(case: Case) -> list[list[int]]:
        return batches(case | {"lengths": sorted(case["lengths"])})

    mistakes = [
        (
            lambda case: batches(case, cost=sum),
            "The lengths are added up, but padding costs too: a batch has rows x "
            "longest row tokens.",
        ),
        (
            lambda case: batches(case, order=lambda case: range(len(case["lengths"]))),
            "The requests are in the order of arrival: take them by length.",
        ),
        (
            lambda case: batches(case, order=longest_first),
            "Here the longest come first: begin with the shortest.",
        ),
        (
            lambda case: batches(case, order=lambda case: longest_first(case)[::-1]),
            "Equal requests are exchanged: the one that came first goes first.",
        ),
        (
            lambda case: [[case["lengths"][i] for i in b] for b in batches(case)],
            "These are lengths. Return indices, or nobody knows whose answer is whose.",
        ),
        (
            sorted_places,
            "These are indices into the sorted list: return those of the order of "
            "arrival.",
        ),
        (lambda case: batches(case)[:-1], "The last batch is lost: return it too."),
        (
            lambda case: batches(case, cost=lambda row: (len(row) - 1) * row[-2] + 1),
            "The limit is asked for before the new request counts: ask how large the "
            "batch is after the request is in.",
        ),
        (
            lambda case: batches(case, cost=lambda row: len(row) * row[-2]),
            "The longest row is taken from before: by length, the new one is the "
            "longest of its batch.",
        ),
        (
            lambda case: batches(case, more=1),
            "A batch may have exactly max_tokens tokens.",
        ),
    ]
    otherwise = (
        "By length, put each index into the last batch if (rows + 1) x its length is "
        "at most max_tokens, and else into a new one."
    )
    return judge_cases(data, inputs["cases"], batches, mistakes, otherwise)
