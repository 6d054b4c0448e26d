"""Judge of 1.1, figures of a data card."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


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

    mistakes = [
        (
            lambda case: figures([len((text or "").split()) for text in case["texts"]]),
            "Rows without a word count as documents of length 0, which pulls the "
            "median down: leave them out.",
        ),
        (
            lambda case: {**right(case), "documents": len(case["texts"])},
            "Rows without a word are counted as documents: leave them out there too.",
        ),
        (
            lambda case: figures(
                [len(t.split(" ")) for t in case["texts"] if t and t.strip()]
            ),
            'split(" ") cuts at each single space and at no line break: call split() '
            "without an argument.",
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
        (
            changed(p95=lambda counts: counts[math.ceil(0.95 * len(counts)) - 1]),
            "Sort the lengths before you take one by its place.",
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
            changed(median=np.mean),
            "This is the mean: the median is the length in the middle.",
        ),
    ]
    otherwise = (
        "Return a dict with the keys documents, words, median and p95, all over the "
        "documents that have at least one word."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
