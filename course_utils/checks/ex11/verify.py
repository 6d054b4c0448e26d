"""Exercise 11, SAMSum: the references, and the mistakes that are known by their values.

What was trained is judged in `trained`.
"""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, same, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex11.probe import END, tokenizer
from course_utils.checks.ex11.trained import verify_finetune, verify_summariser

Inputs = dict[str, Any]
Row = dict[str, Any]
Labels = list[int]


def verify_clean(data: Any, inputs: Inputs) -> Verdict:
    """No row without dialogue or summary, plain line ends, no outer white space."""

    def plain(text: str | None) -> str:
        return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()

    def right(
        case: Case,
        tidy: Callable[[str], str] = plain,
        empty: Callable[[str | None], bool] = lambda text: not plain(text),
        both: bool = True,
    ) -> list[Row]:
        return [
            {key: row[key] if key == "id" else tidy(row[key]) for key in row}
            for row in case["rows"]
            if not empty(row["dialogue"]) and not (both and empty(row["summary"]))
        ]

    mistakes = [
        (
            lambda case: right(case, lambda text: text.replace("\r\n", "\n").strip()),
            'A lone "\\r" ends a line too: replace it after "\\r\\n".',
        ),
        (
            lambda case: right(case, lambda text: plain(text.replace("\r", "\n"))),
            'Every "\\r\\n" has become two line breaks: replace it before "\\r".',
        ),
        (
            lambda case: right(case, lambda text: plain(text.replace("\r", ""))),
            'Removing "\\r" joins the lines that end in it alone: make it "\\n".',
        ),
        (
            lambda case: right(case, str.strip),
            'The line ends are still "\\r\\n": make every one of them "\\n".',
        ),
        (
            lambda case: right(
                case, lambda text: text.replace("\r\n", "\n").replace("\r", "\n")
            ),
            "White space is left around the texts: strip dialogue and summary.",
        ),
        (
            lambda case: right(case, lambda text: " ".join(text.split())),
            "The turns have become one line: keep the line breaks inside a dialogue.",
        ),
        (
            lambda case: right(case, empty=lambda text: text is None),
            'Only None is dropped: "" and white space hold no text either.',
        ),
        (
            lambda case: right(case, empty=lambda text: not text),
            "A dialogue of nothing but white space is left: strip first, then drop "
            "what is empty.",
        ),
        (
            lambda case: right(case, lambda text: plain(str(text)), lambda text: False),
            'No row is dropped, and str(None) is the text "None".',
        ),
        (
            lambda case: right(case, both=False),
            "Rows without a summary are left: there is nothing to learn from them.",
        ),
        (
            lambda case: [
                row
                for i, row in enumerate(right(case))
                if row["dialogue"] not in {r["dialogue"] for r in right(case)[:i]}
            ],
            "A row has gone that has both texts: drop none but the empty ones.",
        ),
        (
            lambda case: [
                {key: row[key] for key in ("dialogue", "summary")}
                for row in right(case)
            ],
            "The id is gone: keep every key of a row.",
        ),
    ]
    otherwise = (
        "Drop the rows whose dialogue or summary is None, empty or white space. In the "
        'others make every line end "\\n", strip both texts, and keep the order.'
    )
    return judge_cases(1, data, inputs["cases"], right, mistakes, otherwise)


def verify_encode(data: Any, inputs: Inputs) -> Verdict:
    """Exact tokens and labels: the prompt masked, the summary and its end kept."""

    def row(
        case: Case,
        *,
        space: str = " ",
        end: int = 1,
        cut: Callable[[list[int], int], list[int]] = lambda ids, room: ids[-room:],
        label: Callable[[Labels, Labels], Labels] = lambda ids, labels: labels,
        spare: int = 0,
    ) -> Row:
        texts = (case["dialogue"], "\nTL;DR:", space + case["summary"])
        dialogue, cue, summary = (tokenizer()(text)["input_ids"] for text in texts)
        answer = summary + [END] * end
        room = case["max_length"] + spare - len(cue) - len(answer)
        prompt = cut(dialogue, room) + cue
        ids, labels = prompt + answer, [-100] * len(prompt) + answer
        return {"input_ids": ids, "labels": label(ids, labels)}

    def uncut(ids: list[int], room: int) -> list[int]:
        return ids

    def cut_at_the_end(case: Case) -> Row:
        made = row(case, cut=uncut)
        return {name: made[name][: case["max_length"]] for name in made}

    def labelled(label: Callable[[Labels, Labels], Labels]) -> Callable[[Case], Row]:
        return lambda case: row(case, label=label)

    def moved(by: int) -> Callable[[Labels, Labels], Labels]:
        """Let the loss begin `by` tokens after the cue."""
        return lambda ids, labels: [
            -100 if i < labels.count(-100) + by else token
            for i, token in enumerate(ids)
        ]

    mistakes = [
        (
            labelled(lambda ids, labels: ids),
            "The prompt's labels are not -100: the loss would train the model to "
            "write dialogues.",
        ),
        (
            labelled(lambda ids, labels: [*labels[:-1], -100]),
            "The end of text has the label -100: the model would never learn to stop.",
        ),
        (
            lambda case: row(case, end=0),
            "The end of text is missing after the summary: the model would never "
            "learn to stop.",
        ),
        (
            lambda case: row(case, space=""),
            "There is no space before the summary: GPT-2's words begin with theirs.",
        ),
        (
            cut_at_the_end,
            "A long row is cut at its end, where its summary is: cut the dialogue.",
        ),
        (
            lambda case: row(case, cut=lambda ids, room: ids[:room]),
            "A long dialogue loses its end: keep that, and cut its beginning.",
        ),
        (
            lambda case: row(case, cut=uncut),
            "A long row is not cut: it may have max_length tokens in all.",
        ),
        (
            lambda case: row(case, spare=1),
            "A long row has one token too many: the end of text needs a place too.",
        ),
        (
            labelled(lambda ids, labels: [*labels[1:], -100]),
            "The labels are shifted: give them the places of their tokens. The model "
            "shifts them itself.",
        ),
        (
            labelled(lambda ids, labels: [max(label, 0) for label in labels]),
            "The prompt's labels are 0, which is a token: -100 marks what the loss "
            "leaves out.",
        ),
        (
            labelled(moved(-1)),
            "The mask ends one token early: the whole cue belongs to the prompt.",
        ),
        (
            labelled(moved(1)),
            "The mask ends one token late: the summary's first token is to be learnt.",
        ),
        (
            labelled(
                lambda ids, labels: [
                    token if label == -100 else -100
                    for token, label in zip(ids, labels, strict=True)
                ]
            ),
            "The mask is the wrong way round: -100 belongs to the prompt.",
        ),
        (
            labelled(lambda ids, labels: [label for label in labels if label != -100]),
            "labels are shorter than input_ids: the prompt needs labels too, of -100.",
        ),
    ]
    otherwise = (
        "input_ids are the tokens of the dialogue, of the cue, of a space and the "
        "summary, and the end of text. labels are the same, with -100 for all that "
        "comes before the summary."
    )
    verdict = judge_cases(3, data, inputs["cases"], row, mistakes, otherwise)
    if verdict.points:
        return verdict
    expected = [row(case) for case in inputs["cases"]]
    return first_difference(verdict.message, data, expected, inputs["cases"])


def first_difference(
    hint: str, data: list[Row], expected: list[Row], cases: list[Case]
) -> Verdict:
    """Return the hint with the first token that differs: whole lists are too long."""

    def word(token: int | None) -> str:
        named = token is not None and 0 <= token < len(tokenizer())
        return f"{token} {tokenizer().decode([token])!r}" if named else str(token)

    for got, want, case in zip(data, expected, cases, strict=True):
        for name, tokens in want.items():
            pairs = zip_longest(got[name], tokens)
            for place, (its, ours) in enumerate(pairs):
                if not same(its, ours):
                    return wrong(
                        hint,
                        expected=f"{name}[{place}] = {word(ours)}, of {len(tokens)}",
                        got=f"{name}[{place}] = {word(its)}, of {len(got[name])}",
                        **case,
                    )
    return wrong(hint)


def verify_collate(data: Any, inputs: Inputs) -> Verdict:
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
    verdict = judge_cases(2, data["batches"], cases, right, mistakes, otherwise)
    if verdict.points and not all(data["tensors"]):
        case = data["tensors"].index(False)
        return wrong(
            "The values are right: return them as tensors of whole numbers.",
            **cases[case],
            got=data["batches"][case],
        )
    return verdict


VERIFY = {
    "ex11_1": verify_clean,
    "ex11_2": verify_encode,
    "ex11_3": verify_collate,
    "ex11_4": verify_finetune,
    "ex11_5": verify_summariser,
}
