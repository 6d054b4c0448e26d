"""Right and wrong answers to Exercise 7.5, as students write them."""

from itertools import takewhile


def cut_by_takewhile(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.size(1) :]
    return [list(takewhile(lambda t: t != eos_token_id, row)) for row in new.tolist()]


def cut_by_loop(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in output_ids:
        tokens = []
        for token in row[len(attention_mask[0]) :]:
            if token == eos_token_id:
                break
            tokens.append(token.item())
        rows.append(tokens)
    return rows


def _until_end(tokens, eos):
    return list(takewhile(lambda token: token != eos, tokens))


def cut_nothing(output_ids, attention_mask, eos_token_id):
    return output_ids[:, attention_mask.shape[1] :].tolist()


def cut_by_own_length(output_ids, attention_mask, eos_token_id):
    rows = zip(output_ids.tolist(), attention_mask.sum(1).tolist(), strict=True)
    return [_until_end(row[n:], eos_token_id) for row, n in rows]


def cut_keeps_prompt(output_ids, attention_mask, eos_token_id):
    rows = []
    for row, mask in zip(output_ids.tolist(), attention_mask.tolist(), strict=True):
        padding = mask.count(0)
        rows.append(_until_end(row[padding:], eos_token_id))
    return rows


def cut_searches_whole_row(output_ids, attention_mask, eos_token_id):
    width = attention_mask.shape[1]
    rows = []
    for row in output_ids.tolist():
        end = row.index(eos_token_id) if eos_token_id in row else len(row)
        rows.append(row[width:end])
    return rows


def cut_keeps_end(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in output_ids[:, attention_mask.shape[1] :].tolist():
        new = _until_end(row, eos_token_id)
        rows.append(row[: len(new) + 1])
    return rows


def cut_drops_ends(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] :].tolist()
    return [[token for token in row if token != eos_token_id] for row in new]


def cut_at_last_end(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in output_ids[:, attention_mask.shape[1] :].tolist():
        if eos_token_id in row:
            row = row[: len(row) - 1 - row[::-1].index(eos_token_id)]
        rows.append(row)
    return rows


def cut_every_row_ends(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] :].tolist()
    return [row[: row.index(eos_token_id)] for row in new]


def cut_last_token_lost(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in output_ids[:, attention_mask.shape[1] :].tolist():
        end = row.index(eos_token_id) if eos_token_id in row else -1
        rows.append(row[:end])
    return rows


def cut_one_too_late(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] + 1 :].tolist()
    return [_until_end(row, eos_token_id) for row in new]


RIGHT = [cut_by_takewhile, cut_by_loop]
WRONG = [
    (cut_nothing, "up to the first end"),
    (cut_by_own_length, "the prompt's own length"),
    (cut_keeps_prompt, "prompt is still there"),
    (cut_searches_whole_row, "padding on the left"),
    (cut_keeps_end, "The end itself"),
    (cut_drops_ends, "after the end"),
    (cut_at_last_end, "the last end"),
    (cut_every_row_ends, "without an end"),
    (cut_last_token_lost, "loses its last token"),
    (cut_one_too_late, "The first new token"),
]
