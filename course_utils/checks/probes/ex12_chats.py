"""Made-up chats that exercise 12 summarises."""

import random

import numpy as np


def chats(rng: np.random.Generator, n: int) -> list[tuple[str, str]]:
    """Return pairs of a dialogue and its summary."""
    from course_utils.data.chats import chat

    dice = random.Random(int(rng.integers(2**31)))
    return [(made.dialogue, made.summary) for made in (chat(dice) for _ in range(n))]
