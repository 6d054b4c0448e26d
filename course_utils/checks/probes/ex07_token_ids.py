"""Token ids of exercise 7, and rows of unlike lengths."""

import numpy as np

RAGGED = {
    "expected sequence of length": (
        "Rows differ in length: fill them up to the longest one first."
    ),
}


def some_ids(rng: np.random.Generator, n: int) -> list[int]:
    """Return n token ids, none of them 0."""
    return rng.integers(1, 100, n).tolist()
