"""Judge of 2.4, groups for a split."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.judges.same import same


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Each document's group, named after its first member."""

    def right(case: Case) -> list[int]:
        group = list(range(case["n_documents"]))
        for _ in group:
            for i, j in case["pairs"]:
                group[i] = group[j] = min(group[i], group[j])
        return group

    def one_pass(case: Case, join: Callable[[list[int], int, int], None]) -> list[int]:
        group = list(range(case["n_documents"]))
        for i, j in case["pairs"]:
            join(group, i, j)
        return group

    def passes(case: Case, n: int) -> list[int]:
        group = list(range(case["n_documents"]))
        for i, j in case["pairs"] * n:
            smaller(group, i, j)
        return group

    def there_and_back(case: Case) -> list[list[int]]:
        return [*case["pairs"], *case["pairs"][::-1]]

    def direct(case: Case) -> list[int]:
        group = list(range(case["n_documents"]))
        for i, j in case["pairs"]:
            group[j] = min(group[j], i)
        return group

    def largest(case: Case) -> list[int]:
        group = right(case)
        return [max(i for i, g in enumerate(group) if g == name) for name in group]

    def smaller(group: list[int], i: int, j: int) -> None:
        group[i] = group[j] = min(group[i], group[j])

    def first(group: list[int], i: int, j: int) -> None:
        group[j] = group[i]

    def partner(group: list[int], i: int, j: int) -> None:
        group[j] = i

    late = (
        "Two groups that meet late stay apart: when a pair joins them, every member "
        "of the one has to move, not only the two of the pair. Keep both numbers "
        "before the loop that moves them, since they change in it."
    )
    nearest = (
        "Copies of copies are in other groups: if 1 is like 2 and 2 is like 3, all "
        "three belong together."
    )
    named_wrongly = (
        "The groups are right and their names are not: name each after its smallest "
        "document number."
    )
    mistakes = [
        (lambda case: one_pass(case, smaller), late),
        (lambda case: one_pass(case, first), late),
        (lambda case: one_pass(case, partner), nearest),
        (direct, nearest),
        (lambda case: passes(case, 2), late),
        (lambda case: passes({**case, "pairs": there_and_back(case)}, 1), late),
        (lambda case: passes(case, 3), late),
        (
            lambda case: largest(case),
            "The groups are right, and each has the number of its largest document: "
            "take the smallest.",
        ),
        (
            lambda case: list(range(case["n_documents"])),
            "Every document is alone: the pairs are not used.",
        ),
        (
            lambda case: [g if right(case).count(g) > 1 else -1 for g in right(case)],
            "A document without a copy is a group of its own, with its own number.",
        ),
        (
            lambda case: [
                [i for i, g in enumerate(right(case)) if g == name]
                for name in sorted(set(right(case)))
            ],
            "These are the groups. Return a number for each document: the smallest in "
            "its group.",
        ),
        (
            lambda case: [sorted(set(right(case))).index(g) for g in right(case)],
            named_wrongly,
        ),
    ]

    def together(groups: list[int]) -> set[tuple[int, int]]:
        pairs = itertools.combinations(range(len(groups)), 2)
        return {(i, j) for i, j in pairs if groups[i] == groups[j]}

    def of_the_groups(got: Any, expected: Any, cases: list[Case]) -> str:
        both = [(together(g), together(e)) for g, e in zip(got, expected, strict=True)]
        if all(
            same((np.array(g) - 1).tolist(), e)
            for g, e in zip(got, expected, strict=True)
        ):
            return "Each number is 1 too high: documents are numbered from 0."
        if any(len(g) != len(e) for g, e in zip(got, expected, strict=True)):
            return "Return as many numbers as there are documents, one for each."
        lost, false = (any(e - g for g, e in both), any(g - e for g, e in both))
        if lost and not false:
            return (
                "Documents of one group have several numbers. Where numbers lead from "
                "one document to the next, follow them to the end; where groups meet, "
                "each member of the one has to move."
            )
        if false and not lost:
            return "Documents are together that no chain of pairs joins."
        return "" if lost or false else named_wrongly

    otherwise = (
        "Return one number a document: the smallest document number that it is joined "
        "with, directly or over other documents."
    )
    looks = [(of_the_groups, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)
