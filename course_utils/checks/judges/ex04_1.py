"""Judge of 4.1, a precision for the device."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """bf16 from capability 8.0, fp16 below, nothing without CUDA."""

    def right(
        case: Case,
        new: Callable[[list[int]], bool] = lambda capability: capability[0] >= 8,
        other: str = "no",
        old: str = "fp16",
    ) -> str:
        if case["device"] != "cuda":
            return other
        return "bf16" if new(case["capability"]) else old

    eight = "Capability 8.0 has bfloat16, too: compare with >= (8, 0)."
    mistakes = [
        (lambda case: right(case, new=lambda capability: capability > [8, 0]), eight),
        (lambda case: right(case, new=lambda capability: capability[0] > 8), eight),
        (
            lambda case: right(case, new=lambda capability: capability[0] == 8),
            "GPUs after capability 8 have bfloat16 as well: compare with >=.",
        ),
        (
            lambda case: right(case, new=lambda c: f"{c[0]}.{c[1]}" >= "8.0"),
            'Compared as text, "10.0" is less than "8.0": compare numbers.',
        ),
        (
            lambda case: right(case, new=lambda capability: True),
            "Below capability 8.0 a GPU only emulates bfloat16, slowly: use fp16.",
        ),
        (
            lambda case: right(case, new=lambda capability: False),
            "From capability 8.0 on use bf16: it has the range of float32, and needs "
            "no loss scaling.",
        ),
        (
            lambda case: right(case, other="fp16"),
            'Without CUDA, stay with float32: "no".',
        ),
        (
            lambda case: right(case, other="bf16"),
            'Without CUDA, stay with float32: "no".',
        ),
        (
            lambda case: right(case, old="no"),
            "Below 8.0 there is no fast bfloat16, but float16 is fast: use fp16.",
        ),
    ]
    otherwise = 'Return "bf16", "fp16" or "no", by the device and its capability.'
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
