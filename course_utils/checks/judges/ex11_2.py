"""Judge of 11.2, prompt, mask and end of a row."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, same, wrong
from course_utils.checks.probes.ex11_2 import tokenizer
from course_utils.checks.probes.ex11_token_ids import END

Row = dict[str, Any]
Labels = list[int]


def judge(data: Any, inputs: Inputs) -> Verdict:
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
    verdict = judge_cases(data, inputs["cases"], row, mistakes, otherwise)
    if verdict.right:
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
