"""How good summaries are: ROUGE, slots, people, and the lead-3 baseline."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from datasets import Dataset


def lead(dialogue: str, n: int = 3) -> str:
    """Return the first `n` turns as one line: the baseline that a summary has to beat.

    Example:
        >>> lead("Ann: Hi!\\nBen: Hello.\\nAnn: Tea?\\nBen: Yes!", n=2)
        'Ann: Hi! Ben: Hello.'
    """
    turns = [line.strip() for line in dialogue.splitlines() if line.strip()]
    return " ".join(turns[:n])


def summary_scores(
    predictions: Sequence[str], rows: "Dataset | Sequence[Mapping[str, Any]]"
) -> dict[str, float | int | None]:
    """Return the scores of summaries as report.json holds them, 0 to 100.

    Args:
        predictions: one summary a row.
        rows: each with `summary` or `references` (the best of them counts), and
            perhaps `dialogue`, `names` and `slots`: what a right summary mentions.

    Returns:
        rouge1, rouge2, rougeL: mean F-measure. names: the share of predictions with the
        right people, see `names_right_people`. invented: the share that name somebody
        who is not in the dialogue, see `invented_people`. slots: the share of all slot
        values that are found. n: the number of rows. names and invented are None for
        rows with neither dialogue nor names, and slots for rows without slots.

    Raises:
        CourseError: the lengths differ, there are no rows, or a prediction is not a
            text.

    Example:
        >>> row = {"summary": "Ann invites Ben to tea.", "names": ["Ann", "Ben"]}
        >>> summary_scores(["Ann invites Ben to tea."], [row])["names"]
        100.0
    """
    from course_utils.data.chats import slots_found
    from course_utils.evaluation.rouge import rouge_scores

    rows = list(rows)
    references = [row.get("references") or [row["summary"]] for row in rows]
    types = ("rouge1", "rouge2", "rougeL")
    rouge = rouge_scores(predictions, references, types)
    scores: dict[str, float | int | None] = {
        name: float(values.mean()) for name, values in rouge.items()
    }
    pairs = list(zip(predictions, rows, strict=True))
    scores |= {"names": None, "invented": None, "slots": None, "n": len(rows)}
    if all(row.get("dialogue") or row.get("names") for row in rows):
        right = [names_right_people(text, row) for text, row in pairs]
        scores["names"] = 100 * float(np.mean(right))
        invented = [bool(invented_people(text, row)) for text, row in pairs]
        scores["invented"] = 100 * float(np.mean(invented))
    if all(row.get("slots") is not None for row in rows):
        found = sum(len(slots_found(text, row["slots"])) for text, row in pairs)
        wanted = sum(len(row["slots"]) for row in rows)
        scores["slots"] = 100 * found / wanted if wanted else None
    return scores


def names_right_people(text: str, row: Mapping[str, Any]) -> bool:
    """Say whether a summary names exactly the people whom a reference names.

    Args:
        text: the summary.
        row: with dialogue, and summary or references.

    Example:
        >>> row = {"dialogue": "Ann: Tea?\\nBen: Yes!", "summary": "Ben will have tea."}
        >>> names_right_people("Ben wants tea.", row)
        True
        >>> names_right_people("Ann wants tea.", row)
        False
    """
    references = row.get("references") or [row["summary"]]
    return _people(text, row) in [_people(each, row) for each in references]


def invented_people(text: str, row: Mapping[str, Any]) -> set[str]:
    """Return the people in a summary who are in neither its dialogue nor a reference.

    Args:
        text: the summary.
        row: with dialogue, and summary or references.

    Example:
        >>> row = {"dialogue": "Ann: Tea?\\nBen: Yes!", "summary": "Ben will have tea."}
        >>> invented_people("Ben and Tom want tea.", row)
        {'Tom'}
    """
    references = row.get("references") or [row["summary"]]
    known = "\n".join([row.get("dialogue") or "", *references]).lower()
    return {name for name in _people(text, row) if name.lower() not in known}


def _people(text: str, row: Mapping[str, Any]) -> set[str]:
    from course_utils.data.people import people_in

    return people_in(text, row.get("dialogue") or "", row.get("names") or ())
