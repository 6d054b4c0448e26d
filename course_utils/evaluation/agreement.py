"""How far two columns of grades agree, with intervals."""

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.evaluation.rouge import Interval


def weighted_kappa(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Cohen's kappa of ordered grades, weighted by their distance.

    1 is full agreement and 0 what two raters reach by chance who give each grade as
    often as these. For two grades it is the plain kappa. If both raters give one and
    the same grade to everything, it is not defined, and nan.

    Args:
        first: a grade for each text.
        second: another grade for each, in the same order.

    Raises:
        ValueError: the lengths differ, or there are no grades.

    Example:
        >>> weighted_kappa([0, 1, 2, 2], [0, 1, 2, 1])
        0.7142...

    Source: Cohen, "Weighted kappa" (1968), with linear weights.
    """
    a, b = np.array(list(zip(first, second, strict=True)), float).T
    apart = np.abs(a - b).mean()
    by_chance = np.abs(a[:, None] - b[None, :]).mean()
    return float(1 - apart / by_chance) if by_chance else float("nan")


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's correlation: of the ranks, so that only the order counts.

    It is nan if a column has one value only.

    Args:
        first: a score for each text.
        second: another score for each, in the same order.

    Raises:
        ValueError: the lengths differ, or there are no scores.

    Example:
        >>> round(rank_correlation([1, 2, 3], [10, 20, 500]), 6)
        1.0
    """
    import pandas as pd

    pairs = pd.DataFrame(list(zip(first, second, strict=True)), columns=["a", "b"])
    ranks = pairs.rank()
    if ranks.nunique().min() < 2:
        return float("nan")
    return float(np.corrcoef(ranks["a"], ranks["b"])[0, 1])


def interval(
    statistic: Callable[..., float],
    *columns: Sequence[float],
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return a statistic of whole columns with its 95 % bootstrap interval.

    Args:
        statistic: a function of the columns, such as `weighted_kappa`.
        *columns: arrays of one length, whose rows are drawn together.
        resamples: how many times the rows are drawn again, with replacement.
        seed: the seed of these draws.

    Example:
        >>> grades = [0, 1, 2] * 10
        >>> interval(weighted_kappa, grades, grades)
        Interval(value=1.0, low=1.0, high=1.0)
    """
    arrays = [np.asarray(column) for column in columns]
    draws = np.random.default_rng(seed).integers(
        len(arrays[0]), size=(resamples, len(arrays[0]))
    )
    values = [statistic(*(array[draw] for array in arrays)) for draw in draws]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Interval(float(statistic(*arrays)), float(low), float(high))
