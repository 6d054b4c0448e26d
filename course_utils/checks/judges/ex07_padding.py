"""Rows padded to one length."""

import numpy as np


def padded(sequences: list[list[int]], filler: int, left: bool = False) -> np.ndarray:
    """Stack lists of differing length, filled up on one side."""
    width = max(map(len, sequences))
    out = np.full((len(sequences), width), filler)
    for row, ids in zip(out, sequences, strict=True):
        row[width - len(ids) if left else 0 :][: len(ids)] = ids
    return out
