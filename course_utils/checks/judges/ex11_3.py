"""Judge of 11.3, a batch of rows of differing length."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong
from course_utils.checks.probes.ex11_token_ids import END

Row = dict[str, Any]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Padding on the right, a mask from the lengths, -100 where nothing is to learn."""

    def right(
        case: Case,
        *,
        left: bool = False,
        label_filler: int = -100,
        mask: Callable[[list[int]], list[int]] = lambda ids: [1] * len(ids),
        width: int = 0,
    ) -> Row:
        width = width or max(len(row["input_ids"]) for row in case["rows"])

        def stack(rows: list[list[int]], filler: int) -> list[list[int]]:
            filled = [[filler] * (width - len(row)) for row in rows]
            pairs = zip(rows, filled, strict=True)
            return [fill + row if left else row + fill for row, fill in pairs]

        ids = [row["input_ids"] for row in case["rows"]]
        return {
            "input_ids": stack(ids, case["pad_token_id"]),
            "attention_mask": stack([mask(row) for row in ids], 0),
            "labels": stack([row["labels"] for row in case["rows"]], label_filler),
        }

    def no_eos_labels(case: Case) -> Row:
        made = right(case)
        made["labels"] = [
            [-100 if label == case["pad_token_id"] else label for label in row]
            for row in made["labels"]
        ]
        return made

    def labels_of_all(case: Case) -> Row:
        made = right(case)
        labels = np.where(made["attention_mask"], made["input_ids"], -100)
        return {**made, "labels": labels}

    def inverted(case: Case) -> Row:
        made = right(case)
        return {**made, "attention_mask": 1 - np.array(made["attention_mask"])}

    def compared_mask(ids: list[int]) -> list[int]:
        return [int(token != END) for token in ids]

    mistakes = [
        (
            lambda case: right(case, mask=compared_mask),
            "The mask hides real tokens that are the same as the padding: make it "
            "from the rows' lengths.",
        ),
        (
            no_eos_labels,
            "Every end of text has the label -100, the real one too: the model would "
            "never learn to stop.",
        ),
        (
            lambda case: {
                **no_eos_labels(case),
                "attention_mask": right(case, mask=compared_mask)["attention_mask"],
            },
            "Mask and labels are made by comparing with pad_token_id, which real "
            "tokens may have too: make them from the rows' lengths.",
        ),
        (
            lambda case: right(case, label_filler=case["pad_token_id"]),
            "The padding has labels that count: fill labels up with -100.",
        ),
        (
            lambda case: right(case, left=True),
            "The padding is on the left: that is for generating. Train with it on the "
            "right.",
        ),
        (
            labels_of_all,
            "The labels are made anew from input_ids, so the prompts' -100 are gone: "
            "fill up the labels that the rows have.",
        ),
        (inverted, "The mask is the wrong way round: 1 is a token, 0 is padding."),
        (
            lambda case: (
                right(case, mask=lambda ids: [1] * len(ids))
                | {"attention_mask": np.ones_like(right(case)["input_ids"])}
            ),
            "The mask is 1 everywhere: it is 0 where a row was filled up.",
        ),
    ]
    otherwise = (
        "Fill every row up to the longest of the batch, on the right: input_ids with "
        "pad_token_id, attention_mask with 0, labels with -100."
    )
    cases = inputs["cases"]
    problem = form_of(data["batches"], [right(case) for case in cases])
    otherwise = f"{problem} {otherwise}".strip()
    verdict = judge_cases(data["batches"], cases, right, mistakes, otherwise)
    if verdict.right and not all(data["tensors"]):
        case = data["tensors"].index(False)
        return wrong(
            "The values are right: return them as tensors of whole numbers.",
            **cases[case],
            got=data["batches"][case],
        )
    return verdict


def form_of(batches: Any, expected: list[Row]) -> str:
    """Return what the shapes of batches are wrong in, or which parts alone are."""
    got = [
        {name: np.array(value) for name, value in batch.items()} for batch in batches
    ]
    wanted = [{name: np.array(v) for name, v in batch.items()} for batch in expected]
    shapes = [
        (g["input_ids"].shape, w["input_ids"].shape)
        for g, w in zip(got, wanted, strict=True)
    ]
    if any(len(g) != 2 for g, _ in shapes):
        return "A batch has two dimensions, rows and tokens."
    if all(g == w[::-1] for g, w in shapes) and any(g != w for g, w in shapes):
        return "The batch stands on its side: its rows are the rows that you are given."
    if any(g[0] != w[0] for g, w in shapes):
        return "The batch does not have as many rows as you are given."
    if any(g[1] < w[1] for g, w in shapes):
        return "Tokens are cut off: the batch is narrower than its longest row."
    if any(g[1] > w[1] for g, w in shapes):
        return "The batch is wider than its longest row."
    pairs = list(zip(got, wanted, strict=True))
    off = [
        name
        for name in wanted[0]
        if any(
            g[name].shape != w[name].shape or (g[name] != w[name]).any()
            for g, w in pairs
        )
    ]
    return f"Only {off[0]} are wrong." if len(off) == 1 else ""
