"""A quality filter: a small classifier that tells texts from damaged ones."""

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

BUCKETS = 4096
MOST_BYTES = 600  # of a text, which are enough to judge it


def damaged(text: str, rng: random.Random) -> str:
    """Return a text damaged in one of four ways, as scraped text can be.

    Its words are shuffled, its first line is repeated, it is backwards, or it has
    become a menu of single words.

    Args:
        text: a text of several words.
        rng: chooses the way.

    Example:
        >>> damaged("One line\\nand another", random.Random(1))
        'One line\\nOne line\\nOne line\\nOne line'
    """
    words = text.split()
    kind = rng.choice(("shuffled", "repeated", "backwards", "menu"))
    if kind == "shuffled":
        return " ".join(rng.sample(words, len(words)))
    if kind == "repeated":
        return "\n".join([text.split("\n")[0]] * len(words))
    return text[::-1] if kind == "backwards" else " | ".join(words)


def trigrams(texts: Sequence[str]) -> "torch.Tensor":
    """Return how often each triple of bytes begins a text, in hashed buckets.

    Args:
        texts: documents.

    Returns:
        Square roots of the shares, float32 of shape (texts, BUCKETS).

    Example:
        >>> shares = trigrams(["aaaa", "abcd"]) ** 2
        >>> shares.max(dim=1).values  # twice aaa; abc and bcd
        tensor([1.0000, 0.5000])
    """
    import torch

    found = torch.zeros(len(texts), BUCKETS)
    for row, text in enumerate(texts):
        codes = np.frombuffer(text.encode()[:MOST_BYTES], dtype=np.uint8).astype(int)
        triples = codes[:-2] * 65536 + codes[1:-1] * 256 + codes[2:]
        counts = np.bincount(triples * 2654435761 % 2**32 % BUCKETS, minlength=BUCKETS)
        found[row] = torch.from_numpy(counts / max(1, counts.sum())) ** 0.5
    return found


def quality_filter(
    texts: Sequence[str], is_good: Sequence[bool], steps: int = 100
) -> Callable[[Sequence[str]], np.ndarray]:
    """Train a logistic regression on labelled texts; return what judges others.

    Args:
        texts: documents.
        is_good: of each, whether to keep it.
        steps: of Adam, on all texts at once.

    Returns:
        A function from texts to the probabilities that they are good.
    """
    import torch

    features, wanted = trigrams(texts), torch.tensor(is_good).float()
    weights = torch.zeros(BUCKETS, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([weights, bias], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        scores = features @ weights + bias
        torch.nn.functional.binary_cross_entropy_with_logits(scores, wanted).backward()
        optimizer.step()

    def judge(others: Sequence[str]) -> np.ndarray:
        with torch.no_grad():
            return (trigrams(others) @ weights + bias).sigmoid().numpy()

    return judge
