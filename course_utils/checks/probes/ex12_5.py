"""Probe of 12.5, the real table."""

from typing import Any

from course_utils.checks.contract import Inputs, Question

KEYS = (
    "table",
    "rouge1_before",
    "rouge1_after",
    "people_before",
    "people_after",
    "difference",
    "tried",
    "prompt",
)


def make_inputs(seed: int) -> Inputs:
    """Nothing: the texts are the student's own."""
    return {}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the tables as lists, and the figures beside them."""
    import pandas as pd

    target = target() if callable(target) else target
    result = {name: target[name] for name in KEYS}
    table = result["table"]
    if isinstance(table, pd.DataFrame):
        result["table"] = {name: table[name].tolist() for name in table.columns}
    if isinstance(result["difference"], tuple):  # an Interval, too
        result["difference"] = list(result["difference"])
    tried, texts = result["tried"], result["tried"]["texts"]
    result["tried"] = {
        "dialogues": list(tried["dialogues"]),
        "references": list(tried["references"]),
        "texts": {name: list(written) for name, written in texts.items()},
    }
    return result


QUESTION = Question(
    id="ex12_5",
    name="result",
    points=3,
    title="the real table",
    inputs=make_inputs,
    probe=probe,
    is_function=False,
    errors={
        "KeyError": "Give `result` all the keys that 12.5 lists.",
        "no attribute 'items'": (
            "The texts of `tried` are a dict: each template, and the list of its texts."
        ),
    },
)
