"""Judge of 7.1, mask the prompt, keep the end."""

from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """input_ids and labels, exact."""

    def row(case: Case, masked: int = 0, filler: int | None = -100) -> dict:
        """Mask the prompt and `masked` tokens more; None leaves it unmasked."""
        prompt, answer = case["prompt_ids"], [*case["summary_ids"], case["eos"]]
        input_ids = prompt + answer
        n = len(prompt) + masked
        labels = input_ids if filler is None else [filler] * n + input_ids[n:]
        return {"input_ids": input_ids, "labels": labels}

    def end_after_prompt(case: Case) -> dict:
        return row(case | {"prompt_ids": [*case["prompt_ids"], case["eos"]]})

    mistakes = [
        (
            lambda case: row(case, filler=None),
            "The prompt's labels are not -100: the loss would train the model to "
            "repeat the dialogue.",
        ),
        (
            lambda case: {name: ids[:-1] for name, ids in row(case).items()},
            "The end is missing: put eos_token_id behind the summary, in both lists.",
        ),
        (
            lambda case: row(case) | {"labels": [*row(case)["labels"][:-1], -100]},
            "The end has the label -100, so the model never learns to stop: its label "
            "is eos_token_id.",
        ),
        (
            lambda case: row(case) | {"labels": [*row(case)["labels"][1:], -100]},
            "The labels are shifted by one. The model does that itself: a label is "
            "the token at the same place.",
        ),
        (
            lambda case: row(case) | {"labels": [*case["summary_ids"], case["eos"]]},
            "There have to be as many labels as tokens: put -100 for each token of "
            "the prompt before them.",
        ),
        (
            lambda case: row(case, masked=1),
            "The first token of the summary is masked too: mask the prompt only.",
        ),
        (
            lambda case: row(case, masked=-1),
            "The last token of the prompt is not masked.",
        ),
        (
            lambda case: row(case, filler=0),
            "Only -100 leaves a label out of the loss: 0 is a token like any other.",
        ),
        (
            end_after_prompt,
            "There is an end between prompt and summary: only the whole row ends.",
        ),
    ]
    otherwise = (
        "Return a dict of two lists. input_ids: prompt, summary, end. labels: -100 "
        "for each token of the prompt, then summary and end."
    )
    return judge_cases(data, inputs["cases"], row, mistakes, otherwise)
