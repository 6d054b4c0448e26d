"""What the tiny base reads: real chats, and generated stories, dialogues and echoes.

A story retells a chat that is not shown, a dialogue stands alone, and an echo repeats
something that was said, word for word, with who said it. So the base can learn to copy
names and words, but no document holds a dialogue followed by its recap: that remains
for fine-tuning.

Who said what is learnt in steps. From chats alone, a model of this size stays at
guessing one of the speakers. Word games lead it there: lines of one word, each then
named with its speaker, and longer and longer lines after that.
"""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate

from course_utils.data.chats import NAMES, chat, families
from course_utils.data.sources import write_local_data
from course_utils.lesson.profile import local_data

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

QUESTION = "Who said {words}? {who}."
ANSWER = "{words} {who}."  # the name right behind the word: the first step

# The share of each kind of document.
SHARES = {
    "real": 0.10,
    "dialogue": 0.17,
    "story": 0.22,
    "quiz": 0.23,
    "game": 0.03,
    "echo": 0.25,
}

# Where a stage ends, as a share of the budget: short echoes alone, until copying works;
# games of one word a line; games with longer and longer lines, among the documents.
COPYING, ONE_WORD, LONGER = 0.12, 0.18, 0.42
LONGEST = 10  # words of a game's line


def pick(rng: random.Random, items: Sequence[str]) -> str:
    """Choose one; the same choice on every Python version."""
    return items[int(rng.random() * len(items))]


def sample(rng: random.Random, items: Sequence[str], count: int) -> list[str]:
    """Choose `count` different ones."""
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        chosen[pick(rng, items)] = None
    return list(chosen)


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


def named_quotes(
    rng: random.Random,
    turns: Sequence[Sequence[str]],
    most: int,
    longest: int,
    wording: str = QUESTION,
) -> str:
    """Say who said some words of up to `most` of the (name, line) turns, in any order.

    Words that another speaker said too are left out.
    """
    said = []
    for who, line in sorted(turns, key=lambda _: rng.random())[:most]:
        words = line.split()
        count = min(len(words), 1 + int(rng.random() * longest))
        start = int(rng.random() * (len(words) - count + 1))
        quote = " ".join(words[start : start + count])
        if not any(quote in other for name, other in turns if name != who):
            said.append(wording.format(words=quote, who=who))
    return " ".join(said)


@cache
def game_words() -> tuple[str, ...]:
    """Return the words that fill the slots of TinyChats, each once."""
    values = (v for f in families() for words in f.slots.values() for v in words)
    return tuple(sorted({word for value in values for word in value.split()}))


def word_game(rng: random.Random, longest: int) -> str:
    """Make 2 to 5 lines of 1 to `longest` random words, and say who said which."""
    people = sample(rng, list(NAMES), 2 + int(rng.random() * 3))
    if rng.random() < 0.5:
        people.append(pick(rng, people))
    people.sort(key=lambda _: rng.random())
    words = sample(rng, game_words(), longest * len(people))
    turns = []
    for i, who in enumerate(people):
        length = 1 + int(rng.random() * longest)
        turns.append((who, " ".join(words[i * longest : i * longest + length])))
    wording = ANSWER if longest == 1 else QUESTION
    named = named_quotes(rng, turns, len(turns), min(longest, 3), wording)
    return "\n".join(f"{who}: {line}" for who, line in turns) + f"\n{named}"


def quiz(rng: random.Random) -> str:
    """Make a chat, and say who said some words of up to five of its lines."""
    dialogue = chat(rng, "pretrain").dialogue
    turns = [line.split(": ", 1) for line in dialogue.split("\n")]
    return f"{dialogue}\n{named_quotes(rng, turns, 5, 5)}".rstrip()


def document(
    rng: random.Random, real: Sequence[str], shares: Mapping[str, float] = SHARES
) -> str:
    """Make one document of the corpus.

    Args:
        rng: decides everything.
        real: pieces of real chats; half of those used get names.
        shares: how often each kind is made, one of SHARES.
    """
    place = rng.random() * sum(shares.values())
    kind = list(shares)[bisect(list(accumulate(shares.values())), place)]
    if kind == "real":
        piece = pick(rng, real)
        return with_names(rng, piece) if rng.random() < 0.5 else piece
    if kind == "dialogue":
        return chat(rng, "pretrain").dialogue
    if kind == "story":
        return chat(rng, "pretrain").story
    if kind == "quiz":
        return quiz(rng)
    if kind == "game":
        return word_game(rng, 2 + int(rng.random() * (LONGEST - 1)))
    return echo(rng)


def lesson(rng: random.Random, real: Sequence[str], done: float) -> str:
    """Make one document as it is due when the share `done` of the budget is used."""
    if done < COPYING:
        return echo(rng, short=True)
    if done < ONE_WORD:
        return word_game(rng, longest=1)
    if done < LONGER and rng.random() < 0.6:
        rise = (done - ONE_WORD) / (LONGER - ONE_WORD)
        return word_game(rng, 2 + int(rng.random() * (1 + rise * (LONGEST - 2))))
    return document(rng, real)
