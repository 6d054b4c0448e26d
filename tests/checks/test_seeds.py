"""Every question depends on the seed: what `check` shows earns nothing in grading.

The public answers are known to everybody. Whoever replays them, or returns NaN or
nothing, has answered no question of the secret seed.
"""

import math
from typing import Any

import numpy as np
import pytest
from test_answers import (
    QUESTIONS,
    REPORTS,
    SECRET,
    SEEDED,
    TRAINED,
    answer_on,
    on_seed,
    solution,
)

from course_utils.checks import PUBLIC_SEED, run_judge, to_bytes

# What a student brings along; docs/instructors.md says how it is judged.
BROUGHT = {*REPORTS, "ex11_6"}
# 4,950 pairs, in which a few hundred variants meet for sure. That there are more is so
# by construction. Floats count as equal where a judge takes them as equal.
SEEDS = [SECRET + n for n in range(1, 101)]
OTHERS = [*SEEDS[:5], *range(2**40, 2**40 + 5)]
DEAR = {"ex03_5", "ex04_5", "ex06_3", "ex09_5", "ex10_4", "ex12_1", "ex13_2"}


@pytest.mark.parametrize(
    "question_id",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in TRAINED else [])
        for name in QUESTIONS
        if name not in BROUGHT
    ],
)
def test_the_public_answers_earn_nothing(question_id):
    data, verdict = on_seed(question_id, solution(question_id), PUBLIC_SEED)
    assert verdict.right
    seeds = OTHERS[3:7] if question_id in DEAR else OTHERS
    right = [seed for seed in seeds if run_judge(question_id, data, seed).right]
    assert right == []


@pytest.mark.parametrize(
    "question_id",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "ex12_1" else [])
        for name in SEEDED
    ],
)
def test_no_two_seeds_have_the_same_answers(question_id):
    seeds = SEEDS[:20] if question_id in DEAR else SEEDS
    answers = [
        repr(rounded(answer_on(question_id, solution(question_id), seed)["answer"]))
        for seed in seeds
    ]
    assert len(set(answers)) == len(seeds)


def rounded(value: Any) -> Any:
    """Return plain data with floats of about four digits."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        mantissa, exponent = np.frexp(value)
        return mantissa.round(3).tobytes(), exponent.tobytes()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return f"{value:.3e}" if isinstance(value, float) else value


def changed(value: Any, change: Any, depth: int = 0) -> Any:
    """Return plain data with `change(value, depth)` in every place."""
    if isinstance(value, dict):
        value = {k: changed(item, change, depth + 1) for k, item in value.items()}
    elif isinstance(value, list):
        value = [changed(item, change, depth + 1) for item in value]
    return change(value, depth)


def nan(value: Any, depth: int) -> Any:
    if isinstance(value, np.ndarray):
        return np.full_like(value, np.nan, dtype=np.float32)
    return math.nan if type(value) in (int, float, bool) else value


def none(value: Any, depth: int) -> Any:
    return value if isinstance(value, dict | list) else None


def emptied(at: int) -> Any:
    """Return a change that leaves nothing in the lists and arrays of one depth."""

    def change(value: Any, depth: int) -> Any:
        is_list = isinstance(value, list) or np.ndim(value) > 0
        return value[:0] if depth == at and is_list else value

    return change


def without_keys(value: Any, depth: int) -> Any:
    return {} if isinstance(value, dict) and depth else value


HOLES = {
    "NaN": nan,
    "None": none,
    "no items": emptied(0),
    "empty items": emptied(1),
    "empty items of items": emptied(2),
    "no keys": without_keys,
}


@pytest.mark.parametrize("question_id", SEEDED)
def test_an_answer_full_of_holes_earns_nothing(question_id):
    data, _ = on_seed(question_id, solution(question_id), SECRET)
    wrong = []
    for name, change in HOLES.items():
        hollow = {"answer": changed(data["answer"], change)}
        is_other = to_bytes(hollow) != to_bytes({"answer": data["answer"]})
        if is_other and run_judge(question_id, hollow, SECRET).right:
            wrong.append(name)
    assert wrong == []
