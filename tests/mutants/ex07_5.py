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


def cut_every_row_ends(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] :].tolist()
    return [row[: row.index(eos_token_id)] for row in new]


RIGHT = [cut_by_takewhile, cut_by_loop]
WRONG = [
    (cut_every_row_ends, "without an end"),
]
