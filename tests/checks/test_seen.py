"""What a hint says of the difference between answers, where no mistake is known."""

import numpy as np
import pytest

from course_utils.checks.judges.seen import seen


@pytest.mark.parametrize(
    ("got", "expected", "said"),
    [
        ([[1.0, 9.0]], [np.array([1.0, 2.0])], ""),  # a list may stand for an array
        ([[1.0]], [{"a": 1.0}], "It returns a list or tuple, where a dict"),
        ([[1, 2, 2]], [[1, 2]], "An item stands in the list more than once."),
        ([[5, 2]], [[2, 5]], "in reverse order"),
        ([3.0, 8.0], [1.5, 4.0], "Each number is twice the right one."),
        ([3.0, 8.5], [1.5, 4.0], "Each wrong number is too high."),
    ],
)
def test_seen(got, expected, said):
    sentence = seen(got, expected)
    assert said in sentence
    assert said or not sentence.startswith("It returns")
