"""Probe of 11.2, prompt, mask and end of a row."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex11_chats import chats
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@cache
def tokenizer() -> "PreTrainedTokenizerFast":
    """Return the tiny tokenizer, which ships with the course, in every profile."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")


def make_inputs(seed: int) -> Inputs:
    """A row that fits exactly, and others whose dialogue is cut."""
    rng = np.random.default_rng(seed)
    cases = []
    for spare, (dialogue, summary) in zip(
        (0, 40, -1, -20), chats(int(rng.integers(2**31)), 4), strict=True
    ):
        text = f"{dialogue}\nTL;DR: {summary}"
        length = len(tokenizer()(text)["input_ids"]) + 1 + spare
        cases.append({"dialogue": dialogue, "summary": summary, "max_length": length})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return input_ids and labels of each case; other keys are the student's own."""
    answers = []
    for case in inputs["cases"]:
        row = target(case["dialogue"], case["summary"], tokenizer(), case["max_length"])
        answers.append({name: row[name] for name in ("input_ids", "labels")})
    return answers


QUESTION = Question(
    id="ex11_2",
    name="encode_pair",
    points=3,
    title="prompt, mask and end of a row",
    inputs=make_inputs,
    probe=probe,
    allowed=("tokenizer",),
    forbidden=(
        "course_utils.data.summaries.encode",
        "course_utils.data.summaries.encode_summaries",
    ),
    errors={
        "KeyError": 'Return a dict with the keys "input_ids" and "labels".',
    },
)
