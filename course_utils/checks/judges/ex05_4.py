"""Judge of 5.4, perplexity over padding."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """exp of the mean loss over every token that counts."""

    def batches(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(batch["losses"], batch["labels"]) for batch in case["batches"]]

    def rows(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
        return [row for batch in batches(case) for row in zip(*batch, strict=True)]

    def means(parts: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
        return [losses[labels != -100].mean() for losses, labels in parts]

    def mean(case: Case, padding: int = -100) -> float:
        kept = [losses[labels > padding] for losses, labels in batches(case)]
        return np.concatenate(kept).mean(dtype=float)

    mistakes = [
        (
            lambda case: np.exp(mean(case, padding=-101)),
            "The mean includes the padding: divide by the number of labels that are "
            "not -100.",
        ),
        (
            lambda case: np.exp(mean(case, padding=0)),
            "Token 0 is left out, but it is a token like any other: only -100 marks "
            "padding.",
        ),
        (
            lambda case: np.exp(np.mean(means(batches(case)))),
            "This is a mean of the batches' means, so that a small batch counts as "
            "much as a big one: add up losses and tokens over all of them.",
        ),
        (
            lambda case: np.exp(np.mean(means(rows(case)))),
            "This is a mean of the rows' means, so that a short row counts as much "
            "as a long one: add up losses and tokens over all of them.",
        ),
        (
            lambda case: np.mean(np.exp(means(batches(case)))),
            "This is a mean of perplexities: average the losses first, and take exp "
            "once, at the end.",
        ),
        (
            lambda case: np.exp(means(batches(case))[-1]),
            "Only the last batch is in it: add up over all of them.",
        ),
        (mean, "This is the mean loss: perplexity is exp of it."),
        (
            lambda case: 2 ** mean(case),
            "The losses are in nats, so the base is e, not 2.",
        ),
        (
            lambda case: np.exp(sum(losses.sum() for losses, _ in batches(case))),
            "This is exp of the sum: divide by the number of tokens first.",
        ),
    ]
    otherwise = (
        "Perplexity is exp(sum of the losses / number of tokens), both over every "
        "position of every batch whose label is not -100."
    )
    return judge_cases(
        data,
        inputs["cases"],
        lambda case: np.exp(mean(case)),
        mistakes,
        otherwise,
    )
