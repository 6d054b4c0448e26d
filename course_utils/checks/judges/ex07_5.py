"""Judge of 7.5, cut the summary out."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_5 import QUESTION


def until(ids, end):
    return ids[: ids.index(end)] if end in ids else ids


def from_columns(output_ids, starts, eos):
    rows = zip(output_ids.tolist(), starts, strict=True)
    return [until(row[start:], eos) for row, start in rows]


def right(output_ids, attention_mask, eos):
    return [until(row, eos) for row in not_cut(output_ids, attention_mask, eos)]


judge = Judge(
    QUESTION,
    right,
    "Return one list a row: its tokens from column attention_mask.shape[1] on, up to "
    "the first end, without it.",
)


@judge.mistake("The rows are not cut: return them up to the first end.")
def not_cut(output_ids, attention_mask, eos):
    return output_ids[:, attention_mask.shape[1] :].tolist()


@judge.mistake(
    "Each row is cut at the prompt's own length. The prompts are padded: new tokens "
    "begin behind the width of attention_mask, in every row."
)
def from_own_length(output_ids, attention_mask, eos):
    return from_columns(output_ids, attention_mask.sum(1).tolist(), eos)


@judge.mistake("The prompt is still there: only the padding before it is cut off.")
def from_the_prompt(output_ids, attention_mask, eos):
    return from_columns(output_ids, (attention_mask == 0).sum(1).tolist(), eos)


@judge.mistake(
    "The end is searched in the whole row, and found in the padding on the left: cut "
    "the prompt off first."
)
def end_of_the_whole_row(output_ids, attention_mask, eos):
    width = attention_mask.shape[1]
    return [until(row, eos)[width:] for row in output_ids.tolist()]


@judge.mistake(
    "A row without an end comes back empty: argmax is 0 where nothing is found. Such a "
    "row gives all of its new tokens."
)
def empty_without_end(*case):
    return [until(row, case[2]) if case[2] in row else [] for row in not_cut(*case)]


@judge.mistake("The end itself is still there: leave it out.")
def with_the_end(*case):
    pairs = zip(not_cut(*case), right(*case), strict=True)
    return [row[: len(new) + 1] for row, new in pairs]


@judge.mistake(
    "What comes after the end is still there: cut at the first end instead of removing "
    "all ends."
)
def without_ends(output_ids, attention_mask, eos):
    rows = not_cut(output_ids, attention_mask, eos)
    return [[token for token in row if token != eos] for row in rows]


@judge.mistake(
    "The row is cut at the last end: everything after the first one is padding."
)
def until_the_last_end(output_ids, attention_mask, eos):
    rows = not_cut(output_ids, attention_mask, eos)
    return [
        row[: len(row) - 1 - row[::-1].index(eos)] if eos in row else row
        for row in rows
    ]


@judge.mistake("A row without an end loses its last token: keep all of it.")
def last_token_lost(output_ids, attention_mask, eos):
    rows = not_cut(output_ids, attention_mask, eos)
    return [until(row, eos) if eos in row else row[:-1] for row in rows]


@judge.mistake("The first new token is lost: new tokens begin at column width.")
def one_column_late(output_ids, attention_mask, eos):
    starts = [attention_mask.shape[1] + 1] * len(output_ids)
    return from_columns(output_ids, starts, eos)


@judge.mistake("The whole rows come back: the prompts are in front of the new tokens.")
def whole_rows(output_ids, attention_mask, eos):
    return output_ids.tolist()


@judge.mistake("Only the first row comes back: return one list a row.")
def first_row(*case):
    return right(*case)[0]


@judge.mistake("The rows are joined: return a list with one list a row.")
def joined(*case):
    return [token for row in right(*case) for token in row]


@judge.mistake("Rows without a token are left out: they give an empty list.")
def without_empty_rows(*case):
    return [row for row in right(*case) if row]


@judge.mistake("The prompts come back: the new tokens are behind them.")
def prompts(output_ids, attention_mask, eos):
    width = attention_mask.shape[1]
    return [until(row, eos) for row in output_ids[:, :width].tolist()]


@judge.mistake("The last token before the end is lost: cut at the end, not before it.")
def one_token_short(*case):
    return [row[:-1] for row in right(*case)]


@judge.mistake("All rows are cut at the same column: each has its own end.")
def same_column(*case):
    rows = right(*case)
    width = min(map(len, rows))
    return [row[:width] for row in rows]


@judge.mistake(
    "Only the ends behind the last other token are taken away: cut at the first end, "
    "whatever comes after it."
)
def stripped(*case):
    rows = not_cut(*case)
    kept = [[i for i, token in enumerate(row) if token != case[2]] for row in rows]
    return [
        row[: max(own, default=-1) + 1] for row, own in zip(rows, kept, strict=True)
    ]


@judge.mistake(
    "The rows are cut at the number of rows, shape[0]: the width is shape[1]."
)
def cut_by_the_rows(output_ids, attention_mask, eos):
    return from_columns(output_ids, [len(attention_mask)] * len(output_ids), eos)


@judge.mistake("After the first row with an end no other row is looked at.")
def until_a_row_ends(*case):
    rows = []
    for row in not_cut(*case):
        rows.append(until(row, case[2]))
        if case[2] in row:
            break
    return rows


@judge.mistake("Each row also holds the rows before it: begin a new list for each.")
def piled_up(*case):
    rows = right(*case)
    return [[t for row in rows[: i + 1] for t in row] for i in range(len(rows))]


@judge.mistake(
    "The prompt's own tokens are still there: the mask says which are padding, and its "
    "width where the new tokens begin."
)
def with_the_prompt(output_ids, attention_mask, eos):
    prompts = (
        row[mask == 1].tolist()
        for row, mask in zip(
            output_ids[:, : attention_mask.shape[1]], attention_mask, strict=True
        )
    )
    answers = without_ends(output_ids, attention_mask, eos)
    return [
        [t for t in p if t != eos] + a for p, a in zip(prompts, answers, strict=True)
    ]
