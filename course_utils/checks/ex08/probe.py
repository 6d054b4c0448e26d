"""Exercise 8, evaluate: the questions, their inputs, and how an answer is called."""

from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

# Each short name is the beginning of a long one; each modal verb is also a name.
PAIRS = (("Ann", "Anna"), ("Dan", "Danny"), ("Max", "Maxine"), ("Rob", "Robert"))
MODALS = ("Will", "May")
NAMES = ("Ben", "Eva", "Ida", "Kim", "Leo", "Mia", "Tom", "Zoe")
WORDS = """anna bring cake party juice music train garden film rain dinner saturday
    school piano ticket"""


def names_inputs(seed: int) -> Inputs:
    """Summaries with a longer name, a verb that is a name, a possessive, a list."""
    rng = np.random.default_rng(seed)
    short, long = PAIRS[rng.integers(len(PAIRS))]
    modal = MODALS[rng.integers(len(MODALS))]
    a, b, c, d, e = rng.choice(NAMES, 5, replace=False).tolist()
    known = sorted([*NAMES, *MODALS, short, long], reverse=True)
    texts = [
        (f"{long} meets {a} at noon.", [long, a]),
        (
            f"The sister of {b}, {a}'s friend, {modal.lower()} bring a cake.",
            [a, b, c],
        ),
        (f"{c}, {b} and {long} come. {modal} stays.", [modal, d, e]),
        (f"They ask {a}, and {a} asks {d}.", [d]),
    ]
    return {
        "cases": [
            {
                "summary": summary,
                "right_names": sorted(right, reverse=True),
                "known_names": known,
            }
            for summary, right in texts
        ]
    }


def sentence(words: list[str]) -> str:
    """Return words as a sentence: a capital, a comma after the second, a full stop."""
    text = " ".join([words[0].capitalize(), f"{words[1]},", *words[2:]])
    return f"{text}."


def rouge_inputs(seed: int) -> Inputs:
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


def interval_inputs(seed: int) -> Inputs:
    """Scores that vary more between dialogues than between the models, and draws."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, resamples in ((5, 8), (30, 200)):
        before = rng.uniform(10, 60, n).round(1)
        cases.append(
            {
                "before": before,
                "after": (before + rng.normal(2, 4, n)).round(1),
                "draws": rng.integers(0, n, (resamples, n)),
            }
        )
    return {"cases": cases}


def sliding_inputs(seed: int) -> Inputs:
    """Texts whose last window is full, shorter, or the only one."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {"input_ids": rng.integers(0, 50, n).tolist()}
            | {"block_size": size, "stride": stride}
            for n, size, stride in ((8, 4, 2), (17, 6, 4), (21, 8, 3), (5, 6, 2))
        ]
    }


def losses_of(ids: list[int]) -> list[float]:
    """Return a loss of each token but the first: lower with more tokens before it."""
    return [
        (7 * token + 3 * before) % 11 / 5 + 2 / place
        for place, (before, token) in enumerate(pairwise(ids), 1)
    ]


def sliding_probe(target: Any, inputs: Inputs) -> Any:
    """Call it with a function in the place of a model."""
    return [target(losses_of, *case.values()) for case in inputs["cases"]]


QUESTIONS = [
    Question(
        id="ex08_1",
        name="name_errors",
        points=2,
        title="names that are missing or invented",
        inputs=names_inputs,
        probe=each_case,
        allowed=("re",),
    ),
    Question(
        id="ex08_2",
        name="rouge_1",
        points=2,
        title="ROUGE-1 with several references",
        inputs=rouge_inputs,
        probe=each_case,
        allowed=("re", "collections.Counter"),
        forbidden=("rouge_score.rouge_scorer.RougeScorer.score",),
        errors={
            "ZeroDivisionError": "If nothing is shared, the score is 0.",
        },
    ),
    Question(
        id="ex08_3",
        name="difference_interval",
        points=2,
        title="is the difference real?",
        inputs=interval_inputs,
        probe=each_case,
        allowed=("numpy",),
    ),
    Question(
        id="ex08_4",
        name="sliding_perplexity",
        points=3,
        title="perplexity of a long text",
        inputs=sliding_inputs,
        probe=sliding_probe,
        allowed=("math", "numpy"),
        errors={
            "OverflowError": "exp of a sum overflows: take the mean over tokens first.",
        },
    ),
]
