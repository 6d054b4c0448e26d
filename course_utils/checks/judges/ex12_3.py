"""Judge of 12.3, the difference and its interval."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Mean of after - before, with the percentiles of its means over the draws."""

    def interval(
        before: np.ndarray, after: np.ndarray, case: Case, share: float = 95
    ) -> list[float]:
        means = after.mean(axis=1) - before.mean(axis=1)
        low, high = np.percentile(means, [50 - share / 2, 50 + share / 2])
        return [np.mean(case["after"] - case["before"]), low, high]

    def right(case: Case, share: float = 95) -> list[float]:
        before, after = case["before"][case["draws"]], case["after"][case["draws"]]
        return interval(before, after, case, share)

    def unpaired(case: Case) -> list[float]:
        draws = case["draws"]
        return interval(case["before"][draws[::-1]], case["after"][draws], case)

    def of_examples(case: Case) -> list[float]:
        change = case["after"] - case["before"]
        return [change.mean(), *np.percentile(change, [2.5, 97.5])]

    def of_one(case: Case, name: str) -> np.ndarray:
        means = case[name][case["draws"]].mean(axis=1)
        return np.array([case[name].mean(), *np.percentile(means, [2.5, 97.5])])

    def normal(case: Case) -> list[float]:
        change = case["after"] - case["before"]
        half = 1.96 * change.std(ddof=1) / np.sqrt(len(change))
        return [change.mean(), change.mean() - half, change.mean() + half]

    mistakes = [
        (
            lambda case: -np.array(right(case))[[0, 2, 1]],
            "The sign is the wrong way round: after minus before.",
        ),
        (
            unpaired,
            "before and after are drawn apart: a resample has the same examples of "
            "both.",
        ),
        (
            of_examples,
            "This is the range of the examples: take the mean of each resample first, "
            "and the percentiles of these means.",
        ),
        (
            lambda case: of_one(case, "after") - of_one(case, "before"),
            "Two intervals cannot be subtracted: resample the differences.",
        ),
        (
            lambda case: right(case, share=90),
            "This interval holds 90 %: take the percentiles 2.5 and 97.5.",
        ),
        (
            lambda case: of_one(case, "after"),
            "This is about after alone: take the differences of the examples.",
        ),
        (
            normal,
            "This is 1.96 standard errors: use the draws that you are given.",
        ),
        (
            lambda case: [right(case)[0], *np.sort(right(case)[1:])[::-1]],
            "low and high have changed places.",
        ),
    ]
    otherwise = (
        "Return the mean of after - before over all examples, and the percentiles 2.5 "
        "and 97.5 of the same mean over the examples of each row of draws."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
