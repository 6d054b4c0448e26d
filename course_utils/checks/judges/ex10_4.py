"""Judge of 10.4, test texts that were in training."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

Grams = set[tuple[str, ...]]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The share of leaked test texts."""

    def lowered(text: str) -> list[str]:
        return text.lower().split()

    def whole(words: list[str], n: int, less: int = 0) -> Grams:
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1 - less)}

    def found(
        case: Case,
        split: Callable[[str], list[str]] = lowered,
        grams: Callable[[list[str], int], Grams] = whole,
        join: bool = False,
    ) -> list[bool]:
        train, n = case["train_texts"], case["n"]
        train = [" ".join(train)] if join else train
        known = set().union(*(grams(split(text), n) for text in train))
        return [bool(grams(split(text), n) & known) for text in case["test_texts"]]

    def share(case: Case, **how: Any) -> float:
        return float(np.mean(found(case, **how)))

    def of_words(case: Case) -> float:
        train = [set(lowered(text)) for text in case["train_texts"]]
        tests = [set(lowered(text)) for text in case["test_texts"]]
        return np.mean([max(len(t & k) for k in train) >= case["n"] for t in tests])

    def of_grams(case: Case) -> float:
        known = set().union(
            *(whole(lowered(t), case["n"]) for t in case["train_texts"])
        )
        test = [g for t in case["test_texts"] for g in whole(lowered(t), case["n"])]
        return np.mean([gram in known for gram in test])

    def of_training(case: Case) -> float:
        train, test = case["train_texts"], case["test_texts"]
        return share(case | {"train_texts": test, "test_texts": train})

    mistakes = [
        (lambda case: share(case, split=str.split), "Lowercase the texts first."),
        (
            lambda case: share(case, join=True),
            "The training texts are put one after the other, and n-grams found across "
            "their borders: take each text alone.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: whole(words, n, less=1)),
            "The last n words of each text are missed: there are len(words) - n + 1 "
            "n-grams.",
        ),
        (
            lambda case: share(case, grams=lambda x, n: whole(x, n) or {tuple(x)}),
            "A text with fewer than n words is never leaked: shorter pieces count "
            "here.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: whole(words, n - 1)),
            "Already n - 1 words in a row count here.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: {tuple(words)}),
            "Only whole texts are compared: look for n words in a row.",
        ),
        (
            of_words,
            "The words are compared without their order: they have to stand in a row.",
        ),
        (of_grams, "This is the share of n-grams: return that of the test texts."),
        (of_training, "This is the share of training texts that occur in the test."),
        (
            lambda case: sum(found(case)),
            "This is their number: divide by the number of test texts.",
        ),
        (lambda case: 100 * share(case), "The share goes from 0 to 1."),
    ]
    otherwise = (
        "Split each text into words. A test text is leaked if one of its n-grams is "
        "also an n-gram of a training text. Return leaked / all test texts."
    )
    return judge_cases(data, inputs["cases"], share, mistakes, otherwise)
