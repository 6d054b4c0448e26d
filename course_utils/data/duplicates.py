"""Find copies, and split data so that no copy leaks from training into the test."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.data.minhash import (
    MARGIN,
    band_keys,
    estimate,
    jaccard,
    meetings,
    shingles,
    sketches,
)
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


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
    language models better".
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

    Example:
        >>> similar(["a b c d e f", "A, b, c, d, e, f!", "a b c d e f g", "No."], 0.7)
        ([0, 0, 2, 3], [(0, 2)])
    """
    if not 0 < threshold <= 1:
        raise CourseError(f"threshold is {threshold}: give a number from 0 to 1.")
    sets = shingles(texts)
    place: dict[bytes, int] = {}
    first = [place.setdefault(numbers.tobytes(), i) for i, numbers in enumerate(sets)]
    distinct = np.array(list(place.values()), dtype=np.int64)
    sketched = sketches([texts[i] for i in distinct])
    candidates: set[tuple[int, int]] = set()
    for keys in band_keys(sketched, threshold):
        for earlier, later in meetings(keys):
            # Texts that share boilerplate make many candidates, and the estimate
            # spares most of them the exact measure.
            near = estimate(sketched, earlier, later) > threshold - MARGIN
            pairs = distinct[np.stack([earlier[near], later[near]], axis=1)]
            candidates.update(map(tuple, pairs.tolist()))
    near_pairs = (
        (a, b) for a, b in candidates if jaccard(sets[a], sets[b]) >= threshold
    )
    return first, sorted(near_pairs)


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

    Example:
        >>> from datasets import Dataset
        >>> data = Dataset.from_dict({"id": [1, 2], "message": ["Hi!", "Bye."]})
        >>> text_column(data, "message")
        ['Hi!', 'Bye.']
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
