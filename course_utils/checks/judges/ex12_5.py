"""Judge of 12.5, the real table."""

import re
from typing import Any

import numpy as np

from course_utils.checks.contract import Verdict
from course_utils.checks.judges.compare import same, wrong
from course_utils.checks.judges.summary_answers import (
    interval_hint,
    rows_problem,
    same_interval,
)

COLUMNS = ("dialogue", "reference", "before", "after")
ENOUGH_PROMPTS, ENOUGH_TRIED = 3, 20


def judge(data: Any, inputs: dict[str, Any]) -> Verdict:
    """Recompute every figure from the texts of the table."""
    from course_utils.evaluation.rouge import paired_difference, rouge_scores

    table = data["table"]
    if problem := table_problem(table) or prompt_problem(data):
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
    if not same_interval(data["difference"], interval):
        hint = interval_hint(data["difference"], scores["before"], scores["after"])
        return wrong(
            "The difference is not that of the texts: the mean of after minus before, "
            f"and the ends of its paired 95 % interval. {hint}",
            expected=list(interval),
            got=data["difference"],
        )
    return Verdict(True)


def table_problem(table: Any) -> str:
    """Return what is wrong with the texts of a table, or ""."""
    if not isinstance(table, dict) or list(table) != list(COLUMNS):
        return f"The table's columns have to be {', '.join(COLUMNS)}, in this order."
    if any(not isinstance(text, str) for name in COLUMNS for text in table[name]):
        return "Every cell of the table has to hold a text."
    if len({len(table[name]) for name in COLUMNS}) > 1:
        return "The table's columns have to be of one length."
    if problem := rows_problem(table["dialogue"], table["reference"]):
        return problem
    for name in ("before", "after"):
        if any("\n" in text.strip() for text in table[name]):
            return (
                f"Some texts of {name} have several lines: of what a model writes, "
                "only the first line counts."
            )
    equal = sum(a == b for a, b in zip(table["before"], table["after"], strict=True))
    if equal > 0.9 * len(table["before"]):
        return (
            "before and after are the same texts: both came from one model. Load the "
            "pretrained model anew, since fine-tuning changes a model in place."
        )
    return ""


def prompt_problem(data: dict[str, Any]) -> str:
    """Return what is wrong with how the prompt of `before` was found, or ""."""
    from course_utils.evaluation.rouge import rouge_scores

    tried, chosen = data["tried"], data["prompt"]
    texts, references = tried["texts"], tried["references"]
    if len(texts) < ENOUGH_PROMPTS or any("{dialogue}" not in name for name in texts):
        return (
            f"Try at least {ENOUGH_PROMPTS} templates, each a text with {{dialogue}} "
            "in it."
        )
    if chosen not in texts:
        return "`prompt` is not among the templates that you tried."
    columns = [tried["dialogues"], references, *texts.values()]
    if len({len(column) for column in columns}) > 1:
        return "Each template of `tried` needs a text for each of its dialogues."
    if any(not isinstance(text, str) for column in columns for text in column):
        return "Dialogues, references and texts of `tried` have to be texts."
    if any("\n" in text.strip() for column in texts.values() for text in column):
        return (
            "Some texts of `tried` have several lines: of what a model writes, only "
            "the first line counts."
        )
    if len(set(tried["dialogues"])) < ENOUGH_TRIED:
        return f"Try the templates on at least {ENOUGH_TRIED} different dialogues."
    if set(tried["dialogues"]) & set(data["table"]["dialogue"]):
        return (
            "The prompt was chosen on dialogues that it is measured on: the best of "
            "several is partly luck. Choose it on the validation split."
        )
    # Random weights may write one text to everything: then equal texts say nothing.
    told = [tuple(column) for column in texts.values() if len(set(column)) > 1]
    if len(set(told)) < len(told):
        return "Two templates have the same texts: was the template used in both?"
    scores = {
        name: float(rouge_scores(written, references, ["rouge1"])["rouge1"].mean())
        for name, written in texts.items()
    }
    if scores[chosen] < max(scores.values()) - 1e-6:
        return (
            "Another template has a higher ROUGE-1 on `tried` than the one that "
            "`before` got: give the model from before its best prompt."
        )
    return ""


def right_people(dialogue: str, reference: str, text: str) -> bool:
    """Return whether a text names those speakers that the reference names."""
    speakers = {line.partition(":")[0] for line in dialogue.splitlines()}

    def named(text: str) -> set[str]:
        return {s for s in speakers if re.search(rf"\b{re.escape(s)}\b", text)}

    return named(text) == named(reference)
