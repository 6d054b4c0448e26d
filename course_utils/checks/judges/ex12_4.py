"""Judge of 12.4, what became worse."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Places where the score fell, the deepest fall first."""

    def change(case: Case) -> np.ndarray:
        return np.array(case["after"]) - np.array(case["before"])

    def right(case: Case, limit: float = 0, k: int = 0) -> list[int]:
        order = np.argsort(change(case), kind="stable")
        fallen = [int(i) for i in order if change(case)[i] < limit]
        return fallen[: k or case["k"]]

    def lowest(case: Case) -> list[int]:
        order = np.argsort(case["after"], kind="stable")
        return [int(i) for i in order][: case["k"]]

    mistakes = [
        (
            lambda case: right(case, limit=np.inf),
            "Examples that did not become worse are in it: there may be fewer than k.",
        ),
        (
            lambda case: right(case, limit=0.5),
            "Examples whose score stayed the same are in it.",
        ),
        (
            lambda case: right(
                {**case, "after": case["before"], "before": case["after"]}
            ),
            "These became better: look for after below before.",
        ),
        (
            lambda case: right(case, k=len(case["before"])),
            "There are more than k: return the k worst.",
        ),
        (
            lambda case: sorted(right(case, k=len(case["before"])))[: case["k"]],
            "They are in the order of the data: the deepest fall comes first.",
        ),
        (
            lambda case: right(case)[::-1],
            "The order is the wrong way round: the deepest fall comes first.",
        ),
        (
            lambda case: right(case, k=len(case["before"]))[::-1][: case["k"]],
            "These are the smallest falls: the deepest comes first.",
        ),
        (
            lambda case: [
                len(case["before"]) - 1 - i
                for i in right(
                    {
                        name: value if name == "k" else value[::-1]
                        for name, value in case.items()
                    }
                )
            ],
            "Equal falls are in reverse: the earlier example comes first.",
        ),
        (lowest, "These have the lowest scores: look for the deepest fall."),
        (
            lambda case: [int(change(case)[i]) for i in right(case)],
            "These are the changes: return the places of the examples.",
        ),
    ]
    otherwise = (
        "Return the places where after is below before, the deepest fall first, at "
        "most k of them."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
