"""Chats that also talk of something else, as most chats do.

A chat of TinyChats says what its summary says, and nothing besides. A model that has
read no others takes every line for news.
"""

import random
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset

LINES = (2, 8)  # the fewest and the most lines that a dialogue gains


def surrounded(rng: random.Random, dialogue: str, talk: str) -> str:
    """Return a dialogue with lines of another chat around it, said by its own people.

    Args:
        rng: decides which lines, by whom, and where the dialogue stands among them.
        dialogue: `Name: text` lines.
        talk: the other chat, such lines too.

    Example:
        >>> rng = random.Random(1)
        >>> print(surrounded(rng, "Ann: Tea?\\nBen: Yes", "A: Hi.\\nB: Hi!"))
        Ben: Hi.
        Ann: Tea?
        Ben: Yes
        Ann: Hi!
    """
    people = list(dict.fromkeys(x.split(": ")[0] for x in dialogue.split("\n")))
    rng.shuffle(people)
    turns = [line.split(": ", 1) for line in talk.split("\n") if ": " in line]
    sides = dict.fromkeys(side for side, _ in turns)
    speakers = dict(zip(sides, cycle(people), strict=False))
    count = rng.randint(*LINES)
    start = rng.randint(0, max(0, len(turns) - count))
    lines = [f"{speakers[who]}: {text}" for who, text in turns[start : start + count]]
    cut = rng.randint(0, len(lines))
    return "\n".join([*lines[:cut], dialogue, *lines[cut:]])


def with_small_talk(
    chats: "Dataset", talks: Sequence[str], *, share: float = 0.3, seed: int = 0
) -> "Dataset":
    """Return the chats, some with lines around them that their summaries leave out.

    Args:
        chats: with a column dialogue.
        talks: other chats, of `Name: text` lines.
        share: of the chats that are surrounded, 0 to 1.
        seed: decides which ones, and by what.

    Raises:
        CourseError: there are no talks.

    Example:
        >>> from datasets import Dataset
        >>> chats = Dataset.from_list([{"dialogue": "Ann: Tea?\\nBen: Yes"}])
        >>> changed = with_small_talk(chats, ["A: Hi.\\nB: Hi!"], share=1)
        >>> changed["dialogue"][0]
        'Ben: Hi.\\nAnn: Tea?\\nBen: Yes\\nAnn: Hi!'
    """
    if not talks:
        raise CourseError("there is no small talk: give at least one chat.")
    rng = random.Random(seed)

    def changed(row: dict[str, str]) -> dict[str, str]:
        if rng.random() >= share:
            return row
        talk = talks[rng.randrange(len(talks))]
        return row | {"dialogue": surrounded(rng, row["dialogue"], talk)}

    from datasets import Dataset

    return Dataset.from_list([changed(row) for row in chats])
