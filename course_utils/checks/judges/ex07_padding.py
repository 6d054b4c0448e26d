"""Rows padded to one length."""

from typing import Any

import numpy as np


def type_hint(batches: list[dict[str, Any]]) -> str:
    """Say which values of right batches are no integer tensors, or ""."""
    for key in batches[0]:
        values = [batch[key] for batch in batches]
        if any(not isinstance(value, np.ndarray) for value in values):
            return f"`{key}` is right, but a list: make it a tensor, torch.tensor(...)."
        if any(value.dtype.kind == "f" for value in values):
            return (
                f"`{key}` is right, but of floats: an integer tensor is wanted, such "
                "as .long() gives."
            )
    return ""


def padded(sequences: list[list[int]], filler: int, left: bool = False) -> np.ndarray:
    """Stack lists of differing length, filled up on one side."""
    width = max(map(len, sequences))
    out = np.full((len(sequences), width), filler)
    for row, ids in zip(out, sequences, strict=True):
        row[width - len(ids) if left else 0 :][: len(ids)] = ids
    return out
