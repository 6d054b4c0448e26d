"""Judge of 7.5, cut the summary out."""

from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Each row's new tokens up to its end, exact."""

    def width(case: Case) -> int:
        return case["attention_mask"].shape[1]

    def until(ids: list[int], end: int) -> list[int]:
        return ids[: ids.index(end)] if end in ids else ids

    def from_column(case: Case, starts: Any) -> list[list[int]]:
        rows = case["output_ids"].tolist()
        return [
            until(row[i:], case["eos"]) for row, i in zip(rows, starts, strict=True)
        ]

    def rows(case: Case) -> list[list[int]]:
        return case["output_ids"][:, width(case) :].tolist()

    def right(case: Case) -> list[list[int]]:
        return [until(row, case["eos"]) for row in rows(case)]

    def lengths(case: Case) -> list[int]:
        return case["attention_mask"].sum(axis=1).tolist()

    def whole_row(case: Case) -> list[list[int]]:
        whole = case["output_ids"].tolist()
        return [until(row, case["eos"])[width(case) :] for row in whole]

    def until_last(case: Case) -> list[list[int]]:
        cut = []
        for row in rows(case):
            ends = [i for i, token in enumerate(row) if token == case["eos"]]
            cut.append(row[: ends[-1]] if ends else row)
        return cut

    mistakes = [
        (rows, "The rows are not cut: return them up to the first end."),
        (
            lambda case: from_column(case, lengths(case)),
            "Each row is cut at the prompt's own length. The prompts are padded: new "
            "tokens begin behind the width of attention_mask, in every row.",
        ),
        (
            lambda case: from_column(case, [width(case) - n for n in lengths(case)]),
            "The prompt is still there: only the padding before it is cut off.",
        ),
        (
            whole_row,
            "The end is searched in the whole row, and found in the padding on the "
            "left: cut the prompt off first.",
        ),
        (
            lambda case: [
                row[: len(new) + 1]
                for row, new in zip(rows(case), right(case), strict=True)
            ],
            "The end itself is still there: leave it out.",
        ),
        (
            lambda case: [[t for t in row if t != case["eos"]] for row in rows(case)],
            "What comes after the end is still there: cut at the first end instead of "
            "removing all ends.",
        ),
        (
            until_last,
            "The row is cut at the last end: everything after the first one is "
            "padding.",
        ),
        (
            lambda case: [
                new[:-1] if case["eos"] not in row else new
                for row, new in zip(rows(case), right(case), strict=True)
            ],
            "A row without an end loses its last token: keep all of it.",
        ),
        (
            lambda case: from_column(case, [width(case) + 1] * len(right(case))),
            "The first new token is lost: new tokens begin at column width.",
        ),
    ]
    otherwise = (
        "Return one list a row: its tokens from column attention_mask.shape[1] on, up "
        "to the first end, without it."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
