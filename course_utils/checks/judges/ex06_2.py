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
        "bits": lambda run, case: math.log2(run["old"] / case["old_before"]),
        "log10": lambda run, case: math.log10(run["old"] / case["old_before"]),
        "either way": lambda run, case: abs(math.log(run["old"] / case["old_before"])),
        "turned": lambda run, case: math.log(case["old_before"] / run["old"]),
        "kept": lambda run, case: (
            2 * case["most_forgotten"] - math.log(run["old"] / case["old_before"])
        ),
        "absolute": lambda run, case: math.log(run["old"]),
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

    def rate_first(case: Case) -> float | None:
        """Choose first, and look at what was forgotten only then."""
        chosen = min(case["runs"], key=lambda run: run["validation"])
        rose = forgotten["nats"](chosen, case)
        return chosen["learning_rate"] if rose <= case["most_forgotten"] else None

    def whole_run(case: Case) -> Any:
        rate = best(case)
        found = [run for run in case["runs"] if run["learning_rate"] == rate]
        return found[0] if found else None

    def index(case: Case) -> int | None:
        run = whole_run(case)
        return case["runs"].index(run) if run else None

    def validation_itself(case: Case) -> float | None:
        run = whole_run(case)
        return run["validation"] if run else None

    mistakes = [
        (
            lambda case: best(case) or 0.0,
            "Where every run forgot too much, return None, and not 0.",
        ),
        (
            lambda case: best(case) or best(case, measure="nothing"),
            "Where every run forgot too much, return None, and not the best of them.",
        ),
        (
            rate_first,
            "The best run is chosen first, and then it may have forgotten too much: "
            "leave those out before you choose.",
        ),
        (
            lambda case: None,
            "No run is ever good enough for it. What may be at most most_forgotten is "
            "the rise of the loss, ln(old / old_before), not the loss or the "
            "perplexity itself.",
        ),
        (whole_run, "This is the run: return its learning_rate."),
        (index, "This is the run's place in the list: return its learning_rate."),
        (validation_itself, "This is the perplexity: return the run's learning_rate."),
        (
            lambda case: best(case, by=lambda run: -run["validation"]),
            "This is the highest validation perplexity: the lowest is the best.",
        ),
        (
            lambda case: best(case, by=lambda run: run["learning_rate"]),
            "This is the lowest allowed rate. Take the run with the lowest validation "
            "perplexity.",
        ),
        (
            lambda case: best(case, measure="bits"),
            "The rise is measured in bits: nats come from the natural logarithm.",
        ),
        (
            lambda case: best(case, measure="log10"),
            "The rise is measured with log10: nats come from the natural logarithm.",
        ),
        (
            lambda case: best(case, measure="either way"),
            "A run whose loss on the old text fell has forgotten nothing: no abs().",
        ),
        (
            lambda case: best(case, measure="turned"),
            "The rise has the wrong sign: ln(after) - ln(before).",
        ),
        (
            lambda case: best(case, measure="kept"),
            "These are the runs that forgot too much: leave them out, keep the others.",
        ),
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
