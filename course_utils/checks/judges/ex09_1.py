"""Judge of 9.1, a model card without invented figures."""

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Figures as text, exact."""
    none = "not measured"

    def find(case: Case) -> float | None:
        value = case["report"]
        for part in case["path"].split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def figure(
        case: Case,
        is_figure: Callable[[float], bool] = math.isfinite,
        write: Callable[[float], Any] = "{:.1f}".format,
        otherwise: Any = none,
    ) -> Any:
        value = find(case)
        return otherwise if value is None or not is_figure(value) else write(value)

    mistakes = [
        (
            lambda case: figure(case, lambda value: value and math.isfinite(value)),
            "0 is a figure too: ask whether it is None, not whether it is true.",
        ),
        (
            lambda case: figure(case, lambda value: True),
            "NaN and infinity are no figures: nobody measured them.",
        ),
        (
            lambda case: figure(case, otherwise="0.0"),
            "A figure is made up: what is missing is not 0, it is not measured.",
        ),
        (
            lambda case: figure(case, write=str),
            "Write the figure with one digit after the point.",
        ),
        (
            lambda case: figure(case, write=lambda value: round(value, 1)),
            "Return a text in each case, not a number.",
        ),
        (
            lambda case: figure(case, otherwise=None),
            'Return a text in each case: "not measured" if there is no figure.',
        ),
    ]
    otherwise = (
        'Return the number at the end of the path with one digit, such as "41.3". If '
        'it is missing, None, NaN or infinite, return "not measured".'
    )
    return judge_cases(data, inputs["cases"], figure, mistakes, otherwise)
