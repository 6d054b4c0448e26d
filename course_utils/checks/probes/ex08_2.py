"""Probe of 8.2, ROUGE-1 with several references."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

WORDS = """anna bring cake party juice music train garden film rain dinner saturday
    school piano ticket"""


def sentence(words: list[str]) -> str:
    """Return words as a sentence: a capital, a comma after the second, a full stop."""
    text = " ".join([words[0].capitalize(), f"{words[1]},", *words[2:]])
    return f"{text}."


def make_inputs(seed: int) -> Inputs:
    """Repeated words on either side, several references, and nothing shared."""
    rng = np.random.default_rng(seed)
    cases = []
    for plan, references in (
        ([2, 6, 2, 0, 5, 7, 8], [[0, 1, 2, 3, 4, 5]]),
        ([1, 9, 4, 1, 0, 3], [[1, 7, 8], [0, 1, 4, 5, 3, 1, 2], [1, 4, 6, 7, 2]]),
        ([0, 1, 2, 3, 4], [[0, 5, 4, 6, 7, 8, 9], [0, 1, 9, 8, 2, 3]]),
        ([0, 1, 2], [[3, 4, 5, 6]]),
    ):
        bank = rng.permutation(WORDS.split()).tolist()
        bank.insert(5, "10pm")  # never first: it has no capital
        cases.append(
            {
                "prediction": sentence([bank[i] for i in plan]),
                "references": [sentence([bank[i] for i in r]) for r in references],
            }
        )
    return {"cases": cases}


QUESTION = Question(
    id="ex08_2",
    name="rouge_1",
    points=2,
    title="ROUGE-1 with several references",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re", "collections.Counter"),
    forbidden=("rouge_score.rouge_scorer.RougeScorer.score",),
    errors={
        "ZeroDivisionError": "If nothing is shared, the score is 0.",
    },
)
