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
        "less": lambda run, case: math.nextafter(
            math.log(run["old"] / case["old_before"]), math.inf
        ),
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
            lambda case: best(case) or -1,
            "Where every run forgot too much, return None, and not -1.",
        ),
        (
            lambda case: best(case, by=lambda run: run["validation"] - run["train"]),
            "This is the run with the smallest gap to its training perplexity: take "
            "the lowest validation perplexity.",
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
            lambda case: best(case, measure="less"),
            "A rise of exactly most_forgotten is allowed: compare with <=.",
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
            "The runs that forgot little are left out, and the others kept: it is the "
            "wrong way round, or the rise has the wrong sign. It is ln(after) - "
            "ln(before), and at most most_forgotten.",
        ),
        (
            lambda case: best(case, measure="kept"),
            "These are the runs that forgot too much: leave them out, keep the others.",
        ),
        (
            lambda case: best(case, measure="nothing"),
            "Runs that forgot too much are not left out, or by another column than "
            "`old`: leave out those whose loss on the old text rose by more than "
            "most_forgotten.",
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

    def of_the_run(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say what is wrong with the run that is chosen."""
        said = []
        for rate, right_rate, case in zip(got, expected, cases, strict=True):
            runs = {run["learning_rate"]: run for run in case["runs"]}
            if rate == right_rate:
                continue
            if rate is None:
                said.append("None comes back though a run forgot little enough.")
            elif rate not in runs:
                return "What comes back is the learning rate of no run."
            elif forgotten["nats"](runs[rate], case) > case["most_forgotten"]:
                said.append(
                    "A run is chosen that forgot too much: leave out those with "
                    "ln(old / old_before) > most_forgotten."
                )
            else:
                said.append(
                    "A run is chosen that forgot little enough, and is not the best "
                    "of these: take the lowest validation perplexity, and only that."
                )
        return " ".join(dict.fromkeys(said))

    looks = [(of_the_run, "")]
    return judge_cases(data, inputs["cases"], best, mistakes, otherwise, looks)
