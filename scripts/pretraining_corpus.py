"""What the tiny base reads: real chats, and generated stories, dialogues and echoes.

A story retells a chat that is not shown, a dialogue stands alone, and an echo repeats
something that was said, word for word, with who said it. So the base can learn to copy
names and words, but no document holds a dialogue followed by its recap: that remains
for fine-tuning.
"""

import random
from collections.abc import Sequence

from course_utils.data.chats import NAMES, chat
from course_utils.data.sources import write_local_data
from course_utils.profile import local_data

# How an echo repeats a line, and how it lists who took part.
REPORTS = """
{who} said: {line}
{who} said: {line}
{who} wrote: {line}
{who} just wrote: {line}
{who} told me: {line}
{who} answered: {line}
This is what {who} said: {line}
What did {who} say? {line}
Look what {who} wrote! {line}
{line} That was {who}.
{line} Those were the words of {who}.
Who said this: {line} It was {who}.
""".strip().splitlines()
CLOSINGS = """
{people} left the chat.
{people} are offline now.
{people} were here.
{people} have read this.
This was a chat of {people}.
Messages by {people}.
""".strip().splitlines()

# The share of each kind among documents; the rest are echoes.
REAL, DIALOGUES, STORIES = 0.10, 0.23, 0.27


def pick(rng: random.Random, items: Sequence[str]) -> str:
    """Choose one; the same choice on every Python version."""
    return items[int(rng.random() * len(items))]


def real_pieces(split: str = "train", lines: int = 8) -> list[str]:
    """Return the real chats of a split, cut into documents of so many lines."""
    from datasets import Dataset

    chats = Dataset.from_parquet(write_local_data(local_data())["chitchat"][split])
    rows = (text.split("\n") for text in chats["text"])
    return ["\n".join(r[i : i + lines]) for r in rows for i in range(0, len(r), lines)]


def with_names(rng: random.Random, piece: str) -> str:
    """Put names in place of the A and B of a real chat."""
    names = {"A": pick(rng, list(NAMES)), "B": pick(rng, list(NAMES))}
    if names["A"] == names["B"]:
        return piece
    turns = (line.partition(": ") for line in piece.split("\n"))
    return "\n".join(names.get(who, who) + colon + text for who, colon, text in turns)


def joined(names: Sequence[str]) -> str:
    """Return "Anna, Tom and Mei"."""
    return f"{', '.join(names[:-1])} and {names[-1]}"


def report(who: str, line: str = "", wording: str = REPORTS[0]) -> str:
    """Say that `who` said `line`; without a line, stop before it."""
    return wording.format(who=who, line=line).rstrip()


def echo(rng: random.Random, short: bool = False) -> str:
    """Make one of three: a line, or a dialogue, and its report; or who took part.

    The report is one more message, so it may come from anybody.
    """
    source = chat(rng, "pretrain")
    turns = [line.split(": ", 1) for line in source.dialogue.split("\n")]
    who, line = turns[int(rng.random() * len(turns))]
    people = list(dict.fromkeys(name for name, _ in turns))
    kind = rng.random()
    if kind < 0.2 and not short:
        return f"{source.dialogue}\n{pick(rng, CLOSINGS).format(people=joined(people))}"
    teller = pick(rng, people if rng.random() < 0.5 else list(NAMES))
    message = f"{teller}: {report(who, line, pick(rng, REPORTS))}"
    before = f"{who}: {line}" if short or kind < 0.4 else source.dialogue
    return f"{before}\n{message}"


def document(rng: random.Random, real: Sequence[str]) -> str:
    """Make one document of the corpus.

    Args:
        rng: decides everything.
        real: pieces of real chats; half of those used get names.
    """
    kind = rng.random()
    if kind < REAL:
        piece = pick(rng, real)
        return with_names(rng, piece) if rng.random() < 0.5 else piece
    if kind < REAL + DIALOGUES:
        return chat(rng, "pretrain").dialogue
    if kind < REAL + DIALOGUES + STORIES:
        return chat(rng, "pretrain").story
    return echo(rng)
