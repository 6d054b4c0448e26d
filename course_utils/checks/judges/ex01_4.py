"""Judge of 1.4, a split by chats."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, wrong

Rows = list[list[int]]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Chats on one side each, the right number of them, repeatable and random."""
    for answer, case in zip(data, inputs["cases"], strict=True):
        for split in answer:
            split[:] = [sorted(np.asarray(part).tolist()) for part in split]
            hint = _split_mistake(split, case)
            if hint:
                return wrong(hint, got=split, **case)
    # In the last case there are millions of splits: no two are equal by chance.
    first, again, restarted, *others = answer
    hint, got = "", [first, again]
    if again != first:
        hint = (
            "The same seed gives another split the second time: draw with "
            "random.Random(seed), anew in each call."
        )
    elif restarted != first:
        hint = (
            "The split depends on the order of a set, which is another one each time "
            "Python starts: sort the chats before you draw."
        )
        got = [first, restarted]
    elif all(other == first for other in others):
        hint = (
            "Every seed gives the same test chats: draw them at random. Chats are "
            "often sorted by date or topic, and then the last ones are not like the "
            "rest."
        )
    return wrong(hint, got=got, **case) if hint else Verdict(True)


def _split_mistake(split: Rows, case: Case) -> str:
    chats, n_rows = case["chats"], len(case["chats"])
    if len(split) != 2 or not all(
        isinstance(row, int) for part in split for row in part
    ):
        return "Return two lists of row numbers: train, then test."
    train, test = split
    if sorted({*train, *test}) != list(range(n_rows)) or len(train + test) > 2 * n_rows:
        return "Some rows are in neither list: every message belongs to one of the two."
    sides = {chats[row] for row in train}, {chats[row] for row in test}
    if sides[0] & sides[1]:
        return (
            "A chat has messages on both sides: the model would be tested on the rest "
            "of chats it has trained on. Draw chats, not messages."
        )
    wanted = round(case["test_share"] * len(set(chats)))
    if len(sides[1]) == wanted:
        return "" if len(train + test) == n_rows else "Some rows occur more than once."
    if len(sides[0]) == wanted:
        return "The lists are in the other order: train, then test."
    return (
        "The test has too few or too many chats: it gets test_share of the different "
        "chats, rounded. Long chats are not drawn more often than short ones."
    )
