"""Probe of 11.1, empty rows and line ends."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex11_chats import chats


def make_inputs(seed: int) -> Inputs:
    """Rows as a CSV file gives them; the first case is small, the second has it all."""
    rng = np.random.default_rng(seed)
    pairs = chats(int(rng.integers(2**31)), 12)

    def row(place: int, ends: str = "\r\n", around: str = "") -> dict[str, Any]:
        dialogue, summary = pairs[place]
        text = around + dialogue.replace("\n", ends) + around
        return {"id": str(rng.integers(10**8)), "dialogue": text, "summary": summary}

    small = [row(0), {**row(1), "dialogue": None}]
    big = [
        row(2, around=" \r\n"),
        {**row(3), "summary": None},
        row(4, ends="\n"),
        {**row(5), "dialogue": " \r\n"},
        {**row(6), "summary": ""},
        row(7, ends="\r"),
        {**row(8), "summary": f" {pairs[8][1]}\r\n"},
        row(4, ends="\n"),  # the same chat twice is no reason to drop it
        {**row(9), "summary": pairs[9][1].replace(" ", "\r\n", 1)},
        {**row(9), "summary": "Ok."},
        {**row(9), "dialogue": "A: Hi"},
        # Inside a text white space stays: an empty line, an indented one.
        row(10, ends="\r\n\r\n"),
        row(11, ends=" \n  "),
    ]
    # Another column, which may be empty.
    big = [{**r, "topic": "trip" if i % 3 else ""} for i, r in enumerate(big)]
    return {"cases": [{"rows": small}, {"rows": big}]}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the rows of each case, and whether those handed over were changed."""
    answers = []
    for case in inputs["cases"]:
        rows = [dict(row) for row in case["rows"]]
        cleaned = target(rows)
        answers.append({"rows": cleaned, "kept": rows == case["rows"]})
    return answers


QUESTION = Question(
    id="ex11_1",
    name="clean_rows",
    points=1,
    title="empty rows and line ends",
    inputs=make_inputs,
    probe=probe,
    errors={
        "NoneType": "A dialogue or a summary may be None: ask before you use it.",
    },
)
