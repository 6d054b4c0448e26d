"""Item statistics: how hard each question was, and how well it tells students apart.

Source: A. Anastasi and S. Urbina, Psychological Testing, chapter 7 (item analysis).
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.grading.scores import Mark, Student

FEWEST = 10  # students, below which a correlation is left out
WEAK = 0.2  # a discrimination below it is worth a look
# The picture: discrimination over difficulty, in CSS pixels.
WIDTH, HEIGHT, LINE, APART = 300, 180, 13, 24
LOWEST = -0.4  # at its bottom; what is lower is drawn there


@dataclass
class Item:
    """What a class did with one question.

    Attributes:
        question: such as "ex05_2".
        title: what it asks for.
        answers: how many were judged.
        right: how many earned all points.
        share: the mean share of the points, from 0 to 1: its difficulty. None without
            a judged answer of known points.
        discrimination: the correlation of the question's points with those of the other
            questions of its exercise, from -1 to 1. None for fewer than 10 students, or
            where all earned the same.
        mistakes: hints and how many students got them, the commonest first.
        x, y: its place in the picture, in pixels.
        label_y: that of its label.
    """

    question: str
    title: str
    answers: int
    right: int
    share: float | None
    discrimination: float | None
    mistakes: list[tuple[str, int]]
    x: float = 0
    y: float = 0
    label_y: float = 0

    @property
    def is_weak(self) -> bool:
        """Whether strong and weak students fare alike with it."""
        return self.discrimination is not None and self.discrimination < WEAK

    @property
    def number(self) -> str:
        """The question's number in its exercise."""
        return self.question.partition("_")[2]

    @property
    def label_x(self) -> float:
        """Where its label begins, or ends at the right edge."""
        return self.x + 9 if self.anchor == "start" else self.x - 9

    @property
    def anchor(self) -> str:
        """On which side of its label the point lies."""
        return "end" if self.x > 0.95 * WIDTH else "start"

    @property
    def is_drawn(self) -> bool:
        """Whether it has a place in the picture."""
        return self.share is not None and self.discrimination is not None


def item_statistics(students: Sequence[Student]) -> dict[str, list[Item]]:
    """Return the items of each exercise that anybody handed in."""
    found = {}
    for exercise in sorted(
        {name for student in students for name in student.exercises}
    ):
        marks = [{m.question: m for m in s.marks_of(exercise)} for s in students]
        marks = [its for its in marks if its]
        names = {question for its in marks for question in its}
        items = [_item(q, marks) for q in sorted(names, key=_number)]
        _place_in_picture(items)
        found[exercise] = items
    return found


def _item(question: str, marks: list[dict[str, Mark]]) -> Item:
    its = [mine[question] for mine in marks if question in mine]
    shares = [share for mark in its if (share := _share(mark)) is not None]
    pairs = []
    for mine in marks:
        share = _share(mine[question]) if question in mine else None
        others = [m for m in mine.values() if m.question != question]
        judged = [(m.points, m.out_of) for m in others if _share(m) is not None]
        possible = sum(out_of or 0 for _, out_of in judged)
        if share is not None and possible:
            pairs.append((share, sum(points or 0 for points, _ in judged) / possible))
    hints = Counter(m.hint for m in its if _is_mistake(m))
    return Item(
        question,
        next((mark.title for mark in its if mark.title), ""),
        sum(mark.points is not None for mark in its),
        sum(share == 1 for share in shares),
        sum(shares) / len(shares) if shares else None,
        correlation(pairs) if len(pairs) >= FEWEST else None,
        sorted(hints.items(), key=lambda item: (-item[1], item[0])),
    )


def _share(mark: Mark) -> float | None:
    if mark.points is None or not mark.out_of:
        return None
    return mark.points / mark.out_of


def _is_mistake(mark: Mark) -> bool:
    is_stub = "is still the stub" in mark.hint
    return mark.points != mark.out_of and bool(mark.hint) and not is_stub


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation; None if one side is always the same.

    Example:
        >>> correlation([(0, 1), (1, 3), (2, 5)])
        1.0
        >>> correlation([(0, 1), (0, 3)])
    """
    if len(pairs) < 2:
        return None
    try:
        # Rounded, or what floats lose would count as a difference.
        sides = [[round(x, 9) for x in side] for side in zip(*pairs, strict=True)]
        return round(statistics.correlation(*sides), 12)
    except statistics.StatisticsError:  # a side is constant
        return None


def height_of(discrimination: float) -> float:
    """Return the place in the picture, in pixels from its top."""
    return round(HEIGHT * (1 - (discrimination - LOWEST) / (1 - LOWEST)), 1)


def _place_in_picture(items: list[Item]) -> None:
    """Place the drawn items, and their labels so that none covers another."""
    drawn = [item for item in items if item.is_drawn]
    for item in drawn:
        item.x = round(WIDTH * (item.share or 0), 1)
        item.y = height_of(max(LOWEST, item.discrimination or 0))
    placed: list[Item] = []
    for item in sorted(drawn, key=lambda item: item.y):
        item.label_y = item.y
        for other in placed:  # from the top down
            if abs(other.x - item.x) < APART:
                item.label_y = max(item.label_y, other.label_y + LINE)
        placed.append(item)


def _number(question: str) -> int:
    return int(question.partition("_")[2])
