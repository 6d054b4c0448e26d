"""Probe of 6.2, choose among runs."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

# What a run forgot, in parts of the limit. Best is the first; each of the others is
# what another way to choose would take.
JUST_ALLOWED = (0.97, 0.3, 0.5, 0.7, 0.01, 1.5, 2.5, 0.6, 0.4)
IMPROVED = (-1.2, 0.3, 0.5, 0.7, 0.01, 1.5, 2.5, 0.6, 0.4)
NONE_FORGOT_LITTLE = (0.97, 0.3, 0.5, 0.7, 0.2, 1.5, 2.5, 0.6, 0.4)
NONE_ALLOWED = (1.2, 1.6, 3.0)


def make_inputs(seed: int) -> Inputs:
    """Runs whose training, validation and test perplexities disagree.

    Just under the limit in nats is above it as a ratio or in bits; and a run whose old
    text has become better has forgotten nothing.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for parts in (JUST_ALLOWED, IMPROVED, NONE_FORGOT_LITTLE, NONE_ALLOWED):
        n = len(parts)
        limit = round(float(rng.uniform(0.1, 0.3)), 3)
        before = round(float(rng.uniform(20, 40)), 2)
        low, high = rng.uniform(5, 9), rng.uniform(10, 30)

        def column(
            *least: int, low: float = low, high: float = high, n: int = n
        ) -> Any:
            """Return random numbers, the smallest ones at these places, in order."""
            numbers = np.sort(rng.uniform(low, high, n))
            others = rng.permutation([i for i in range(n) if i not in least])
            column = np.empty(n)
            column[[*least, *others]] = numbers
            return column

        if n == 3:  # every run forgets too much
            rates, train, test = (column() for _ in range(3))
            validation = column()
        else:
            rates = column(7, 2, 4, 1, 8, 0, 5, 6)  # the fourth has the highest rate
            train, test = column(6, 1), column(5, 2)
            first = (0, 6, 5) if parts is IMPROVED else (6, 5, 0)
            validation = column(*first, 3, 7)
            validation[8] = high + 1
            train[7] = 2 * high  # the smallest gap to validation
        rates = 10 ** (-5 + 3 * (rates - low) / (high - low))
        runs = [
            {
                "learning_rate": float(f"{rates[i]:.4g}"),
                "train": round(float(train[i]), 3),
                "validation": round(float(validation[i]), 3),
                "test": round(float(test[i]), 3),
                "old": round(float(before * np.exp(parts[i] * limit)), 3),
            }
            for i in rng.permutation(n)
        ]
        cases.append({"old_before": before, "runs": runs, "most_forgotten": limit})
    # A loss that did not rise at all is within a limit of 0.
    before = cases[0]["old_before"]
    columns = (1e-4, 9.5, 1.25), (3e-5, 10.5, 1.0), (1e-5, 12.5, 0.75)
    runs = [
        {
            "learning_rate": rate,
            **{
                name: loss + i for i, name in enumerate(("train", "validation", "test"))
            },
            "old": before * ratio,
        }
        for rate, loss, ratio in columns
    ]
    cases.append({"old_before": before, "runs": runs, "most_forgotten": 0.0})
    return {"cases": cases}


QUESTION = Question(
    id="ex06_2",
    name="best_learning_rate",
    points=2,
    title="choose among runs",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
    errors={
        "empty": "No run may be good enough: return None then.",
        "IndexError": "No run may be good enough: return None then.",
    },
)
