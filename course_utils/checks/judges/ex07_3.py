"""Judge of 7.3, a batch to train on."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.judges.ex07_padding import padded


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The padded batch, exact; the padding's id is also that of the end."""

    def batch(case: Case, left: bool = False, **changes: Any) -> dict:
        ids = [row["input_ids"] for row in case["rows"]]
        labels = [row["labels"] for row in case["rows"]]
        right = {
            "input_ids": padded(ids, case["pad"], left),
            "attention_mask": padded([[1] * len(row) for row in ids], 0, left),
            "labels": padded(labels, -100, left),
        }
        return right | {name: change(case, right) for name, change in changes.items()}

    def label_by_id(case: Case, right: dict) -> np.ndarray:
        return np.where(right["input_ids"] == case["pad"], -100, right["labels"])

    def mask_by_id(case: Case, right: dict) -> np.ndarray:
        return (right["input_ids"] != case["pad"]).astype(int)

    def pad_labels(case: Case, right: dict) -> np.ndarray:
        padding = right["attention_mask"] == 0
        return np.where(padding, case["pad"], right["labels"])

    def ids_as_labels(case: Case, right: dict) -> np.ndarray:
        return np.where(right["attention_mask"] == 0, -100, right["input_ids"])

    mistakes = [
        (
            lambda case: batch(case, labels=label_by_id, attention_mask=mask_by_id),
            "Padding is recognised by its id, which the true ends have too: mask and "
            "labels go by the length of each row.",
        ),
        (
            lambda case: batch(case, labels=label_by_id),
            "A label of -100 by the padding's id hides the true ends: the model never "
            "learns to stop. Go by the length of each row.",
        ),
        (
            lambda case: batch(case, attention_mask=mask_by_id),
            "The mask hides the true ends, because it goes by the padding's id: go by "
            "the length of each row.",
        ),
        (
            lambda case: batch(case, labels=pad_labels),
            "The model is asked to predict the padding: fill the labels up with -100.",
        ),
        (
            lambda case: batch(case, labels=lambda _, right: right["input_ids"]),
            "The labels are copies of input_ids, so the loss counts the prompt and the "
            "padding: take each row's own labels.",
        ),
        (
            lambda case: batch(case, labels=ids_as_labels),
            "The labels of the prompt are lost: take each row's own labels, not "
            "input_ids.",
        ),
        (
            lambda case: batch(case, left=True),
            "The rows are padded on the left. That is for generation: here the "
            "padding goes to the right.",
        ),
        (
            lambda case: batch(
                case, attention_mask=lambda _, right: np.ones_like(right["labels"])
            ),
            "The mask is 1 everywhere: it has to be 0 on padding.",
        ),
    ]
    otherwise = (
        "Return a dict of three integer tensors of shape (rows, tokens of the longest "
        "row): each row's own values, then pad_token_id, 0 and -100."
    )
    return judge_cases(data, inputs["cases"], batch, mistakes, otherwise)
