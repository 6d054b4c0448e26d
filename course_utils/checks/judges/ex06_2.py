"""Judge of 6.2, choose among runs."""

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The learning rate of the best run that forgets little enough."""
    forgotten = {
        "nats": lambda run, case: math.log(run["old"] / case["old_before"]),
        "ratio": lambda run, case: run["old"] / case["old_before"] - 1,
        "difference": lambda run, case: run["old"] - case["old_before"],
        "nothing": lambda run, case: 0.0,
    }

    def best(
        case: Case,
        by: Callable[[Case], float] = lambda run: run["validation"],
        measure: str = "nats",
    ) -> float | None:
        allowed = [
            run
            for run in case["runs"]
            if forgotten[measure](run, case) <= case["most_forgotten"]
        ]
        return min(allowed, key=by)["learning_rate"] if allowed else None

    mistakes = [
        (
            lambda case: best(case, measure="nothing"),
            "Nothing is said against forgetting: leave out the runs whose loss on the "
            "old text rose by more than most_forgotten.",
        ),
        (
            lambda case: best(case, by=lambda run: run["train"]),
            "This is chosen by the training perplexity, which falls while a model "
            "learns by heart: choose by validation.",
        ),
        (
            lambda case: best(case, by=lambda run: run["test"]),
            "This is chosen on the test set. Then the test no longer measures "
            "anything: choose by validation.",
        ),
        (
            lambda case: best(case, by=lambda run: run["old"]),
            "This is the run that forgets least, not the one that learned most.",
        ),
        (
            lambda case: best(case, by=lambda run: -run["learning_rate"]),
            "This is the highest allowed rate. Take the run with the lowest "
            "validation perplexity.",
        ),
        (
            lambda case: best(case, measure="ratio"),
            "This compares relative rises of the perplexity. The loss is its "
            "logarithm: the rise in nats is ln(after / before).",
        ),
        (
            lambda case: best(case, measure="difference"),
            "This compares differences of perplexities. The loss is the logarithm of "
            "the perplexity: the rise in nats is ln(after / before).",
        ),
    ]
    otherwise = (
        "Keep the runs with ln(old / old_before) <= most_forgotten. Return the "
        "learning_rate of the one with the lowest validation perplexity, or None."
    )
    return judge_cases(data, inputs["cases"], best, mistakes, otherwise)
