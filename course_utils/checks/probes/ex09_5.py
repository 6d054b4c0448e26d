"""Probe of 9.5, an alarm after the release."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex09_names import LONGER, NAMES

Flags = list[int]


def alarm(flags: Flags, window: int, most: int) -> int | None:
    """Return the first index at which more than `most` of the last `window` are 1."""
    ends = range(window - 1, len(flags))
    return next((i for i in ends if sum(flags[i - window + 1 : i + 1]) > most), None)


def ringing_at(rng: np.random.Generator, index: int, window: int, most: int) -> Flags:
    """Return flags of which the alarm rings at `index`, for this one reason.

    The first summary invents, so that a share of all so far rings at once; then there
    are too few for a share since the release. One full window reaches the limit.
    """
    before = index - window + 1
    while True:
        last = rng.permutation([1] * most + [0] * (window - 1 - most)).tolist()
        calm = (rng.random(before) < most / window / 2).astype(int).tolist()
        flags = [1, *calm[1:-1], 0, *last, 1, *rng.integers(0, 2, 4).tolist()]
        reached = any(
            sum(flags[i - window + 1 : i + 1]) == most for i in range(window - 1, index)
        )
        slow = sum(flags[: index + 1]) <= most / window * (index + 1)
        if reached and slow and alarm(flags, window, most) == index:
            return flags


def make_inputs(seed: int) -> Inputs:
    """Alarms after a while, one in the first full window, and one that never rings."""
    rng = np.random.default_rng(seed)
    plans = [([1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0], 4, 2)]
    for window, most in ((4, 1), (4, 2), (5, 2), (5, 1), (8, 3), (8, 2)):
        while True:  # the window moves on with every record, not by its length
            index = int(rng.integers(3 * window, 3 * window + 18))
            if (index + 1) % window:
                break
        plans.append((ringing_at(rng, index, window, most), window, most))
    # Enough of them before the window is full, and as many in it as are allowed.
    plans.append(([1, 1, 1, 0, *rng.integers(0, 2, 6).tolist()], 4, 2))
    plans.append(([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], 5, 1))
    plans.append(([1, 0, 0, 0, 0, 0, 0], 6, 2))
    # It rings late, but it rings, for whom only a summary of strangers alone invents.
    plans.append(([0, 1, 1, 1, 1, 1, 1], 4, 1))
    plans.append(([1, 0, 1, 0, 0, 1, 1, 1], 4, 2))  # with the last record
    cases = []
    for flags, window, most in plans:
        records, styles = [], [0, 0]
        for invents in flags:
            a, b, c, d = rng.choice(NAMES, 4, replace=False).tolist()
            named = (
                ([b, a], [a, b], [b, a], [a, b], [b, a], [a], []),
                ([b, a, c], [a, c], [c, d], [c], [a]),
            )[invents]
            style = named[styles[invents] % len(named)]
            styles[invents] += 1
            first = LONGER[a] if invents and style == [a] else a  # Anna is not Ann
            records.append({"speakers": [first, b], "named": style})
        cases.append({"records": records, "window": window, "limit": most / window})
    return {"cases": cases}


QUESTION = Question(
    id="ex09_5",
    name="first_alarm",
    points=2,
    title="an alarm after the release",
    inputs=make_inputs,
    probe=each_case,
)
