"""Judge of 2.4, groups for a split."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


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
        "of the one has to move, not only the two of the pair."
    )
    nearest = (
        "Copies of copies are in other groups: if 1 is like 2 and 2 is like 3, all "
        "three belong together."
    )
    mistakes = [
        (lambda case: one_pass(case, smaller), late),
        (lambda case: one_pass(case, first), late),
        (lambda case: one_pass(case, partner), nearest),
        (direct, nearest),
        (lambda case: passes(case, 2), late),
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
            "The groups are right and their names are not: name each after its "
            "smallest document number.",
        ),
    ]
    otherwise = (
        "Return one number a document: the smallest document number that it is joined "
        "with, directly or over other documents."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
