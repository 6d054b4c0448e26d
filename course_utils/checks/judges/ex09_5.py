"""Judge of 9.5, an alarm after the release."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The index at which the alarm rings, or None."""

    def invents(speakers: set[str], named: set[str]) -> int:
        return not named <= speakers

    def ring(
        case: Case,
        bad: Callable[[set[str], set[str]], int] = invents,
        slack: float = 0.0,
        partial: bool = False,
        since_start: bool = False,
        every: int | None = None,
    ) -> int | None:
        window = case["window"]
        flags = [bad(set(r["speakers"]), set(r["named"])) for r in case["records"]]
        first = 0 if partial else window - 1
        for index in range(first, len(flags), every or 1):
            begin = 0 if since_start else max(0, index - window + 1)
            last = flags[begin : index + 1]
            if sum(last) / len(last) + slack > case["limit"]:
                return index
        return None

    def moved(by: Callable[[Case], int]) -> Callable[[Case], int | None]:
        def answer(case: Case) -> int | None:
            index = ring(case)
            return None if index is None else index + by(case)

        return answer

    mistakes = [
        (
            lambda case: ring(case, partial=True),
            "It rings while the window is not full yet: wait for `window` records.",
        ),
        (
            lambda case: ring(case, since_start=True),
            "This is the share since the release: look at the last `window` records.",
        ),
        (
            lambda case: ring(case, slack=1e-9),
            "It rings at the limit already: the share has to be more than limit.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: len(named - speakers)),
            "A summary that invents several names counts once.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: not speakers <= named),
            "These are the summaries that leave speakers out: look for names that are "
            "not among the speakers.",
        ),
        (
            lambda case: ring(case, lambda speakers, named: speakers != named),
            "A summary need not name all speakers: only other names count.",
        ),
        (
            lambda case: ring(case, every=case["window"]),
            "The windows stand side by side: the window moves on with every record.",
        ),
        (
            moved(lambda case: 1 - case["window"]),
            "This is where the window begins: return the index of its last record.",
        ),
        (moved(lambda case: 1), "The index is one too high."),
        (
            lambda case: -1 if ring(case) is None else ring(case),
            "Return None if it never rings: -1 is an index too.",
        ),
    ]
    otherwise = (
        "Return the first index, from window - 1 on, at which more than limit of the "
        "last `window` summaries name somebody who is not among the speakers."
    )
    return judge_cases(data, inputs["cases"], ring, mistakes, otherwise)
