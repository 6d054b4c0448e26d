"""Made text of any size, with planted near copies: the same for the same seed."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

WORDS, SENTENCES = 50_000, 100_000
LENGTH = 20  # sentences of 16 words, about 2 kB
COPIES = 0.05  # share of documents that are near copies
_LETTERS = "eeeeettttaaaooiinnsshhrrdlucmfwypvbgkjxqz"


def documents(
    count: int, seed: int = 0, length: int = LENGTH
) -> Iterator[tuple[str, int | None]]:
    """Yield texts, each with the number of the earlier one that it is a copy of.

    Words follow Zipf's law, and documents share sentences by chance. In a copy one, two
    or three words of each 64 are others: the similarity is about 0.91, 0.83 or 0.75. As
    many documents share half of their sentences with an earlier one, and are no copies:
    about 0.33.
    """
    rng = random.Random(seed)
    words = ["".join(rng.choices(_LETTERS, k=rng.randint(2, 9))) for _ in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    drawn = rng.choices(words, weights, k=SENTENCES * 16)
    sentences = [
        " ".join(drawn[i : i + 16]).capitalize() + "." for i in range(0, len(drawn), 16)
    ]
    originals: list[tuple[int, list[str]]] = []
    for number in range(count):
        original = None
        parts = rng.choices(sentences, k=length)
        kind = rng.random()
        if originals and kind < 2 * COPIES:
            earlier, kept = rng.choice(originals)
            if kind < COPIES:
                original = earlier
                parts = _edited(kept, rng)
            else:
                parts[: length // 2] = kept[: length // 2]
        elif len(originals) < 1000:
            originals.append((number, parts))
        elif kind > 0.99:
            originals[rng.randrange(1000)] = (number, parts)
        yield " ".join(parts), original


def _edited(sentences: list[str], rng: random.Random) -> list[str]:
    words = " ".join(sentences).split(" ")
    changes = rng.choice((1, 2, 3))
    for start in range(0, len(words), 64):
        # Far enough apart that no n-gram of three words holds two of them.
        for place in range(start + rng.randrange(12), start + 64, 20)[:changes]:
            if place < len(words):
                words[place] = f"edit{rng.randrange(10**6)}"
    return words


def write_jsonl(
    path: Path,
    megabytes: float = math.inf,
    count: int = 10**9,
    *,
    seed: int = 0,
    length: int = LENGTH,
) -> list[int]:
    """Write so much made text, or so many documents, to a file.

    Returns:
        The numbers of the planted copies.
    """
    copies, written = [], 0
    with path.open("w") as file:
        for number, (text, original) in enumerate(documents(count, seed, length)):
            written += file.write(f'{{"text": "{text}"}}\n')
            if original is not None:
                copies.append(number)
            if written >= megabytes * 1e6:
                break
    return copies
