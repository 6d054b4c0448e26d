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

# How an echo repeats a line (the last three name whom it was said to, too), and how it
# says who took part.
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
{who} wrote to {other}: {line}
{who} told {other}: {line}
{other} heard this from {who}: {line}
""".strip().splitlines()
CLOSINGS = """
{people} left the chat.
{people} are offline now.
{people} have read this.
This was a chat of {people}.
{first} wrote first, and {last} had the last word.
{second} answered {first}.
{first} began, and {second} answered.
{first} started this chat with {second}.
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


def report(who: str, line: str = "", other: str = "", wording: str = REPORTS[0]) -> str:
    """Say that `who` said `line`, to `other`; without a line, stop before it."""
    return wording.format(who=who, line=line, other=other).rstrip()


def closing(turns: Sequence[Sequence[str]], wording: str) -> str:
    """Say who took part, and in which order, in (name, line) turns."""
    people = list(dict.fromkeys(name for name, _ in turns))
    return wording.format(
        people=joined(people), first=people[0], second=people[1], last=turns[-1][0]
    )


def echo(rng: random.Random, short: bool = False) -> str:
    """Make one of three: a line, or a dialogue, and its report; or who took part.

    The report is one more message, so it may come from anybody.
    """
    source = chat(rng, "pretrain")
    turns = [line.split(": ", 1) for line in source.dialogue.split("\n")]
    who, line = turns[int(rng.random() * len(turns))]
    people = list(dict.fromkeys(name for name, _ in turns))
    kind = rng.random()
    if kind < 0.35 and not short:
        return f"{source.dialogue}\n{closing(turns, pick(rng, CLOSINGS))}"
    is_alone = short or kind < 0.45
    wording = pick(rng, REPORTS[:-3] if is_alone else REPORTS)
    other = next(name for name in people if name != who)
    teller = pick(rng, people if rng.random() < 0.5 else list(NAMES))
    message = f"{teller}: {report(who, line, other, wording)}"
    return f"{f'{who}: {line}' if is_alone else source.dialogue}\n{message}"


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
