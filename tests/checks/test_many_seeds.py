"""What a question says of an answer is the same on every seed.

An answer that passes the public inputs has to pass the secret ones, and the reverse. So
the inputs have to separate all known mistakes, whatever the seed.
"""

import contextlib
import io
from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from test_answers import (
    SEEDED,
    every_answer,
    mutants,
    packed_inputs,
    solution,
    wrong_answers,
)

from course_utils.checks import (
    from_bytes,
    make_inputs,
    question,
    run_judge,
    run_probe,
    to_plain,
)

SEEDS = [0, *range(2**40, 2**40 + 30)]
# So many of them are for the slow tier, the others for the long one.
FIRST = 10
# A model of 12 blocks, or one with 27,000 weights, for each answer and seed.
HEAVY = {"ex03_5": 4, "ex04_5": 3, "ex06_3": 4, "ex06_4": 4, "ex12_1": 3, "ex13_2": 3}
COUNTED: Counter[str] = Counter()


def judged(question_id, target, seed):
    asked = question(question_id)
    inputs = from_bytes(packed_inputs(question_id, seed))
    with contextlib.redirect_stdout(io.StringIO()):
        data = run_probe(question_id, {asked.name: target}, inputs)
    return run_judge(question_id, data, seed)


def on_seeds(question_id, seeds):
    """Return what deviates: an answer's name, a seed, and the verdict on it."""
    deviations = []
    judge = import_module(f"course_utils.checks.judges.{question_id}")
    general = [v for v in vars(judge).values() if hasattr(v, "otherwise")]
    answers = list(every_answer(question_id))
    for seed in seeds:  # outside, since a judge keeps what it has computed for a seed
        for target, phrase in answers:
            verdict = judged(question_id, target, seed)
            COUNTED["verdicts"] += 1
            if verdict.right != (not phrase) or phrase not in verdict.message:
                name = getattr(target, "__name__", str(target))
                deviations.append((name, seed, verdict.message or "right"))
            if seed == seeds[-1]:
                COUNTED["right answers" if not phrase else "wrong answers"] += 1
                if phrase and any(
                    each.otherwise in verdict.message for each in general
                ):
                    COUNTED["wrong answers with a general hint"] += 1
    return deviations


@pytest.mark.slow
@pytest.mark.parametrize("question_id", SEEDED)
def test_every_answer_is_judged_alike_on_ten_seeds(question_id):
    assert on_seeds(question_id, seeds_of(question_id)[:FIRST]) == []


@pytest.mark.long
@pytest.mark.parametrize("question_id", [q for q in SEEDED if q not in HEAVY])
def test_every_answer_is_judged_alike_on_the_other_seeds(question_id):
    assert on_seeds(question_id, seeds_of(question_id)[FIRST:]) == []


def seeds_of(question_id):
    return SEEDS[: HEAVY.get(question_id, len(SEEDS))]


@pytest.mark.slow
def test_counts_are_printed(capsys):
    assert COUNTED["verdicts"] > 0, "run it with the test above"
    with capsys.disabled():
        print()
        for name, count in COUNTED.items():
            print(f"{count:6} {name}")


@pytest.mark.parametrize("question_id", SEEDED)
def test_there_are_enough_answers(question_id):
    assert len(mutants(question_id).RIGHT) >= 6
    assert len({target for target, _ in wrong_answers(question_id)}) >= 10


def with_nan(value, at):
    """Return a copy of plain data whose number at place `at` is NaN, if it is there."""
    left = [at]

    def copy(item):
        if isinstance(item, dict):
            return {key: copy(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [copy(inner) for inner in item]
        if isinstance(item, np.ndarray) and item.dtype.kind in "fiu" and item.size:
            item = item.astype(float)
            if left[0] in range(item.size):
                item.flat[left[0]] = np.nan
            left[0] -= item.size
            return item
        if isinstance(item, int | float) and not isinstance(item, bool):
            left[0] -= 1
            return float("nan") if left[0] == -1 else item
        return item

    return copy(value), left[0] < 0


@pytest.mark.parametrize("question_id", SEEDED)
def test_nan_anywhere_earns_nothing(question_id):
    asked = question(question_id)
    target = solution(question_id)
    inputs = make_inputs(question_id, 5)
    data = to_plain(run_probe(question_id, {asked.name: target}, inputs)["answer"])
    assert run_judge(question_id, {"answer": data}, 5).right
    for at in (0, 1, 2, 7, 30):
        broken, there = with_nan(data, at)
        if there:
            assert not run_judge(question_id, {"answer": broken}, 5).right, at
