"""Probe of 13.4, how much data a head start is worth."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Curves that cross the target, go up again, miss it, start below it, meet it."""
    rng = np.random.default_rng(seed)

    def curve(losses: tuple[float, ...]) -> list[list[float]]:
        first = int(rng.integers(2, 9)) * 1000
        noise = rng.uniform(0.98, 1.02, len(losses))
        return [
            [first * 3**i, round(float(loss * shake), 3)]
            for i, (loss, shake) in enumerate(zip(losses, noise, strict=True))
        ]

    falling, bumpy = (7.0, 5.0, 3.6, 2.6), (6.0, 4.1, 2.9, 3.6, 2.4)
    rising = (6.0, 4.1, 4.6, 2.9, 2.4)  # up before it crosses
    cases = [
        {"curve": curve(falling), "target": round(float(rng.uniform(4, 4.6)), 2)},
        {"curve": curve(bumpy), "target": round(float(rng.uniform(3.1, 3.4)), 2)},
        {"curve": curve(falling), "target": 2.1},
        {"curve": curve(falling), "target": 7.5},
        {"curve": (exact := curve(falling)), "target": exact[2][1]},
        {"curve": curve(rising), "target": round(float(rng.uniform(3.1, 3.6)), 2)},
        {"curve": (exact := curve(falling)), "target": exact[-1][1]},
    ]
    return {"cases": cases}


QUESTION = Question(
    id="ex13_4",
    name="break_even",
    points=2,
    title="how much data a head start is worth",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math", "numpy"),
)
