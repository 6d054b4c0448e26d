"""Judge of 13.1, the same budget, three ways."""

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.probes.ex13_1 import cost

MILLISECONDS = "Milliseconds are compared with seconds: both runs have milliseconds."
SIX = (
    "The 6 of the FLOPs stands on one side alone: both runs cost 6 for each parameter."
)
BUDGETS = "These are the budgets: divide them by what a step of `other` costs."


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Whole steps of the other run, for each meaning of the same budget."""

    def right(
        case: Case,
        rounded: Callable[[float], float] = math.floor,
        without: str = "",
        price: str = "",
        **factors: float,
    ) -> dict[str, float]:
        run, other = ({**case[name]} for name in ("run", "other"))
        if without:
            run[without] = other[without] = 1
        spent, each = cost(run), cost(other)
        return {
            kind: rounded(
                run["steps"]
                * spent[price or kind]
                * factors.get(kind, 1)
                / each[price or kind]
            )
            for kind in spent
        }

    def upside_down(case: Case) -> dict[str, float]:
        run, other = case["run"], case["other"]
        steps = run["steps"]
        return right({"run": {**other, "steps": steps}, "other": run})

    def ratio(case: Case, kind: str) -> float:
        return cost(case["run"])[kind] / cost(case["other"])[kind]

    def acc(case: Case) -> float:
        return case["run"]["accumulation"] / case["other"]["accumulation"]

    def budgets(case: Case) -> dict[str, float]:
        steps = case["run"]["steps"]
        return {kind: steps * spent for kind, spent in cost(case["run"]).items()}

    mistakes = [
        (
            lambda case: right(case, math.ceil),
            "Rounded up, the other run spends more than the budget: round down.",
        ),
        (
            lambda case: right(case, round),
            "Rounded to the nearest, some runs spend more than the budget: round down.",
        ),
        (
            lambda case: right(case, lambda steps: math.floor(steps) + 1),
            "One step too many: the last one goes over the budget.",
        ),
        (
            lambda case: right(case, lambda steps: steps),
            "There is no fraction of a step: round down.",
        ),
        (
            lambda case: right(case, without="accumulation"),
            "Gradient accumulation is missing: a step reads that many batches.",
        ),
        (
            lambda case: right(case, without="parameters"),
            "A token costs more FLOPs in a larger model: 6 for each parameter.",
        ),
        (
            lambda case: right(case, without="block_size"),
            "The block size is missing: a batch has batch_size blocks of that many "
            "tokens.",
        ),
        (
            lambda case: right(case, price="tokens"),
            "All three are the steps of equal tokens: FLOPs and seconds differ.",
        ),
        (
            lambda case: right(case, without="batch_size"),
            "The batch size is missing: a batch has that many blocks.",
        ),
        (
            lambda case: right(case, price="seconds"),
            "All three are the steps of equal time: tokens and FLOPs differ.",
        ),
        (
            lambda case: right(case, price="flops"),
            "All three are the steps of equal FLOPs: tokens and seconds differ.",
        ),
        (
            lambda case: right(case, seconds=1000),
            MILLISECONDS,
        ),
        (
            lambda case: right(case, seconds=0.001),
            MILLISECONDS,
        ),
        (
            lambda case: right(case, flops=6),
            SIX,
        ),
        (
            lambda case: right(case, flops=1 / 6),
            SIX,
        ),
        (
            lambda case: right(case, flops=1 / ratio(case, "tokens")),
            "The FLOPs leave out what a step reads: 6 x parameters x its tokens.",
        ),
        (
            lambda case: right(case, seconds=ratio(case, "tokens")),
            "The milliseconds are those of a step: do not multiply by its tokens.",
        ),
        (
            lambda case: budgets(case) | {"seconds": budgets(case)["seconds"] / 1000},
            BUDGETS,
        ),
        (
            lambda case: right(case) | {"flops": upside_down(case)["flops"]},
            "The ratio of the FLOPs is upside down: what costs less gets more steps.",
        ),
        (
            lambda case: right(case) | {"seconds": case["run"]["steps"]},
            "The seconds of a step differ: fewer milliseconds allow more steps.",
        ),
        (budgets, BUDGETS),
        (
            lambda case: right(
                case, **dict.fromkeys(("tokens", "flops"), acc(case) ** -2)
            ),
            "Accumulation divides here: a step reads that many batches, so multiply.",
        ),
        (
            lambda case: right(
                case, flops=ratio(case, "seconds") / ratio(case, "tokens")
            ),
            "FLOPs are not counted by time: 6 x parameters x tokens of a step.",
        ),
        (
            lambda case: {
                kind: spent // cost(case["other"])[kind]
                for kind, spent in cost(case["run"]).items()
            },
            "One step of `run` is the budget here: multiply by its steps first.",
        ),
        (
            lambda case: {
                kind: case["run"]["steps"] * (spent // cost(case["other"])[kind])
                for kind, spent in cost(case["run"]).items()
            },
            "Rounded too early: multiply by the steps first, and divide last.",
        ),
        (
            lambda case: min(right(case).values()),
            "Return all three, in a dict.",
        ),
        (
            lambda case: dict.fromkeys(right(case), min(right(case).values())),
            "The three comparisons are apart: do not take the least of them.",
        ),
        (upside_down, "The ratio is upside down: what costs less gets more steps."),
        (
            lambda case: dict.fromkeys(cost(case["other"]), case["run"]["steps"]),
            "Equal steps are no equal budget: a step of each run costs something else.",
        ),
    ]
    otherwise = (
        "For each of tokens, flops and seconds: what all steps of `run` cost, divided "
        "by what one step of `other` costs, rounded down."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
