"""Kappa and rank correlation against known values and other libraries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.evaluation.agreement import (
    interval,
    rank_correlation,
    weighted_kappa,
)

GRADES = st.lists(st.tuples(*[st.integers(0, 2)] * 2), min_size=2, max_size=30)


def test_kappa_of_the_textbook():
    """Two readers of 50 proposals: both yes 20, both no 15, and 5 and 10 apart."""
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert weighted_kappa(first, second) == pytest.approx(0.4)


@settings(max_examples=50, deadline=None)
@given(GRADES)
def test_kappa_is_that_of_nltk(pairs):
    from nltk.metrics.agreement import AnnotationTask

    data = [(who, k, pair[who]) for k, pair in enumerate(pairs) for who in (0, 1)]
    task = AnnotationTask(data, distance=lambda a, b: abs(a - b) / 2)
    ours = weighted_kappa(*zip(*pairs, strict=True))
    if len({grade for pair in pairs for grade in pair}) == 1:
        assert np.isnan(ours)
    else:
        theirs = task.weighted_kappa_pairwise(0, 1, max_distance=1)
        assert ours == pytest.approx(theirs)


def test_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.integers(5, size=(2, 40))  # with ties
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert rank_correlation(a, a**3) == pytest.approx(1)
    assert np.isnan(rank_correlation(a, [1] * 40))


def test_rows_stay_together_in_an_interval():
    a = np.arange(30)
    value, low, high = interval(rank_correlation, a, 2 * a, resamples=50)
    assert [value, low, high] == pytest.approx([1, 1, 1])


def test_columns_of_different_lengths_are_refused():
    for measure in (weighted_kappa, rank_correlation):
        with pytest.raises(ValueError, match="zip"):
            measure([1, 2], [1])
