"""Judge of 5.2, labels, shift and loss."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong
from course_utils.checks.judges.ex05_cross_entropy import cross_entropy, log_softmax


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The loss of GPT2LMHeadModel, and a tensor to train on."""

    def losses(case: Case, ahead: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return losses at predicting `ahead` tokens ahead, and their labels."""
        logits, labels = case["logits"], case["labels"]
        time = labels.shape[1]
        logits = logits[:, max(0, -ahead) : time - max(0, ahead)]
        labels = labels[:, max(0, ahead) : time - max(0, -ahead)]
        return cross_entropy(logits, labels), labels

    def right(case: Case, ahead: int = 1) -> float:
        values, labels = losses(case, ahead)
        return values[labels != -100].mean()

    def over_all(case: Case) -> float:
        values, labels = losses(case)
        return values[labels != -100].sum() / labels.size

    def mean_of_rows(case: Case) -> float:
        rows = zip(*losses(case), strict=True)
        return np.mean([values[labels != -100].mean() for values, labels in rows])

    def as_token_0(case: Case) -> float:
        return right({**case, "labels": case["labels"].clip(min=0)})

    def softmax_first(case: Case) -> float:
        return right({**case, "logits": np.exp(log_softmax(case["logits"]))})

    mistakes = [
        (
            lambda case: right(case, ahead=0),
            "Nothing is shifted: the logits at position t predict the token at t + 1. "
            "Drop the last logits and the first label.",
        ),
        (
            lambda case: right(case, ahead=-1),
            "The shift goes the wrong way: each position is asked for the token "
            "before it. Drop the last logits and the first label.",
        ),
        (
            lambda case: right(case, ahead=2),
            "Shifted twice: each position is asked for the token after the next.",
        ),
        (
            over_all,
            "The sum is divided by all positions: divide by the number of those "
            "whose label is not -100.",
        ),
        (
            mean_of_rows,
            "This is a mean of the rows' means: rows have unlike numbers of labelled "
            "tokens, so take one mean over all of them.",
        ),
        (
            as_token_0,
            "Positions labelled -100 count as if their label were token 0: leave "
            "them out.",
        ),
        (
            softmax_first,
            "The softmax is applied twice: cross_entropy wants raw logits.",
        ),
        (
            lambda case: losses(case)[0][losses(case)[1] != -100].sum(),
            "This is the sum of the losses: return their mean.",
        ),
    ]
    otherwise = (
        "This is not the mean of -log p(next token) over the labelled positions. "
        "Compare with `model(input_ids, labels=labels).loss` on a small batch."
    )
    verdict = judge_cases(data["losses"], inputs["cases"], right, mistakes, otherwise)
    if verdict.right and not all(data["trainable"]):
        case = data["trainable"].index(False)
        return wrong(
            "The value is right, but nothing can be trained on it: return the tensor "
            "itself, without .item(), .detach(), float() or torch.no_grad().",
            **inputs["cases"][case],
            got=data["losses"][case],
        )
    return verdict
