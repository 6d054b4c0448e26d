"""Judge of 8.3, is the difference real?."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The mean difference and its percentile interval."""

    def percentiles(values: np.ndarray, outside: float = 2.5) -> np.ndarray:
        return np.percentile(values, [outside, 100 - outside])

    def interval(
        case: Case, bounds: Callable[[np.ndarray, np.ndarray], Any] | None = None
    ) -> list[float]:
        difference = case["after"] - case["before"]
        means = difference[case["draws"]].mean(axis=1)
        low, high = bounds(difference, means) if bounds else percentiles(means)
        return [difference.mean(), low, high]

    def separate(case: Case, crossed: bool) -> list[float]:
        before, after = (
            percentiles(case[name][case["draws"]].mean(axis=1))
            for name in ("before", "after")
        )
        low, high = after - (before[::-1] if crossed else before)
        return [interval(case)[0], low, high]

    def normal(ddof: int) -> Callable[[np.ndarray, np.ndarray], Any]:
        def bounds(difference: np.ndarray, _: np.ndarray) -> Any:
            error = difference.std(ddof=ddof) / np.sqrt(len(difference))
            return difference.mean() + 1.96 * error * np.array([-1, 1])

        return bounds

    def draws_of(case: Case) -> np.ndarray:
        return (case["after"] - case["before"])[case["draws"]]

    two = (
        "Two separate intervals are subtracted, so what is hard for both models does "
        "not cancel out: subtract the scores first, then draw."
    )
    bell = "These are bounds of a normal distribution: take percentiles of the draws."
    mistakes = [
        (lambda case: separate(case, True), two),
        (lambda case: separate(case, False), two),
        (
            lambda case: interval(
                case | {"before": case["after"], "after": case["before"]}
            ),
            "The sign is the other way round: after - before.",
        ),
        (
            lambda case: interval(case, lambda _, means: percentiles(means, 5)),
            "This is a 90 % interval: 5 % on each side. Leave out 2.5 % on each side.",
        ),
        (
            lambda case: interval(case, lambda difference, _: percentiles(difference)),
            "These are percentiles of the single differences: they show how dialogues "
            "vary, not how sure the mean is.",
        ),
        (
            lambda case: interval(case, lambda *_: percentiles(draws_of(case))),
            "Take the mean of each draw before the percentiles.",
        ),
        (
            lambda case: interval(
                case, lambda *_: percentiles(draws_of(case).mean(axis=0))
            ),
            "The mean goes over the other axis: one mean a draw, so one a row.",
        ),
        (lambda case: interval(case, normal(0)), bell),
        (lambda case: interval(case, normal(1)), bell),
        (
            lambda case: [draws_of(case).mean(), *interval(case)[1:]],
            "The first number is the mean of the draws: return the mean over the n "
            "dialogues.",
        ),
        (
            lambda case: interval(
                case, lambda _, means: np.percentile(means, [0.025, 0.975])
            ),
            "np.percentile wants percent, 0 to 100: 2.5 and 97.5.",
        ),
    ]
    otherwise = (
        "Use `draws` as they are: difference[draws].mean(axis=1) holds one mean a "
        "draw. Return the mean of the difference and the percentiles 2.5 and 97.5."
    )
    return judge_cases(data, inputs["cases"], interval, mistakes, otherwise)
