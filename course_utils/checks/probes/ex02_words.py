"""Made-up words that the texts of exercise 2 are made of."""

from itertools import product

import numpy as np

SYLLABLES = ["".join(pair) for pair in product("bdklmnrst", "aeiou")]


def new_words(rng: np.random.Generator, count: int) -> list[str]:
    """Return made-up words, no two alike, in random order."""
    pairs = rng.choice(len(SYLLABLES) ** 2, count, replace=False)
    return [
        "".join(SYLLABLES[i] for i in divmod(int(p), len(SYLLABLES))) for p in pairs
    ]
