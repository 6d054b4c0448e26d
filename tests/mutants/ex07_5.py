"""Right and wrong answers to Exercise 7.5, as students write them."""

from itertools import takewhile

import numpy as np
import pandas as pd
import torch


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


def cut_numpy(output_ids, attention_mask, eos_token_id):
    new = output_ids.numpy()[:, attention_mask.shape[-1] :]
    ended = np.cumsum(new == eos_token_id, axis=1) > 0
    return [row[~end] for row, end in zip(new, ended, strict=True)]


def cut_torch(output_ids, attention_mask, eos_token_id):
    new = output_ids.narrow(
        1, attention_mask.size(1), output_ids.size(1) - attention_mask.size(1)
    )
    ends = (
        torch.cat([new, torch.full((len(new), 1), eos_token_id)], dim=1) == eos_token_id
    )
    lengths = ends.int().argmax(dim=1)
    return tuple(row[:n] for row, n in zip(new, lengths, strict=True))


def cut_pandas(output_ids, attention_mask, eos_token_id):
    table = pd.DataFrame(output_ids.numpy()).iloc[:, attention_mask.shape[1] :]
    return [
        row[~(row == eos_token_id).cummax()].tolist() for _, row in table.iterrows()
    ]


def cut_generator(output_ids, attention_mask, eos_token_id):
    width = len(attention_mask.T)
    for row in output_ids.tolist():
        new = [*row[width:], eos_token_id]
        yield new[: new.index(eos_token_id)]


def cut_whole_rows(output_ids, attention_mask, eos_token_id):
    return output_ids.tolist()


def cut_joined(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in cut_by_takewhile(output_ids, attention_mask, eos_token_id):
        rows.extend(row)
    return rows


def cut_returns_in_loop(output_ids, attention_mask, eos_token_id):
    for row in cut_by_takewhile(output_ids, attention_mask, eos_token_id):
        return row


def cut_drops_empty(output_ids, attention_mask, eos_token_id):
    rows = cut_by_takewhile(output_ids, attention_mask, eos_token_id)
    return [row for row in rows if row]


def cut_prompts(output_ids, attention_mask, eos_token_id):
    width = attention_mask.shape[1]
    return [
        list(takewhile(lambda t: t != eos_token_id, row))
        for row in output_ids[:, :width].tolist()
    ]


def cut_by_rows_of_mask(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, len(attention_mask) :].tolist()
    return [list(takewhile(lambda t: t != eos_token_id, row)) for row in new]


def cut_append(output_ids, attention_mask, eos_token_id):
    rows = []
    for row in cut_by_takewhile(output_ids, attention_mask, eos_token_id):
        rows = rows.append(row)
    return rows


def cut_printed(output_ids, attention_mask, eos_token_id):
    print(cut_by_takewhile(output_ids, attention_mask, eos_token_id))


def cut_masked_tensor(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] :]
    return new[new != eos_token_id]


def cut_index_of_tensor(output_ids, attention_mask, eos_token_id):
    new = output_ids[:, attention_mask.shape[1] :]
    return [row[: row.index(eos_token_id)] for row in new]


def cut_one_short(output_ids, attention_mask, eos_token_id):
    rows = cut_by_takewhile(output_ids, attention_mask, eos_token_id)
    return [row[:-1] for row in rows]


RIGHT = [cut_by_takewhile, cut_by_loop, cut_numpy, cut_torch, cut_pandas, cut_generator]
WRONG = [
    (cut_every_row_ends, "without an end"),
    (cut_whole_rows, "The whole rows come back"),
    (cut_joined, "The rows are joined"),
    (cut_returns_in_loop, "Only the first row"),
    (cut_drops_empty, "Rows without a token"),
    (cut_prompts, "The prompts come back"),
    (cut_by_rows_of_mask, "the number of rows, shape[0]"),
    (cut_append, "`append` changes"),
    (cut_printed, "`print` shows"),
    (cut_masked_tensor, "Return one list a row"),
    (cut_index_of_tensor, "make lists of the rows"),
    (cut_one_short, "The last token before the end"),
]
