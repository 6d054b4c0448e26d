"""Find copies, and split data so that no copy leaks from training into the test."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_WORD = re.compile(r"\w+")


def exact_duplicates(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return (first, copy), two positions, for each text that equals an earlier one.

    Example:
        >>> exact_duplicates(["Yes.", "No.", "Yes."])
        [(0, 2)]
    """
    first: dict[str, int] = {}
    places = ((first.setdefault(text, i), i) for i, text in enumerate(texts))
    return [(kept, copy) for kept, copy in places if kept != copy]


def near_duplicates(
    texts: Sequence[str], threshold: float = 0.7
) -> list[tuple[int, int]]:
    """Return the pairs of texts that say nearly the same.

    Two texts are compared as sets of 3-word shingles, without case and punctuation;
    their similarity is Jaccard's: shared shingles over all shingles. MinHash and
    locality-sensitive hashing propose candidates, and each is then measured exactly,
    so that no pair below the threshold is returned; a pair at the threshold is missed
    in less than 1 of 100 cases, one well above it hardly ever.

    Args:
        texts: documents.
        threshold: least similarity of a pair, above 0 and at most 1.

    Returns:
        Sorted (earlier, later) pairs of positions. Of several texts with the same
        shingles, each is paired with the first only.

    Raises:
        CourseError: the threshold is not in this range.

    Example:
        >>> near_duplicates(["Shall we meet at six?", "No.", "shall we meet at six"])
        [(0, 2)]

    Source: Broder (1997); Lee et al. (2022), "Deduplicating training data makes
    language models better"; datasketch, https://ekzhu.com/datasketch.
    """
    first, pairs = similar(texts, threshold)
    return sorted(pairs + [(kept, i) for i, kept in enumerate(first) if kept != i])


def leaks(
    train_texts: Sequence[str], test_texts: Sequence[str], threshold: float = 0.7
) -> list[tuple[int, int]]:
    """Return (train, test) for each test text that has a near duplicate in training.

    A model that has seen the answer scores well without having learnt anything.

    Args:
        train_texts: documents to train on.
        test_texts: documents to test on.
        threshold: least similarity of a pair, as in `near_duplicates`.

    Returns:
        At most one pair of positions for each test text, in the order of these.

    Example:
        >>> leaks(["Shall we meet at six?"], ["No.", "shall we meet at six"])
        [(0, 1)]
    """
    count = len(train_texts)
    first, pairs = similar([*train_texts, *test_texts], threshold)
    seen = {later: earlier for earlier, later in pairs if earlier < count <= later}
    found = []
    for test, kept in enumerate(first[count:]):
        train = kept if kept < count else seen.get(kept)
        if train is not None:
            found.append((train, test))
    return found


def similar(
    texts: Sequence[str], threshold: float
) -> tuple[list[int], list[tuple[int, int]]]:
    """Find near duplicates, taking texts with the same shingles as one.

    Returns:
        For each text the position of the first one with the same shingles; and the
        sorted pairs of near duplicates among these first ones.

    Raises:
        CourseError: the threshold is not above 0 and at most 1.
    """
    from datasketch import MinHash, MinHashLSH

    if not 0 < threshold <= 1:
        raise CourseError(f"threshold is {threshold}: give a number from 0 to 1.")
    sets = list(_shingles(texts))
    place: dict[bytes, int] = {}
    first = [place.setdefault(ids.tobytes(), i) for i, ids in enumerate(sets)]
    distinct = list(place.values())
    permutations = 128
    index = MinHashLSH(num_perm=permutations, params=_bands(threshold, permutations))
    hashes = (_hash32(sets[i]).tolist() for i in distinct)
    sketches = MinHash.generator(hashes, num_perm=permutations, hashfunc=int)
    seen = np.empty((len(distinct), permutations), dtype=np.uint64)
    pairs = []
    for k, sketch in enumerate(sketches):
        near = np.array(index.query(sketch), dtype=np.int64)
        # Texts that share boilerplate make many candidates: the sketches' estimate (its
        # standard error is below 0.045) spares most of them the exact measure.
        estimate = (seen[near] == sketch.hashvalues).mean(axis=1)
        for earlier in near[estimate > threshold - 0.2]:
            pair = distinct[earlier], distinct[k]
            if _jaccard(sets[pair[0]], sets[pair[1]]) >= threshold:
                pairs.append(pair)
        seen[k] = sketch.hashvalues
        index.insert(k, sketch, check_duplication=False)
    return first, sorted(pairs)


def _shingles(texts: Sequence[str], size: int = 3) -> Iterator[np.ndarray]:
    """Yield each text's set of word n-grams, as sorted numbers.

    An n-gram has one number over all texts, so that comparing numbers is exact.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    ids: list[int] = []
    ends = []
    for text in texts:
        words = _WORD.findall(text.casefold()) or text.split()
        words += [""] * (size - len(words))
        ids.extend(map(numbers.__getitem__, words))
        ends.append(len(ids))
    word_ids = np.array(ids, dtype=np.int64)
    grams = word_ids
    for k in range(1, size):
        if len(grams) and int(grams.max()) > 2**62 // len(numbers):
            grams = np.unique(grams, return_inverse=True)[1]  # small numbers again
        grams = grams[:-1] * len(numbers) + word_ids[k:]
    start = 0
    for end in ends:
        yield np.unique(grams[start : end - size + 1])
        start = end


def _hash32(ids: np.ndarray) -> np.ndarray:
    """Spread numbers over 32 bits, as MinHash needs (multiplicative hashing)."""
    return (ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)


def _bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Return (bands, rows) that find a pair at the threshold in 99 of 100 cases."""
    for rows in range(12, 1, -1):
        bands = permutations // rows
        if (1 - threshold**rows) ** bands < 0.01:
            return bands, rows
    return permutations, 1


def _jaccard(a: np.ndarray, b: np.ndarray) -> float:
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)


def split_documents(
    dataset: "Dataset",
    fractions: tuple[float, float, float] = (0.9, 0.05, 0.05),
    seed: int = 0,
    *,
    column: str = "text",
    threshold: float = 0.7,
) -> "DatasetDict":
    """Split by document, with near duplicates on the same side.

    Args:
        dataset: one document a row.
        fractions: shares of train, validation and test; they add up to 1.
        seed: for the order in which documents are dealt out.
        column: the column that holds the text.
        threshold: similarity from which two documents may not be parted.

    Returns:
        A DatasetDict with train, validation and test. Rows keep their order.

    Raises:
        CourseError: the fractions do not add up to 1, or a split would be empty.

    Example:
        >>> from datasets import Dataset
        >>> texts = [f"document {i}" for i in range(20)]
        >>> documents = Dataset.from_dict({"text": texts})
        >>> splits = split_documents(documents, (0.8, 0.1, 0.1))
        >>> [splits[name].num_rows for name in ("train", "validation", "test")]
        [16, 2, 2]
    """
    from datasets import DatasetDict

    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise CourseError(f"fractions {fractions} must add up to 1.")
    texts = text_column(dataset, column)
    groups: dict[int, list[int]] = defaultdict(list)
    for i, root in enumerate(_roots(len(texts), near_duplicates(texts, threshold))):
        groups[root].append(i)
    dealt = list(groups.values())
    order = np.random.default_rng(seed).permutation(len(dealt))
    room = [fraction * len(texts) for fraction in fractions]
    rows: list[list[int]] = [[], [], []]
    # Large groups first: a group goes where the most room is left for it.
    for k in sorted(order, key=lambda k: -len(dealt[k])):
        side = max(range(3), key=lambda s: room[s] - len(rows[s]))
        rows[side].extend(dealt[k])
    names = ("train", "validation", "test")
    for name, part, fraction in zip(names, rows, fractions, strict=True):
        if fraction and not part:
            raise CourseError(
                f"{len(dealt)} different documents are too few: the {name} split "
                "would be empty. Give more documents or set its fraction to 0."
            )
    return DatasetDict(
        {
            name: dataset.select(sorted(part))
            for name, part in zip(names, rows, strict=True)
        }
    )


def _roots(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return the group of each of `count` items, joined by `pairs` (union-find)."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs:
        parent[root(b)] = root(a)
    return [root(i) for i in range(count)]


def text_column(dataset: "Dataset", column: str) -> list[str]:
    """Return a column as a list of strings.

    Raises:
        CourseError: there is no such column, it holds no text, or it has null rows.
    """
    if column not in dataset.column_names:
        names = ", ".join(dataset.column_names)
        raise CourseError(f"no column {column!r} in the data set: it has {names}.")
    texts = dataset[column][:]
    empty = sum(text is None for text in texts)
    if empty:
        raise CourseError(
            f"{empty} of {len(texts)} rows have no {column} (null): drop them with "
            f"dataset.filter(lambda row: row[{column!r}] is not None)."
        )
    if not all(isinstance(text, str) for text in texts):
        raise CourseError(f"column {column!r} holds no text: choose another column.")
    return texts
