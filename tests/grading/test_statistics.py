"""Item statistics, held to figures that were worked out another way."""

import random
from itertools import pairwise

import numpy as np
import pytest

from course_utils.grading.scores import Mark, Student
from course_utils.grading.statistics import (
    FEWEST,
    HEIGHT,
    LINE,
    WIDTH,
    correlation,
    item_statistics,
)


def a_class(rows):
    """Return students with so many of 2 points a question, and one answer unread."""
    found = []
    for number, row in enumerate(rows):
        marks = {
            f"ex05_{n}": Mark(
                f"ex05_{n}", "", points, 2, "a hint." if points < 2 else ""
            )
            for n, points in enumerate(row, start=1)
        }
        marks["ex05_9"] = Mark("ex05_9", "in words", None, 3)
        found.append(Student(f"s{number}", marks=marks))
    return found


def test_discrimination_is_the_corrected_correlation():
    draw = random.Random(7)
    rows = [[draw.choice([0, 1, 2]) for _ in range(4)] for _ in range(40)]
    items = item_statistics(a_class(rows))["ex05"]
    points = np.array(rows, dtype=float)
    for n, item in enumerate(items[:4]):
        rest = points.sum(axis=1) - points[:, n]
        wanted = np.corrcoef(points[:, n], rest)[0, 1]
        assert item.discrimination == pytest.approx(wanted)
        assert item.share == pytest.approx(points[:, n].mean() / 2)
        assert item.right == (points[:, n] == 2).sum()
        assert item.mistakes == [("a hint.", int((points[:, n] < 2).sum()))]
    assert items[4].share is None
    assert items[4].discrimination is None


def test_a_question_that_good_students_get_wrong_stands_out():
    rows = [[0, 2, 2]] * 10 + [[2, 0, 0]] * 10
    first, *_ = item_statistics(a_class(rows))["ex05"]
    assert first.discrimination == pytest.approx(-1)
    assert first.is_weak


def test_nothing_is_said_of_few_or_equal_students():
    few = item_statistics(a_class([[0, 2], [2, 0]] * (FEWEST // 2 - 1)))["ex05"]
    equal = item_statistics(a_class([[2, 2]] * 20))["ex05"]
    assert {item.discrimination for item in (*few, *equal)} == {None}
    assert correlation([(float("1e-12"), 1), (0, 2)]) is None


def test_points_and_labels_lie_in_the_picture_and_apart():
    rows = [[0, 0, 0, 0]] * 10 + [[2, 2, 2, 2]] * 10
    drawn = [i for i in item_statistics(a_class(rows))["ex05"] if i.is_drawn]
    heights = [item.label_y for item in drawn]
    assert len(drawn) == 4
    assert all(b - a >= LINE for a, b in pairwise(heights))
    assert all(0 <= i.x <= WIDTH and 0 <= i.y <= HEIGHT for i in drawn)
