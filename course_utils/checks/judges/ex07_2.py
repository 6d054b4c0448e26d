"""Judge of 7.2, truncate the right part."""

from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The prompt's tokens, exact."""

    def room(case: Case) -> int:
        return case["max_length"] - len(case["cue_ids"]) - case["answer_length"]

    def last(case: Case, n: int) -> list[int]:
        ids = case["dialogue_ids"]
        return ids[max(0, len(ids) - n) :] + case["cue_ids"]

    def whole(case: Case) -> list[int]:
        return case["dialogue_ids"] + case["cue_ids"]

    def negative_start(case: Case) -> list[int]:
        ids = case["dialogue_ids"]
        return ids[len(ids) - room(case) :] + case["cue_ids"]

    mistakes = [
        (whole, "Nothing is cut: drop tokens until prompt and answer fit."),
        (
            lambda case: case["dialogue_ids"][: room(case)] + case["cue_ids"],
            "The start of the dialogue is kept and its end dropped: it is the other "
            "way round.",
        ),
        (
            lambda case: whole(case)[: case["max_length"] - case["answer_length"]],
            "The cue is cut off, because the prompt is cut on the right: drop tokens "
            "from the start of the dialogue.",
        ),
        (
            lambda case: case["dialogue_ids"][-room(case) :] + case["cue_ids"],
            "If the room is 0, the whole dialogue comes back: ids[-0:] is all of ids. "
            "Count what to drop at the start instead.",
        ),
        (
            negative_start,
            "A dialogue that is shorter than the room is cut: len(ids) - room is then "
            "negative, and counts from the end.",
        ),
        (
            lambda case: whole(case)[-case["max_length"] :],
            "There is no room for the answer: prompt and answer together have at most "
            "max_length tokens.",
        ),
        (
            lambda case: last(case, case["max_length"] - case["answer_length"]),
            "There is no room for the cue: it counts too.",
        ),
        (
            lambda case: last(case, room(case) - 1),
            "One token more would fit: answer_length has the end in it already.",
        ),
        (
            lambda case: last(case, room(case))[: -len(case["cue_ids"])],
            "The cue is missing: the prompt is the dialogue, then the cue.",
        ),
    ]
    otherwise = (
        "Keep the last max_length - len(cue_ids) - answer_length tokens of the "
        "dialogue, or all if there are fewer, and put the cue behind them."
    )
    cases = inputs["cases"]
    return judge_cases(
        data, cases, lambda case: last(case, room(case)), mistakes, otherwise
    )
