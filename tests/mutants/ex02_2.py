"""Right and wrong answers to Exercise 2.2, as students write them."""

import numpy as np


def _stream(documents, eos):
    return [token for ids in documents for token in [*ids, eos]]


def _rows(stream, size):
    blocks = [stream[i : i + size] for i in range(0, len(stream) - size + 1, size)]
    return [{"input_ids": block, "labels": block.copy()} for block in blocks]


def pack_numpy(documents, eos, block_size):
    stream = np.concatenate([np.array([*ids, eos]) for ids in documents])
    n_blocks = len(stream) // block_size
    blocks = stream[: n_blocks * block_size].reshape(n_blocks, block_size)
    return [{"labels": block, "input_ids": block} for block in blocks]


def pack_as_it_goes(documents, eos, block_size):
    rows, block = [], []
    for ids in documents:
        for token in (*ids, eos):
            block.append(token)
            if len(block) == block_size:
                rows.append({"input_ids": block, "labels": block[:]})
                block = []
    return rows


def pack_eos_between(documents, eos, block_size):
    stream = list(documents[0])
    for ids in documents[1:]:
        stream += [eos, *ids]
    return _rows(stream, block_size)


def pack_eos_before(documents, eos, block_size):
    return _rows([t for ids in documents for t in [eos, *ids]], block_size)


def pack_no_eos(documents, eos, block_size):
    return _rows([token for ids in documents for token in ids], block_size)


def pack_keeps_rest(documents, eos, block_size):
    stream = _stream(documents, eos)
    blocks = [stream[i : i + block_size] for i in range(0, len(stream), block_size)]
    return [{"input_ids": block, "labels": block} for block in blocks]


def pack_pads_rest(documents, eos, block_size):
    stream = _stream(documents, eos)
    while len(stream) % block_size:
        stream.append(eos)
    return _rows(stream, block_size)


def pack_each_alone(documents, eos, block_size):
    return [row for ids in documents for row in _rows([*ids, eos], block_size)]


def pack_like_nanogpt(documents, eos, block_size):
    stream = _stream(documents, eos)
    rows = []
    for i in range(0, len(stream) - block_size + 1, block_size):
        x, y = stream[i : i + block_size], stream[i + 1 : i + 1 + block_size]
        rows.append({"input_ids": x, "labels": y})
    return rows


def pack_shifted_with_mask(documents, eos, block_size):
    rows = _rows(_stream(documents, eos), block_size)
    return [{**row, "labels": [*row["labels"][1:], -100]} for row in rows]


def pack_shifted_with_eos(documents, eos, block_size):
    rows = _rows(_stream(documents, eos), block_size)
    return [{**row, "labels": [*row["labels"][1:], eos]} for row in rows]


def pack_masks_eos(documents, eos, block_size):
    rows = _rows(_stream(documents, eos), block_size)
    for row in rows:
        row["labels"] = [-100 if token == eos else token for token in row["labels"]]
    return rows


def pack_blocks_only(documents, eos, block_size):
    return [row["input_ids"] for row in _rows(_stream(documents, eos), block_size)]


def pack_sliding(documents, eos, block_size):
    stream = _stream(documents, eos)
    blocks = [stream[i : i + block_size] for i in range(len(stream) - block_size + 1)]
    return [{"input_ids": block, "labels": block} for block in blocks]


RIGHT = [pack_numpy, pack_as_it_goes]
WRONG = [
    (pack_eos_between, "put eos after each"),
    (pack_eos_before, "so put it after"),
    (pack_no_eos, "There is no eos"),
    (pack_keeps_rest, "shorter than the others"),
    (pack_pads_rest, "filled up with eos"),
    (pack_each_alone, "cut alone"),
    (pack_like_nanogpt, "labels are shifted"),
    (pack_shifted_with_mask, "labels are shifted"),
    (pack_shifted_with_eos, "labels are shifted"),
    (pack_masks_eos, "labels leave out eos"),
    (pack_blocks_only, "Each is a dict"),
    (pack_sliding, "cut the result into blocks"),
]
