"""Judge of 7.4, a batch to generate from."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.judges.ex07_padding import padded


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The batch to generate from, exact."""

    def batch(case: Case, left: bool = True, **changes: Any) -> dict:
        prompts = case["prompts"]
        right = {
            "input_ids": padded(prompts, case["pad"], left),
            "attention_mask": padded([[1] * len(ids) for ids in prompts], 0, left),
            "position_ids": padded([[*range(len(ids))] for ids in prompts], 0, left),
        }
        return right | {name: change(right) for name, change in changes.items()}

    def counted(right: dict) -> np.ndarray:
        return right["attention_mask"].cumsum(axis=1)

    def columns(right: dict) -> np.ndarray:
        return np.indices(right["attention_mask"].shape)[1]

    def by_id(case: Case) -> dict:
        mask = (batch(case)["input_ids"] != case["pad"]).astype(int)
        places = np.maximum(mask.cumsum(axis=1) - 1, 0)
        return batch(case, attention_mask=lambda _: mask, position_ids=lambda _: places)

    def ones_on_padding(right: dict) -> np.ndarray:
        return right["position_ids"] + (right["attention_mask"] == 0)

    def ones(right: dict) -> np.ndarray:
        return np.ones_like(right["input_ids"])

    on_the_right = (
        "The rows are padded on the right: a short prompt would go on after its "
        "padding. Pad on the left."
    )
    mistakes = [
        (lambda case: batch(case, left=False), on_the_right),
        (lambda case: batch(case, left=False, position_ids=columns), on_the_right),
        (
            lambda case: batch(case, position_ids=columns),
            "The positions count the padding too: each prompt's own first token has "
            "position 0.",
        ),
        (
            by_id,
            "Padding is recognised by its id, which a prompt may hold too: go by the "
            "length of each prompt.",
        ),
        (
            lambda case: batch(case, position_ids=counted),
            "The positions start at 1: a prompt's first token has position 0.",
        ),
        (
            lambda case: batch(case, position_ids=lambda right: counted(right) - 1),
            "The position is -1 on padding, and the embedding has no row -1: clamp it "
            "at 0.",
        ),
        (
            lambda case: batch(case, position_ids=ones_on_padding),
            "On padding the position is to be 0.",
        ),
        (
            lambda case: batch(
                case, attention_mask=lambda right: 1 - right["attention_mask"]
            ),
            "The mask is upside down: 1 on the prompt, 0 on padding.",
        ),
        (
            lambda case: batch(case, attention_mask=ones),
            "The mask is 1 everywhere: it has to be 0 on padding.",
        ),
    ]
    otherwise = (
        "Return a dict of three integer tensors of shape (rows, tokens of the longest "
        "prompt): input_ids, attention_mask and position_ids, padded on the left."
    )
    return judge_cases(data, inputs["cases"], batch, mistakes, otherwise)
