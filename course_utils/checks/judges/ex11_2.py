"""Judge of 11.2, prompt, mask and end of a row."""

from itertools import zip_longest
from typing import Any

from course_utils.checks.contract import Case, Inputs, Verdict
from course_utils.checks.judges.compare import same, wrong
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex11_2 import QUESTION, tokenizer
from course_utils.checks.probes.ex11_token_ids import END

Row = dict[str, Any]


def parts(dialogue, summary, tokenizer, space=" "):
    """Return the tokens of the dialogue, of the cue, and of the answer with its end."""
    texts = dialogue, "\nTL;DR:", space + summary
    dialogue, cue, answer = (tokenizer(text)["input_ids"] for text in texts)
    return dialogue, cue, [*answer, END]


def row_of(prompt, answer):
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def right(dialogue, summary, tokenizer, max_length, space=" "):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer, space)
    room = max_length - len(cue) - len(answer)
    return row_of(dialogue[-room:] + cue, answer)


rows = Judge(
    QUESTION,
    right,
    "input_ids are the tokens of the dialogue, of the cue, of a space and the summary, "
    "and the end of text. labels are the same, with -100 for all that comes before the "
    "summary.",
)


@rows.mistake(
    "The prompt's labels are not -100: the loss would train the model to write "
    "dialogues."
)
def not_masked(*case):
    row = right(*case)
    return row | {"labels": row["input_ids"]}


@rows.mistake(
    "The end of text has the label -100: the model would never learn to stop."
)
def end_masked(*case):
    row = right(*case)
    return row | {"labels": [*row["labels"][:-1], -100]}


@rows.mistake(
    "The end of text is missing after the summary: the model would never learn to stop."
)
def without_end(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer)
    room = max_length - len(cue) - len(answer) + 1
    return row_of(dialogue[-room:] + cue, answer[:-1])


@rows.mistake("There is no space before the summary: GPT-2's words begin with theirs.")
def without_space(*case):
    return right(*case, space="")


@rows.mistake(
    "The space stands at the end of the prompt, as a token of its own: it belongs to "
    "the summary's first token."
)
def space_in_the_prompt(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(f"{dialogue}\nTL;DR: ")["input_ids"]
    answer = [*tokenizer(summary)["input_ids"], END]
    return row_of(prompt[-(max_length - len(answer)) :], answer)


@rows.mistake("A long row is cut at its end, where its summary is: cut the dialogue.")
def cut_at_the_end(dialogue, summary, tokenizer, max_length):
    row = not_cut(dialogue, summary, tokenizer, max_length)
    return {name: row[name][:max_length] for name in row}


@rows.mistake("A long dialogue loses its end: keep that, and cut its beginning.")
def first_turns(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer)
    room = max_length - len(cue) - len(answer)
    return row_of(dialogue[:room] + cue, answer)


@rows.mistake("A long row is not cut: it may have max_length tokens in all.")
def not_cut(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer)
    return row_of(dialogue + cue, answer)


@rows.mistake("A long row has one token too many: the end of text needs a place too.")
def one_too_long(dialogue, summary, tokenizer, max_length):
    return right(dialogue, summary, tokenizer, max_length + 1)


@rows.mistake(
    "The labels are shifted: give them the places of their tokens. The model shifts "
    "them itself."
)
def shifted(*case):
    row = right(*case)
    return row | {"labels": [*row["labels"][1:], -100]}


@rows.mistake(
    "The prompt's labels are 0, which is a token: -100 marks what the loss leaves out."
)
def masked_by_0(*case):
    row = right(*case)
    return row | {"labels": [max(label, 0) for label in row["labels"]]}


def masked(row, n):
    """Return the row with its first n labels masked."""
    return row | {"labels": [-100] * n + row["input_ids"][n:]}


@rows.mistake("The mask ends one token early: the whole cue belongs to the prompt.")
def mask_too_short(*case):
    row = right(*case)
    return masked(row, row["labels"].count(-100) - 1)


@rows.mistake(
    "The mask ends one token late: the summary's first token is to be learnt."
)
def mask_too_long(*case):
    row = right(*case)
    return masked(row, row["labels"].count(-100) + 1)


@rows.mistake("The mask is the wrong way round: -100 belongs to the prompt.")
def mask_inverted(*case):
    row = right(*case)
    n = row["labels"].count(-100)
    return row | {"labels": row["input_ids"][:n] + [-100] * len(row["labels"][n:])}


@rows.mistake(
    "labels are shorter than input_ids: the prompt needs labels too, of -100."
)
def short_labels(*case):
    row = right(*case)
    return row | {"labels": [label for label in row["labels"] if label != -100]}


@rows.mistake("The cue is cut away with the end of the prompt: cut the beginning.")
def cue_cut(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer)
    return row_of((dialogue + cue)[: max_length - len(answer)], answer)


@rows.mistake("The end of text stands there twice.")
def end_twice(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = parts(dialogue, summary, tokenizer)
    room = max_length - len(cue) - len(answer)
    return row_of(dialogue[-room:] + cue, [*answer, END])


@rows.mistake("Short rows are filled up: that is the work of 11.3.")
def filled_up(dialogue, summary, tokenizer, max_length):
    row = right(dialogue, summary, tokenizer, max_length)
    missing = max_length - len(row["input_ids"])
    return {
        "input_ids": row["input_ids"] + [END] * missing,
        "labels": row["labels"] + [-100] * missing,
    }


@rows.mistake("The labels of the prompt are -1: -100 marks what the loss leaves out.")
def masked_by_minus_1(*case):
    row = right(*case)
    return row | {"labels": [-1 if x == -100 else x for x in row["labels"]]}


@rows.mistake("A long row is one token shorter than it may be.")
def one_too_short(dialogue, summary, tokenizer, max_length):
    return right(dialogue, summary, tokenizer, max_length - 1)


@rows.mistake("The cue's labels are kept: the whole cue belongs to the prompt.")
def cue_learnt(dialogue, summary, tokenizer, max_length):
    _, cue, _ = parts(dialogue, summary, tokenizer)
    row = right(dialogue, summary, tokenizer, max_length)
    return masked(row, row["labels"].count(-100) - len(cue))


@rows.mistake("There is no line break before the cue.")
def without_line_break(dialogue, summary, tokenizer, max_length):
    dialogue, _, answer = parts(dialogue, summary, tokenizer)
    cue = tokenizer("TL;DR:")["input_ids"]
    return row_of(dialogue[-(max_length - len(cue) - len(answer)) :] + cue, answer)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Exact tokens and labels: the prompt masked, the summary and its end kept."""
    verdict, cases = rows(data, inputs), inputs["cases"]
    if verdict.right:
        return verdict
    expected = [
        right(case["dialogue"], case["summary"], tokenizer(), case["max_length"])
        for case in cases
    ]
    return first_difference(verdict.message, data, expected, cases)


def first_difference(
    hint: str, data: list[Row], expected: list[Row], cases: list[Case]
) -> Verdict:
    """Return the hint with the first token that differs: whole lists are too long."""
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


def word(token: int | None) -> str:
    """Return a token's number and its text."""
    named = token is not None and 0 <= token < len(tokenizer())
    return f"{token} {tokenizer().decode([token])!r}" if named else str(token)
