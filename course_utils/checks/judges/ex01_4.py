"""Judge of 1.4, a split by chats."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, wrong

Rows = list[list[int]]
TWO_LISTS = "Return two lists of row numbers: train, then test."


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Chats on one side each, the right number of them, repeatable and random."""
    counts = []
    for answer, case in zip(data, inputs["cases"], strict=True):
        if not all(_is_pair(split) for splits in answer.values() for split in splits):
            return wrong(TWO_LISTS, got=answer["same"][0], **case)
        for splits in answer.values():
            for split in splits:
                split[:] = [sorted(np.asarray(part).tolist()) for part in split]
        for split in [*answer["same"], *answer["others"]]:
            hint = _split_mistake(split, case)
            if hint:
                return wrong(hint, got=split, **case)
            in_test = {case["chats"][row] for row in split[1]}
            counts.append((len(in_test), case, split))
    for count, case, _ in counts:
        if count != wanted(case):
            return wrong(_count_hint(counts), expected=wanted(case), got=count, **case)
    for answer, case in zip(data, inputs["cases"], strict=True):
        first, again = answer["same"]
        if again != first:
            return wrong(
                "The same seed gives another split the second time: draw with "
                "random.Random(seed), anew in each call.",
                got=[first, again],
                **case,
            )
    for answer, case in zip(data, inputs["cases"], strict=True):
        restarted = answer["restarted"]
        if restarted[0] != restarted[1]:
            return wrong(
                "The split depends on the order of a set, or on hash(), which is "
                "another one each time Python starts: sort the chats before you draw.",
                got=restarted,
                **case,
            )
    # In the last case there are millions of splits: no two are equal by chance.
    if all(other == first for other in answer["others"]):
        return wrong(
            "Every seed gives the same test chats: draw them at random. Chats are "
            "often sorted by date or topic, and then the last ones are not like the "
            "rest.",
            got=[first, *answer["others"][:1]],
            **case,
        )
    return Verdict(True)


def _is_pair(split: Any) -> bool:
    return (
        isinstance(split, list)
        and len(split) == 2
        and all(isinstance(part, list) for part in split)
    )


def wanted(case: Case, rounded: Callable[[float], int] = round) -> int:
    """Return how many chats the test gets."""
    return rounded(case["test_share"] * len(set(case["chats"])))


def _count_hint(counts: list[tuple[int, Case, Rows]]) -> str:
    """Name the mistake in the number of the test's chats."""

    def all_are(rounded: Callable[[float], int]) -> bool:
        return all(count == wanted(case, rounded) for count, case, _ in counts)

    if all_are(math.floor):
        return (
            "The test has as many chats as if their number were rounded down: round to "
            "the nearest."
        )
    if all_are(math.ceil):
        return (
            "The test has as many chats as if their number were rounded up: round to "
            "the nearest."
        )
    if all(
        len({case["chats"][row] for row in split[0]}) == wanted(case)
        for _, case, split in counts
    ):
        return "The lists are in the other order: train, then test."
    return (
        "The test has too few or too many chats: it gets test_share of the different "
        "chats, rounded. Long chats are not drawn more often than short ones, and a "
        "share of the rows is no share of the chats."
    )


def _split_mistake(split: Rows, case: Case) -> str:
    chats, n_rows = case["chats"], len(case["chats"])
    if len(split) != 2 or not all(
        isinstance(row, int) for part in split for row in part
    ):
        return TWO_LISTS
    train, test = split
    if any(isinstance(row, bool) for row in train + test):
        return "These are True and False for each row: return the row numbers."
    if max(train + test, default=0) == n_rows:
        return "Rows count from 0: the last one is their number minus 1."
    if sorted({*train, *test}) != list(range(n_rows)) or len(train + test) > 2 * n_rows:
        return "Some rows are in neither list: every message belongs to one of the two."
    sides = {chats[row] for row in train}, {chats[row] for row in test}
    if sides[0] & sides[1]:
        return (
            "A chat has messages on both sides: the model would be tested on the rest "
            "of chats it has trained on. Draw chats, not messages."
        )
    return "" if len(train + test) == n_rows else "Some rows occur more than once."
