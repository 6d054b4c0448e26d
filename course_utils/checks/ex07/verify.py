"""Exercise 7, summarise: the references, and the mistakes known by their values."""

from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]


def verify_row(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(1, data, inputs["cases"], row, mistakes, otherwise)


def verify_prompt(data: Any, inputs: Inputs) -> Verdict:
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
        2, data, cases, lambda case: last(case, room(case)), mistakes, otherwise
    )


def padded(sequences: list[list[int]], filler: int, left: bool = False) -> np.ndarray:
    """Stack lists of differing length, filled up on one side."""
    width = max(map(len, sequences))
    out = np.full((len(sequences), width), filler)
    for row, ids in zip(out, sequences, strict=True):
        row[width - len(ids) if left else 0 :][: len(ids)] = ids
    return out


def verify_collate(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(2, data, inputs["cases"], batch, mistakes, otherwise)


def verify_left_pad(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(2, data, inputs["cases"], batch, mistakes, otherwise)


def verify_new_tokens(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


VERIFY = {
    "ex07_1": verify_row,
    "ex07_2": verify_prompt,
    "ex07_3": verify_collate,
    "ex07_4": verify_left_pad,
    "ex07_5": verify_new_tokens,
}
