"""How good summaries are: ROUGE, slots, names, length, and the lead-3 baseline."""

import re
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
            perhaps `names` and `slots`: what a right summary mentions.

    Returns:
        rouge1, rouge2, rougeL: mean F-measure. names: the share of predictions that
        name everybody in `names`, and nobody whom no reference names. slots: the share
        of all slot values that are found. Both are None if the rows have no such
        column. n: the number of rows.

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
    scores |= {"names": None, "slots": None, "n": len(rows)}
    if all(row.get("names") is not None for row in rows):
        right = [_names_are_right(text, row) for text, row in pairs]
        scores["names"] = 100 * float(np.mean(right))
    if all(row.get("slots") is not None for row in rows):
        found = sum(len(slots_found(text, row["slots"])) for text, row in pairs)
        wanted = sum(len(row["slots"]) for row in rows)
        scores["slots"] = 100 * found / wanted if wanted else None
    return scores


def _names_are_right(text: str, row: Mapping[str, Any]) -> bool:
    from course_utils.data.chats import names_in

    lines = row.get("dialogue", "").splitlines()
    known = {line.partition(":")[0] for line in lines} | set(row["names"])
    pattern = re.compile(r"\b(?:{})\b".format("|".join(map(re.escape, known))))

    def people(text: str) -> set[str]:
        return names_in(text) | set(pattern.findall(text))

    references = row.get("references") or [row["summary"]]
    mentioned = set().union(*map(people, references))
    return set(row["names"]) <= people(text) <= mentioned
