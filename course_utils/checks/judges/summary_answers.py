"""What judges ask of summaries that a student hands over as texts."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.judges.same import same

if TYPE_CHECKING:
    from course_utils.evaluation.rouge import Interval

ENOUGH_ROWS = 50


def rows_problem(dialogues: list[str], references: list[str]) -> str:
    """Return what is wrong with the dialogues that two models were tested on, or "".

    TinyChats is known here, so that dialogues of its training split and references of
    other dialogues are found. Of other data only number and repeats are judged.
    """
    if len(dialogues) < ENOUGH_ROWS:
        return f"Give at least {ENOUGH_ROWS} rows: fewer say little about two models."
    if len(set(dialogues)) < len(dialogues):
        return "Some dialogues are there twice."
    train, test = _tinychats("train"), _tinychats("test")
    if any(dialogue in train for dialogue in dialogues):
        return "These dialogues were trained on: take those of the test split."
    pairs = zip(dialogues, references, strict=True)
    if any(test.get(dialogue, text) != text for dialogue, text in pairs):
        return "The references belong to other dialogues."
    return ""


@cache
def _tinychats(split: str) -> dict[str, str]:
    """Return dialogue -> summary, as the tiny profile has them."""
    from course_utils.data.chats import tinychats
    from course_utils.data.sources import TINYCHATS_ROWS

    source = {"train": "train", "test": "test_slots"}[split]
    rows = tinychats(TINYCHATS_ROWS[split], split=source)
    return dict(zip(rows["dialogue"], rows["summary"], strict=True))


def same_interval(got: Any, expected: "Interval") -> bool:
    """Return whether a mean is equal, and its interval but for other random draws."""
    if not isinstance(got, list) or len(got) != 3:
        return False
    room = 0.2 * (expected.high - expected.low) + 0.05
    ends = np.abs(np.array(got[1:], float) - np.array(expected[1:])).max()
    return same(got[0], expected.value, tolerance=2e-3) and bool(ends <= room)
