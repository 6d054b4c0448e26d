"""Right and wrong answers to Exercise 2.2, as students write them."""

from itertools import chain, islice

import numpy as np
import torch


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


def pack_torch(documents, eos, block_size):
    stream = torch.cat(
        [torch.tensor([*ids, eos], dtype=torch.int32) for ids in documents]
    )
    n = len(stream) // block_size
    blocks = stream[: n * block_size].view(n, block_size)
    return [{"input_ids": block, "labels": block.clone()} for block in blocks]


def pack_split(documents, eos, block_size):
    stream = torch.tensor([t for ids in documents for t in (*ids, eos)])
    return [
        dict.fromkeys(("input_ids", "labels"), tuple(block.tolist()))
        for block in stream.split(block_size)
        if len(block) == block_size
    ]


def pack_zip(documents, eos, block_size):
    stream = chain.from_iterable([*ids, eos] for ids in documents)
    blocks = zip(*[stream] * block_size, strict=False)
    return [{"input_ids": list(block), "labels": list(block)} for block in blocks]


def pack_generator(documents, eos, block_size):
    stream = iter(_stream(documents, eos))
    while len(block := list(islice(stream, block_size))) == block_size:
        yield {"input_ids": np.array(block, np.int16), "labels": block}


def pack_one_eos(documents, eos, block_size):
    return _rows([*(t for ids in documents for t in ids), eos], block_size)


def pack_loses_full_block(documents, eos, block_size):
    stream = _stream(documents, eos)
    ends = range(block_size, len(stream), block_size)
    blocks = [stream[end - block_size : end] for end in ends]
    return [{"input_ids": block, "labels": block} for block in blocks]


def pack_without_labels(documents, eos, block_size):
    rows = _rows(_stream(documents, eos), block_size)
    return [{"input_ids": row["input_ids"]} for row in rows]


def pack_one_row(documents, eos, block_size):
    return _rows(_stream(documents, eos), block_size)[0]


def pack_append_is_none(documents, eos, block_size):
    stream = []
    for ids in documents:
        stream += ids.append(eos)
    return _rows(stream, block_size)


def pack_appends_lists(documents, eos, block_size):
    stream = []
    for ids in documents:
        stream.append([*ids, eos])
    return _rows(stream, block_size)


def pack_float_blocks(documents, eos, block_size):
    stream = _stream(documents, eos)
    n_blocks = len(stream) / block_size
    return _rows(stream[: n_blocks * block_size], block_size)


def pack_printed(documents, eos, block_size):
    for row in _rows(_stream(documents, eos), block_size):
        print(row)


def pack_first_label_masked(documents, eos, block_size):
    rows = _rows(_stream(documents, eos), block_size)
    return [{**row, "labels": [-100, *row["labels"][1:]]} for row in rows]


def pack_from_library(documents, eos, block_size):
    from course_utils.data.tokens import pack as their_pack

    return their_pack(documents, eos, block_size)


def pack_skips_empty(documents, eos, block_size):
    stream = [t for d in documents if d for t in [*d, eos]]
    return [
        {"input_ids": stream[i : i + block_size], "labels": stream[i : i + block_size]}
        for i in range(0, len(stream) - block_size + 1, block_size)
    ]


RIGHT = [pack_numpy, pack_as_it_goes, pack_torch, pack_split, pack_zip, pack_generator]
WRONG = [
    (pack_eos_between, "put one after each"),
    (pack_eos_before, "so put it after"),
    (pack_no_eos, "There is no eos"),
    (pack_keeps_rest, "shorter than the others"),
    (pack_pads_rest, "filled up with eos"),
    (pack_each_alone, "cut alone"),
    (pack_like_nanogpt, "labels are shifted"),
    (pack_shifted_with_mask, "labels are shifted"),
    (pack_shifted_with_eos, "labels are shifted"),
    (pack_masks_eos, "labels leave out eos"),
    (pack_blocks_only, "The blocks are right"),
    (pack_sliding, "The blocks overlap"),
    (pack_one_eos, "no eos between the documents"),
    (pack_loses_full_block, "fill the blocks exactly"),
    (pack_without_labels, "There are no labels"),
    (pack_one_row, "returns a dict, where a list"),
    (pack_append_is_none, "`append` changes"),
    (pack_appends_lists, "too few blocks"),
    (pack_float_blocks, "A whole number is needed"),
    (pack_printed, "`print` shows"),
    (pack_first_label_masked, "The first label is -100"),
    (pack_from_library, "write it yourself"),
    (pack_skips_empty, "An empty document"),
]
