"""Judge of 4.2, what a run keeps in memory."""

from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Bytes of weights, gradients and optimizer, exact."""

    def right(
        case: Case,
        copy: int = 2,
        mixed: tuple[str, ...] = ("fp16", "bf16"),
        each: tuple[int, int, int] = (4, 4, 8),
        in_mixed: tuple[int, int, int] | None = None,
        trains: str = "n_trained",
    ) -> dict[str, int]:
        count, trained = case["n_parameters"], case[trains]
        is_mixed = case["precision"] in mixed
        weight, gradient, optimizer = (is_mixed and in_mixed) or each
        return {
            "weights": weight * count + copy * trained * is_mixed,
            "gradients": gradient * trained,
            "optimizer": optimizer * trained,
        }

    half = (
        "Mixed precision does not halve what a run keeps: weights, gradients and "
        "optimizer stay in float32. Only the copies for the products have 16 bits."
    )
    mistakes = [
        (lambda case: right(case, copy=0, in_mixed=(2, 2, 4)), half),
        (lambda case: right(case, copy=0, in_mixed=(2, 2, 8)), half),
        (lambda case: right(case, copy=0, in_mixed=(2, 4, 8)), half),
        (lambda case: right(case, in_mixed=(4, 2, 8)), half),
        (
            lambda case: right(case, copy=0),
            "The 16-bit copies of the weights are missing: 2 bytes for each that is "
            "trained.",
        ),
        (
            lambda case: right(case, mixed=("fp16",)),
            "bf16 is mixed precision, too: it needs the 16-bit copies.",
        ),
        (
            lambda case: right(case, each=(4, 4, 4)),
            "AdamW keeps two numbers for each weight: 8 bytes.",
        ),
        (
            lambda case: right(case, trains="n_parameters"),
            "Frozen parameters have no gradient, no optimizer state and no copy.",
        ),
        (
            lambda case: {
                **right(case),
                "optimizer": right(case, trains="n_parameters")["optimizer"],
            },
            "The optimizer knows only what is trained: frozen parameters have no "
            "state.",
        ),
        (
            lambda case: {
                **right(case),
                "weights": right(case, trains="n_parameters")["weights"],
            },
            "Only weights that are trained have a 16-bit copy that is kept.",
        ),
    ]
    otherwise = (
        "Return a dict with weights, gradients and optimizer, in bytes: 4 a parameter; "
        "4 and 8 a trained one; 2 more a trained weight in mixed precision."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
