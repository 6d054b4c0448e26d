"""Judge of 1.1, figures of a data card."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

WHITE_SPACE = (
    "A row of white space only counts as a document of length 0: leave out each row "
    "without a word."
)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Documents, words, median and 95th percentile, exact."""

    def lengths(case: Case) -> list[int]:
        return [len(text.split()) for text in case["texts"] if text and text.strip()]

    def figures(counts: list[int]) -> dict[str, Any]:
        at = math.ceil(0.95 * len(counts)) - 1
        return {
            "documents": len(counts),
            "words": sum(counts),
            "median": float(np.median(counts)),
            "p95": sorted(counts)[at],
        }

    def right(case: Case) -> dict[str, Any]:
        return figures(lengths(case))

    def changed(**change: Callable[[list[int]], Any]) -> Callable[[Case], Any]:
        [(key, value)] = change.items()
        return lambda case: {**right(case), key: value(lengths(case))}

    def unsorted_median(counts: list[int]) -> float:
        half = len(counts) // 2
        return float(np.mean(counts[half - (len(counts) % 2 == 0) : half + 1]))

    low = (
        "p95 is one place too low: fewer than 95 % of the documents do not exceed it. "
        "Round the number of documents up."
    )
    mistakes = [
        (
            lambda case: figures([len((text or "").split()) for text in case["texts"]]),
            "Rows without a word count as documents of length 0, which pulls the "
            "median down: leave them out.",
        ),
        (
            lambda case: figures([len(text.split()) for text in case["texts"] if text]),
            WHITE_SPACE,
        ),
        (
            lambda case: figures(
                [len(text.split()) for text in case["texts"] if text is not None]
            ),
            WHITE_SPACE,
        ),
        (
            lambda case: {**right(case), "documents": len(case["texts"])},
            "Rows without a word are counted as documents: leave them out there too.",
        ),
        (
            lambda case: {
                **right(case),
                "documents": sum(text is not None for text in case["texts"]),
            },
            "Rows of white space are counted as documents: leave them out there too.",
        ),
        (
            lambda case: figures(
                [len(w) for t in case["texts"] if t for w in t.split()]
            ),
            "These are lengths of words: a document's length is how many words it has.",
        ),
        (
            lambda case: {
                **right(case),
                "words": len({w for t in case["texts"] if t for w in t.split()}),
            },
            "`words` says how many different words there are: count every one.",
        ),
        (
            changed(words=np.mean),
            "This is the mean: `words` is how many they have together.",
        ),
        (
            lambda case: figures(
                [len(t.split(" ")) for t in case["texts"] if t and t.strip()]
            ),
            "It counts at each single space, and at no line break: call split() "
            "without an argument.",
        ),
        (
            lambda case: figures(
                [len(re.findall(r"\w+", t)) for t in case["texts"] if t and t.strip()]
            ),
            "The words are what a pattern finds, which cuts at apostrophes and points: "
            "count what white space separates, with split().",
        ),
        (
            lambda case: figures([len(t) for t in case["texts"] if t and t.strip()]),
            "These are lengths in characters: count words.",
        ),
        (
            changed(p95=lambda counts: np.percentile(counts, 95)),
            "This p95 lies between two lengths. Return a length that occurs: the "
            "smallest that at least 95 % of the documents do not exceed.",
        ),
        (
            changed(p95=lambda counts: sorted(counts)[int(0.95 * len(counts))]),
            "p95 is one place too far where 95 % of the documents is a whole number: "
            "places count from 0.",
        ),
        (changed(p95=lambda counts: sorted(counts)[int(0.95 * len(counts)) - 1]), low),
        (
            changed(p95=lambda counts: sorted(counts)[round(0.95 * len(counts)) - 1]),
            low,
        ),
        (changed(p95=lambda counts: np.percentile(counts, 95, method="lower")), low),
        (changed(p95=lambda counts: np.percentile(counts, 95, method="nearest")), low),
        (
            changed(p95=lambda counts: np.percentile(counts, 95, method="higher")),
            "p95 is one place too far where 95 % of the documents is a whole number.",
        ),
        (
            changed(p95=max),
            "This p95 is the greatest length: 95 % of the documents are enough.",
        ),
        (
            changed(p95=lambda counts: sorted(counts)[-math.ceil(0.95 * len(counts))]),
            "p95 is counted with the long documents first: 95 % of them exceed it. "
            "Sort from short to long.",
        ),
        (
            changed(p95=lambda counts: counts[math.ceil(0.95 * len(counts)) - 1]),
            "Sort the lengths before you take one by its place.",
        ),
        (
            changed(median=unsorted_median),
            "Sort the lengths before you take the middle one.",
        ),
        (
            changed(p95=lambda counts: 0.95 * max(counts)),
            "This is 95 % of the greatest length. p95 is about 95 % of the documents.",
        ),
        (
            changed(median=lambda counts: sorted(counts)[len(counts) // 2]),
            "With an even number of documents the median is the mean of the two in "
            "the middle.",
        ),
        (
            changed(median=lambda counts: sorted(counts)[(len(counts) - 1) // 2]),
            "With an even number of documents the median is the mean of the two in "
            "the middle.",
        ),
        (
            changed(median=np.mean),
            "This is the mean: the median is the length in the middle.",
        ),
    ]
    mistakes += [
        (
            lambda case: figures(
                [
                    len(t.split())
                    for t in dict.fromkeys(case["texts"])
                    if t and t.strip()
                ]
            ),
            "Texts that are equal count once: each is a document.",
        ),
        (
            lambda case: {
                **right(case),
                "median": float(
                    np.median([len((text or "").split()) for text in case["texts"]])
                ),
            },
            "Rows without a word pull the median down: leave them out there too.",
        ),
        (
            lambda case: {
                **right(case),
                "documents": right(case)["words"],
                "words": right(case)["documents"],
            },
            "`documents` and `words` are exchanged.",
        ),
        (
            changed(
                p95=lambda counts: sorted(counts)[math.ceil(0.05 * len(counts)) - 1]
            ),
            "This is the place of 5 % of the documents, counted from the short ones.",
        ),
        (
            changed(p95=lambda counts: 0.95 * len(counts)),
            "This is 95 % of the number of documents: take the length at that place.",
        ),
    ]

    def never_occurs(got: Any, expected: Any, cases: list[Case]) -> bool:
        return any(
            g["p95"] not in lengths(case) for g, case in zip(got, cases, strict=True)
        )

    looks = [
        (
            never_occurs,
            "No document has the length that p95 says: it is one of the sorted "
            "lengths, at the place of 95 % of them, rounded up.",
        )
    ]
    otherwise = (
        "Return a dict with the keys documents, words, median and p95, all over the "
        "documents that have at least one word."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)
