"""MinHash: texts as sets of word n-grams, and sets as short sketches to compare.

The numbers depend on the text alone, so sketches made in different processes, or on
different machines, can be compared.

Source: Broder (1997); Lee et al. (2022), "Deduplicating training data makes language
models better".
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import count

import numpy as np

PERMUTATIONS = 128
# A sketch's estimate of a similarity has a standard error below 0.045; this far below
# the threshold, the exact measure is spared.
MARGIN = 0.2

_WORD = re.compile(r"\w+")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FACTORS, _ADDENDS = np.random.default_rng(0).integers(
    0, 2**32, size=(2, PERMUTATIONS), dtype=np.uint32
)
_FACTORS |= np.uint32(1)  # an odd factor permutes the numbers of 32 bits


def shingles(texts: Sequence[str], size: int = 3) -> list[np.ndarray]:
    """Return each text's set of word n-grams, without case and punctuation.

    An n-gram is a number of 64 bits. Two of ten million n-grams share a number with a
    chance of 1 in 300,000.

    Args:
        texts: documents.
        size: words in an n-gram.

    Returns:
        A sorted uint64 array for each text, never empty.

    Example:
        >>> one, other = shingles(["Will you come?", "will you come today"])
        >>> len(one), len(other), one[0] in other
        (1, 2, True)
    """
    grams, ends = _grams(texts, size)
    return [np.unique(part) for part in np.split(grams, ends[:-1])] if len(ends) else []


def sketches(texts: Sequence[str]) -> np.ndarray:
    """Return the texts' MinHash sketches: equal places estimate Jaccard's similarity.

    Returns:
        uint32 array of shape (texts, 128).

    Example:
        >>> found = sketches(["Will you come?", "will you come", "See you at six"])
        >>> found.shape, (found[0] == found[1]).mean().item()
        ((3, 128), 1.0)
    """
    grams, ends = _grams(texts, 3)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    numbers = (grams >> np.uint64(32)).astype(np.uint32)
    found = np.empty((len(texts), PERMUTATIONS), dtype=np.uint32)
    for k in range(PERMUTATIONS if len(texts) else 0):
        moved = numbers * _FACTORS[k] + _ADDENDS[k]
        found[:, k] = np.minimum.reduceat(moved, starts)
    return found


def band_keys(sketches: np.ndarray, threshold: float) -> np.ndarray:
    """Return a key for each band of a sketch; similar texts share one of them.

    Args:
        sketches: uint32 array of shape (texts, 128).
        threshold: similarity at which 99 of 100 pairs share a key.

    Returns:
        uint64 array of shape (bands, texts).

    Example:
        >>> found = sketches(["Will you come?", "will you come", "See you at six"])
        >>> keys = band_keys(found, 0.7)
        >>> (keys[:, :1] == keys[:, 1:]).mean(axis=0)  # the first and each other
        array([1., 0.])
    """
    bands, rows = _bands(threshold)
    keys = np.zeros((bands, len(sketches)), dtype=np.uint64)
    for row in range(rows):
        keys ^= sketches[:, row : bands * rows : rows].T
        keys *= _MIX
        keys ^= keys >> np.uint64(29)
    return keys


def meetings(
    keys: np.ndarray, most: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the pairs of places that hold the same key, as (earlier, later) arrays.

    Args:
        keys: uint64 array of shape (texts,), one band's.
        most: pair a text only with the first of its key and so many just before it.

    Example:
        >>> keys = np.array([7, 5, 7, 7], dtype=np.uint64)
        >>> [(a.tolist(), b.tolist()) for a, b in meetings(keys)]
        [([0, 2], [2, 3]), ([0], [3])]
    """
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    is_first = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    run = np.maximum.accumulate(np.where(is_first, np.arange(len(keys)), 0))
    since = np.arange(len(keys)) - run  # how many texts share the key before this
    places = np.flatnonzero(since)
    if most is not None:
        yield order[run[places]], order[places]
    shift = 1
    while len(places) and (most is None or shift <= most):
        yield order[places - shift], order[places]
        shift += 1
        places = places[since[places] >= shift]


def estimate(sketches: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the estimated similarity of each text at `a` with that at `b`.

    Example:
        >>> found = sketches(["Will you come?", "will you come", "See you at six"])
        >>> estimate(found, np.array([0, 0]), np.array([1, 2]))
        array([1., 0.])
    """
    size = 10_000  # not all at once: there may be millions of pairs
    parts = [
        (sketches[a[i : i + size]] == sketches[b[i : i + size]]).mean(axis=1)
        for i in range(0, len(a), size)
    ]
    return np.concatenate([np.empty(0), *parts])


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Return the similarity of two sets of numbers: shared ones over all.

    Example:
        >>> jaccard(np.array([1, 2, 3]), np.array([2, 3, 4]))
        0.5
    """
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)


def _bands(threshold: float) -> tuple[int, int]:
    """Return (bands, rows) that find a pair at the threshold in 99 of 100 cases."""
    for rows in range(12, 1, -1):
        bands = PERMUTATIONS // rows
        if (1 - threshold**rows) ** bands < 0.01:
            return bands, rows
    return PERMUTATIONS, 1


def _grams(texts: Sequence[str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all texts' n-grams as numbers, one after another, and each text's end."""
    # Not `places.__len__`: that circle would keep each call's words until the garbage
    # collector comes.
    places: defaultdict[str, int] = defaultdict(count().__next__)
    ids: list[int] = []
    ends = []
    for text in texts:
        words = _WORD.findall(text.casefold()) or text.split()
        words += [""] * (size - len(words))
        ids.extend(map(places.__getitem__, words))
        ends.append(len(ids))
    digests = (blake2b(word.encode(), digest_size=8).digest() for word in places)
    numbers = np.frombuffer(b"".join(digests), dtype="<u8")[np.array(ids, dtype=int)]
    grams = numbers
    for k in range(1, size):
        grams = grams[:-1] * _MIX
        grams ^= grams >> np.uint64(29)
        grams += numbers[k:]
    grams = grams * _MIX
    grams ^= grams >> np.uint64(32)
    # The last words of a text and the first of the next make no n-gram.
    within = np.ones(len(ids), dtype=bool)
    for k in range(1, size):
        within[np.array(ends, dtype=int) - k] = False
    inside = np.array(ends, dtype=int) - (size - 1) * np.arange(1, len(ends) + 1)
    return grams[within[: len(grams)]], inside
