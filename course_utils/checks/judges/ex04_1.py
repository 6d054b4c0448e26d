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
    mistakes: list[tuple[Callable[[Case], Any], str]] = [
        (lambda case: right(case, new=lambda capability: capability > [8, 0]), eight),
        (lambda case: right(case, new=lambda capability: capability[0] > 8), eight),
        (
            lambda case: right(case, new=lambda capability: capability[0] == 8),
            "GPUs after capability 8 have bfloat16 as well: compare with >=.",
        ),
        (
            lambda case: right(case, new=lambda c: f"{c[0]}.{c[1]}" >= "8.0"),
            'GPUs from 10.0 on get "fp16": as text "10.0" is less than "8.0", and no '
            "list of GPUs is complete, so compare numbers.",
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
    names = {"bf16": ("bfloat16", "BF16"), "fp16": ("float16", "FP16", "fp32")}
    names |= {"no": ("None", "fp32", "float32", "none", "NO", "")}

    def renamed(old: str, new: str | None) -> Callable[[Case], str | None]:
        return lambda case: new if right(case) == old else right(case)

    mistakes += [
        (
            renamed(old, new),
            'The names are "bf16", "fp16" and "no", as accelerate knows them.',
        )
        for old, others in names.items()
        for new in others
    ]
    mistakes += [
        (
            renamed("no", None),
            'Without CUDA it returns None: return "no", which means float32.',
        ),
        (
            lambda case: "fp16" if case["device"] == "mps" else right(case),
            'Only CUDA has another precision here: "no" for mps.',
        ),
        (
            lambda case: "bf16" if case["device"] == "mps" else right(case),
            'Only CUDA has another precision here: "no" for mps.',
        ),
        (
            lambda case: "bf16" if case["device"] == "cpu" else right(case),
            'Only CUDA has another precision here: "no" for the CPU.',
        ),
        (
            lambda case: right(case, new=lambda c: c[0] >= 8 and c[1] > 0),
            "8.0, 9.0 and 10.0 have bfloat16, too: compare the pair with >= (8, 0).",
        ),
        (
            lambda case: right(case, new=lambda c: c >= [7, 5]),
            "bfloat16 begins with capability 8.0, not 7.5.",
        ),
        (
            lambda case: right(case, new=lambda c: c[0] >= 7),
            "bfloat16 begins with capability 8.0, not 7.0.",
        ),
        (
            lambda case: right(case, new=lambda c: c == [8, 0]),
            "GPUs after capability 8.0 have bfloat16 as well: compare with >=.",
        ),
        (
            lambda case: right(case, new=lambda c: c[0] < 8),
            "The two are exchanged: bf16 from capability 8.0 on, fp16 below.",
        ),
    ]
    otherwise = 'Return "bf16", "fp16" or "no", by the device and its capability.'
    looks = [(_of_the_kinds, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)


def _of_the_kinds(got: Any, expected: Any, cases: list[Case]) -> str:
    """Say which kinds of devices get a wrong answer, if it is not all of them."""
    kinds = {"bf16": "GPUs from 8.0 on", "fp16": "GPUs below 8.0"}
    if not set(got) <= {"bf16", "fp16", "no"}:
        return ""

    def kind(case: Case, answer: str) -> str:
        return kinds.get(answer, f'"{case["device"]}"')

    triples = list(zip(got, expected, cases, strict=True))
    wrong = {kind(case, e) for g, e, case in triples if g != e}
    right = {kind(case, e) for g, e, case in triples if g == e}
    if wrong == {"GPUs from 8.0 on", "GPUs below 8.0"}:
        return (
            "GPUs are divided wrongly: 8.0 and all above have bfloat16, none below. "
            "Compare the pair, with >= (8, 0)."
        )
    said = f"It is wrong for {' and for '.join(sorted(wrong))}, and nowhere else."
    if wrong & right:
        said = f"It is wrong for some of these: {', '.join(sorted(wrong))}."
    return f'{said} From 8.0 on "bf16", below "fp16", and "no" without CUDA.'
