"""Probe of 11.3, a rule that chooses among trials."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

Group = tuple[int, list[int]]  # steps of a setting, and its scores, one a seed

# Steps and scores beside the best mean, 0. `near` is 3 in all. What each is for:
# a mean that is just near enough, one lucky run, a high median, many seeds, a good
# first seed, a bad last one.
SMALL: list[Group] = [(400, [0, 0]), (200, [-4, -2]), (100, [-9, 3])]
LARGE: list[Group] = [
    (500, [-1, 0, 1]),
    (300, [-6, 0, 0]),  # its mean is -2
    (200, [-1, -1, -16]),  # its median is near, its mean is not
    (150, [-12, -12, -12, -12]),
    (600, [2, -2, -3]),
    (100, [-2, -12, -13]),
    (120, [-14, 1, -14]),
]
EQUAL: list[Group] = [(300, [-3, -3]), (300, [-2, 0]), (700, [0, 0]), (300, [-2, -2])]
EQUAL_AFTER: list[Group] = [(300, [-1, -1]), (300, [-3, -3]), (700, [1, -1])]
FAR: list[Group] = [
    (500, [3, -3]),
    (450, [-1, -1]),
    (250, [-4, -4]),
    (400, [-3, -2]),
    (50, [-30, -20]),
]
# Two of few steps and many seeds: their steps added up are more than those of one run.
MANY_SEEDS: list[Group] = [
    (300, [0, 0]),
    (250, [-1]),
    (100, [-1, -1, -1, -2]),
    (150, [-2, -1, 0]),
    (50, [-3, -3, -4]),  # its mean is near only if it is rounded
]
NAMES = ["base", "low rate", "high rate", "long", "kept", "cut", "half", "large"]
NAMES += ["short", "small", "warm", "cold", "deep", "wide", "frozen", "mixed", "clean"]
NAMES += ["more data", "less data", "smooth", "plain"]


def make_inputs(seed: int) -> Inputs:
    """Trials in which one run, a median, a sum or the first seed mislead."""
    rng = np.random.default_rng(seed)
    cases = []
    for groups, shuffled in (
        (SMALL, True),
        (LARGE, True),
        (EQUAL, False),
        (EQUAL_AFTER, False),
        (FAR, True),
        (MANY_SEEDS, True),
    ):
        best = int(rng.integers(50, 70))
        names = rng.permutation(NAMES)[: len(groups)].tolist()
        if groups is EQUAL:  # by the alphabet the first one is not the best
            names[:2] = sorted(names[:2])
        steps = 5 * int(rng.integers(10, 30))
        trials: list[dict[str, Any]] = [
            {
                "name": name,
                "seed": seed,
                "steps": n // 50 * steps,
                "score": best + score,
            }
            for name, (n, scores) in zip(names, groups, strict=True)
            for seed, score in enumerate(scores)
        ]
        if shuffled:
            trials.sort(key=lambda trial: (trial["seed"], names.index(trial["name"])))
        cases.append({"trials": trials, "near": 3.0})
    return {"cases": cases}


QUESTION = Question(
    id="ex11_3",
    name="choose",
    points=2,
    title="a rule that chooses among trials",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy", "pandas"),
)
