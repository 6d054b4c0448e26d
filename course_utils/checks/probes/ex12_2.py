"""Probe of 12.2, a table in the right pairing."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex12_chats import chats


def make_inputs(seed: int) -> Inputs:
    """Texts of two models, each in an order of its own, not all of them there."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, lost in ((3, 0), (7, 1)):
        pairs = chats(rng, n)
        ids = [str(number) for number in rng.choice(90, n, replace=False) + 10]
        rows = [
            {"id": name, "dialogue": dialogue, "summary": summary}
            for name, (dialogue, summary) in zip(ids, pairs, strict=True)
        ]

        def texts(
            model: str, first: int, ids: list[str] = ids, lost: int = lost
        ) -> list[dict[str, str]]:
            order = [*range(1, len(ids)), 0][:: 1 if first else -1]
            drawn = [ids[i] for i in order]
            # Each model lacks a text that the other has, and has one too many.
            kept = (
                drawn[lost:] if first else drawn[: len(drawn) - 1 - lost] + drawn[-1:]
            )
            kept = kept if lost or first else drawn
            kept = [*kept[:2], *["100", "101"][:lost], *kept[2:]]
            return [{"id": name, "text": f"{model} writes {name}"} for name in kept]

        cases.append(
            {"rows": rows, "before": texts("base", 1), "after": texts("tuned", 0)}
        )
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each table's columns, in order, and its values."""
    import pandas as pd

    answers = []
    for case in inputs["cases"]:
        table = target(*case.values())
        if not isinstance(table, pd.DataFrame):
            return type(table).__name__
        names = [str(name) for name in table.columns]
        answers.append({"columns": names, "values": table.to_numpy().tolist()})
    return answers


QUESTION = Question(
    id="ex12_2",
    name="comparison",
    points=2,
    title="a table in the right pairing",
    inputs=make_inputs,
    probe=probe,
    allowed=("pandas",),
    errors={
        "must be of the same length": (
            "before and after do not have all the ids: keep the rows of both."
        ),
        "KeyError": "Not every id is in both: keep the rows that both models have.",
    },
)
