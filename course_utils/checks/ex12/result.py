"""Exercise 12, before and after: the real table, recomputed from its texts."""

import re
from functools import cache
from typing import Any

import numpy as np

from course_utils.checks.contract import Verdict
from course_utils.checks.judge import same, wrong

ENOUGH_ROWS = 50
COLUMNS = ("dialogue", "reference", "before", "after")


def verify_result(data: Any, inputs: dict[str, Any]) -> Verdict:
    """Recompute every figure from the texts of the table."""
    from course_utils.rouge import paired_difference, rouge_scores

    table = data["table"]
    if problem := table_problem(table):
        return wrong(problem)
    scores, people = {}, {}
    for name in ("before", "after"):
        texts, references = table[name], table["reference"]
        scores[name] = rouge_scores(texts, references, ["rouge1"])["rouge1"]
        triples = zip(table["dialogue"], references, texts, strict=True)
        people[name] = 100 * float(np.mean([right_people(*three) for three in triples]))
    interval = paired_difference(scores["after"], scores["before"])
    expected = {
        "rouge1_before": float(scores["before"].mean()),
        "rouge1_after": float(scores["after"].mean()),
        "people_before": people["before"],
        "people_after": people["after"],
    }
    for name, value in expected.items():
        if not same(data[name], value, tolerance=2e-3):
            hint = f"`{name}` is not what the texts of the table give"
            if same(data[name], value / 100, tolerance=2e-3):
                hint += ": it is a share of 1, and 0 to 100 is asked for"
            return wrong(f"{hint}.", expected=value, got=data[name])
    got = data["difference"]
    if len(got) != 3 or not same(got[0], interval.value, tolerance=2e-3):
        return wrong(
            "The difference is not that of the texts: after minus before, with its "
            "interval.",
            expected=list(interval),
            got=got,
        )
    width = interval.high - interval.low
    # Other draws move the ends a little.
    if np.abs(np.array(got[1:]) - interval[1:]).max() > 0.2 * width:
        return wrong(
            "The interval is not that of the paired difference.",
            expected=list(interval),
            got=got,
        )
    return Verdict(3)


def table_problem(table: Any) -> str:
    """Return what is wrong with the texts of a table, or ""."""
    if list(table) != list(COLUMNS):
        return f"The table's columns have to be {', '.join(COLUMNS)}."
    dialogues = table["dialogue"]
    if len(dialogues) < ENOUGH_ROWS:
        return f"Give at least {ENOUGH_ROWS} rows: fewer say little about two models."
    if len(set(dialogues)) < len(dialogues):
        return "Some dialogues are in the table twice."
    train, test = known("train"), known("test")
    if any(dialogue in train for dialogue in dialogues):
        return "These dialogues were trained on: take those of the test split."
    pairs = zip(dialogues, table["reference"], strict=True)
    if any(test.get(dialogue, text) != text for dialogue, text in pairs):
        return "The references belong to other dialogues."
    equal = sum(a == b for a, b in zip(table["before"], table["after"], strict=True))
    if equal > 0.9 * len(dialogues):
        return (
            "before and after are the same texts: both came from one model. Load the "
            "pretrained model anew, since fine-tuning changes a model in place."
        )
    return ""


@cache
def known(split: str) -> dict[str, str]:
    """Return dialogue -> summary of TinyChats, as the tiny profile has it."""
    from course_utils.data.chats import tinychats
    from course_utils.data.sources import TINYCHATS_ROWS

    source = {"train": "train", "test": "test_slots"}[split]
    rows = tinychats(TINYCHATS_ROWS[split], split=source)
    return dict(zip(rows["dialogue"], rows["summary"], strict=True))


def right_people(dialogue: str, reference: str, text: str) -> bool:
    """Return whether a text names those speakers that the reference names."""
    speakers = {line.partition(":")[0] for line in dialogue.splitlines()}

    def named(text: str) -> set[str]:
        return {s for s in speakers if re.search(rf"\b{re.escape(s)}\b", text)}

    return named(text) == named(reference)
