"""Judge of 10.3, a diagnosis from the curves."""

import math
from collections.abc import Callable, Iterable
from itertools import permutations
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The word for each run, exact."""
    words = ("nan", "diverged", "stuck", "leak", "overfit")

    def word(
        case: Case, order: Iterable[str] = words, **other: Callable[..., bool]
    ) -> str:
        train, held_out = case["train"], case["held_out"]
        guess = math.log(case["vocab_size"])
        conditions = {
            "nan": lambda train, held, _: not all(map(math.isfinite, train + held)),
            "diverged": lambda train, held, _: train[-1] > train[0] + 0.5,
            "stuck": lambda train, held, guess: train[-1] > 0.95 * guess,
            "leak": lambda train, held, _: held[-1] < train[-1] - 0.5,
            "overfit": lambda train, held, _: held[-1] > min(held) + 0.2,
        } | other
        holds = (name for name in order if conditions[name](train, held_out, guess))
        return next(holds, "fine")

    mistakes = [
        (
            lambda case: word(case, nan=lambda *_: False),
            "NaN is not found: it is equal to nothing, not even to itself. Ask "
            "math.isfinite.",
        ),
        (
            lambda case: word(
                case, nan=lambda train, held, _: any(map(math.isnan, train + held))
            ),
            'Infinite losses are "nan" too.',
        ),
        (
            lambda case: word(case, nan=lambda x, *_: not all(map(math.isfinite, x))),
            "NaN counts in the held-out losses too.",
        ),
        (
            lambda case: word(case, diverged=lambda train, *_: train[-1] > train[0]),
            "A loss that trembles has not diverged: it has to end more than 0.5 above "
            "the first.",
        ),
        (
            lambda case: word(
                case, stuck=lambda train, _, g: train[-1] > 0.95 * g / math.log(2)
            ),
            "Losses are in nats: guessing costs the natural logarithm of vocab_size.",
        ),
        (
            lambda case: word(case, leak=lambda train, held, _: held[-1] < train[-1]),
            "A held-out loss a little below the training loss is no leak: more than "
            "0.5 is.",
        ),
        (
            lambda case: word(
                case, overfit=lambda train, held, _: held[-1] > train[-1] + 0.2
            ),
            "A gap between training and held-out loss is normal: compare the last "
            "held-out loss with its lowest.",
        ),
        (
            lambda case: word(case, overfit=lambda _, held, __: held[-1] > held[-2]),
            "One small rise is noise: the loss has to be more than 0.2 above its "
            "lowest point.",
        ),
        *(
            (
                lambda case, order=order: word(case, order),
                "Several conditions may hold: go by the order of the table.",
            )
            for order in permutations(words)
        ),
    ]
    otherwise = "Go down the table, and return the first word whose condition is met."
    return judge_cases(data, inputs["cases"], word, mistakes, otherwise)
