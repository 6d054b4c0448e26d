"""Made-up chats that exercise 11 summarises."""

import random


def chats(seed: int, n: int) -> list[tuple[str, str]]:
    """Return pairs of a dialogue and its summary."""
    from course_utils.data.chats import chat

    rng = random.Random(seed)
    return [(made.dialogue, made.summary) for made in (chat(rng) for _ in range(n))]
