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

    TinyChats is known here, so that dialogues of its other splits and references of
    other dialogues are found. Of other data only number and repeats are judged.
    """
    if len(dialogues) < ENOUGH_ROWS:
        return f"Give at least {ENOUGH_ROWS} rows: fewer say little about two models."
    if len(set(dialogues)) < len(dialogues):
        return "Some dialogues are there twice."
    train, test = _tinychats("train"), _tinychats("test")
    if any(dialogue in train for dialogue in dialogues):
        return "These dialogues were trained on: take those of the test split."
    if any(dialogue in _tinychats("validation") for dialogue in dialogues):
        return "These are dialogues of the validation split: take the test split's."
    pairs = zip(dialogues, references, strict=True)
    if any(test.get(dialogue, text) != text for dialogue, text in pairs):
        return "The references belong to other dialogues."
    return ""


def development_problem(
    dialogues: list[str], references: list[str], enough: int
) -> str:
    """Return what is wrong with dialogues that choices are made on, or "".

    Args:
        dialogues: what the models summarised.
        references: their summaries.
        enough: how many different dialogues are asked for.
    """
    if len(references) != len(dialogues):
        return "There is not one reference for each dialogue."
    if len(set(dialogues)) < enough:
        return f"Take at least {enough} different dialogues of the validation split."
    if not all(isinstance(text, str) for text in (*dialogues, *references)):
        return "Dialogues and references have to be texts."
    if any(dialogue in _tinychats("train") for dialogue in dialogues):
        return "These dialogues were trained on: take those of the validation split."
    if any(dialogue in _tinychats("test") for dialogue in dialogues):
        return (
            "These are dialogues of the test split, which is for the end: choose on "
            "the validation split."
        )
    known = _tinychats("validation")
    pairs = zip(dialogues, references, strict=True)
    if any(known.get(dialogue, text) != text for dialogue, text in pairs):
        return "The references belong to other dialogues."
    return ""


@cache
def _tinychats(split: str) -> dict[str, str]:
    """Return dialogue -> summary, as the tiny profile has them."""
    from course_utils.data.chats import tinychats
    from course_utils.data.sources import TINYCHATS_ROWS

    source = "test_slots" if split == "test" else split
    rows = tinychats(TINYCHATS_ROWS[split], split=source)
    return dict(zip(rows["dialogue"], rows["summary"], strict=True))


def same_interval(got: Any, expected: "Interval") -> bool:
    """Return whether a mean is equal, and its interval but for other random draws."""
    numbers = as_interval(got)
    if numbers is None:
        return False
    # Two bootstraps of 1,000 draws differ by 0.03 of the width (one deviation).
    room = 0.12 * (expected.high - expected.low) + 0.05
    ends = np.abs(numbers[1:] - np.array(expected[1:])).max()
    return same(numbers[0], expected.value, tolerance=2e-3) and bool(ends <= room)


def as_interval(got: Any) -> np.ndarray | None:
    """Return the three numbers of a mean and its interval, or None if it is none."""
    try:
        numbers = np.asarray(got, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        return None
    return numbers if numbers.shape == (3,) else None


def interval_hint(got: Any, before: np.ndarray, after: np.ndarray) -> str:
    """Return what is wrong with the interval of after minus before, or ""."""
    numbers = as_interval(got)
    if numbers is None:
        return "These are no three numbers: the mean, and both ends of its interval."
    mean, low, high = numbers
    value = float((after - before).mean())
    if same(mean, -value, tolerance=2e-3) and not same(mean, value, tolerance=2e-3):
        return "The sign is the wrong way round."
    if not same(mean, value, tolerance=2e-3):
        return "Its mean is not that of the texts."
    if not low <= mean <= high:
        return "The mean does not lie between the ends: mean, low, high is the order."
    half = 1.96 * np.sqrt((before.var() + after.var()) / len(after))
    paired = 1.96 * np.std(after - before) / np.sqrt(len(after))
    if abs(high - low - 2 * half) < abs(high - low - 2 * paired):
        return (
            "Its mean is right, and its width is about that of two means drawn apart: "
            "draw the same dialogues from both."
        )
    return "Its mean is right, and its ends are not."


def have_same_texts(runs: list[dict[str, Any]]) -> bool:
    """Return whether two runs have written the same, as one model does twice.

    A model that has learnt nothing may write one text to everything: such runs are left
    out.
    """
    told = [tuple(run["texts"]) for run in runs if len(set(run["texts"])) > 1]
    return len(set(told)) < len(told)
