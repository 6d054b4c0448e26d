"""What the tiny base reads: pieces of real chats, dialogues, echoes, quizzes, stories.

A document is a row of its own, and there are three ways to make one:

- a *window* of the real chats, from anywhere in them, as a packed block would be: so a
  text that begins in the middle is nothing new;
- a *dialogue*, alone or with something that only repeats it: a report of one of its
  lines (an echo), who took part, or a quiz of who said what;
- a *story*, which retells a chat that is not shown.

The dialogues are lines of real chats, with names and up to six people. With
`tinychats`, half of them, and the stories, come from TinyChats instead: so it is in
tiny-familiar's corpus, and not in tiny-base's. No document holds a dialogue followed by
its recap: that remains for fine-tuning. In half of the documents people bear the
placeholders of `course_utils.data.people`, in order; in the others they have names of
TinyChats, or names that no list holds.

Who said what is learnt in steps. From chats alone, a model of this size stays at
guessing one of the speakers. Word games lead it there: lines of one word, each then
named with its speaker, and longer and longer lines after that.
"""

import random
import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from course_utils.data.chats import NAMES, chat
from course_utils.data.people import PLACEHOLDERS
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
    "window": 0.14,
    "dialogue": 0.14,
    "story": 0.15,
    "closing": 0.09,
    "echo": 0.17,
    "quiz": 0.27,
    "game": 0.04,
}
NATURAL = 0.5  # of the dialogues
PLACED, INVENTED = 0.5, 0.17  # of the documents: with placeholders, with other names

# Where a stage ends, as a share of the budget: short echoes alone, until copying works;
# games of one word a line; games with longer and longer lines, among the documents.
COPYING, ONE_WORD, LONGER = 0.12, 0.18, 0.42
LONGEST = 10  # words of a game's line
SHORTEST = 32  # tokens of a window

Turns = list[tuple[str, str]]

_NAMES = tuple(NAMES)
_ANY_NAME = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")
_SYLLABLES = """
    ba be bo ca che da del do el fa fen ga gre ha hol ja jo ka ker la len lo ma mi mor
    na ni nor pa per ra ri ro sa shi so ta te tor va ven vi wa wen ya zo zu
""".strip().split()
_ENDINGS = ("n", "na", "nda", "l", "la", "lia", "r", "s", "sa", "t", "th", "ne", "ny")


def pick(rng: random.Random, items: Sequence[str]) -> str:
    """Choose one; the same choice on every Python version."""
    return items[int(rng.random() * len(items))]


def sample(rng: random.Random, items: Sequence[str], count: int) -> list[str]:
    """Choose `count` different ones, or some more than once if there are too few."""
    if len(set(items)) < count:
        return [pick(rng, items) for _ in range(count)]
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        chosen[pick(rng, items)] = None
    return list(chosen)


def real_chats(split: str = "train") -> list[str]:
    """Return the real chats of a split, `A: text` lines."""
    from datasets import Dataset

    rows = Dataset.from_parquet(write_local_data(local_data())["chitchat"][split])
    return rows["text"][:]


def chats_to_read() -> list[str]:
    """Return what a base reads, the first nine tenths of the train split.

    The last tenth and the other two splits stay unread: lesson 06 measures forgetting
    on one of them.
    """
    chats = real_chats()
    return chats[: len(chats) * 9 // 10]


class Corpus:
    """Makes documents.

    Args:
        chats: real chats.
        tokenizer: of the base.
        longest: most tokens of a document, its eos included.
        tinychats: whether dialogues and stories of TinyChats are among the documents.
    """

    def __init__(self, chats: Sequence[str], tokenizer, longest: int, tinychats=True):
        self.chats = [text for text in chats if text.count("\n") >= 3]
        self.tokenizer, self.longest = tokenizer, longest
        self.natural = NATURAL if tinychats else 1.0
        kinds = [kind for kind in SHARES if tinychats or kind != "story"]
        self.kinds, self.bounds = kinds, list(accumulate(SHARES[k] for k in kinds))

    @cached_property
    def stream(self) -> list[int]:
        """The tokens of all real chats, one after another with eos between them."""
        rows = self.tokenizer(self.chats)["input_ids"]
        return [i for ids in rows for i in [*ids, self.tokenizer.eos_token_id]]

    @cached_property
    def words(self) -> list[str]:
        """The words of games: those that stand in the real chats often, each once."""
        found = Counter(re.findall(r"\b[a-z]{3,}\b", "\n".join(self.chats)))
        return [word for word, count in found.most_common(3000) if count > 1]

    def documents(
        self, rng: random.Random, done: float, count: int
    ) -> list[tuple[str, list[int]]]:
        """Return kind and tokens of `count` documents, due at a share of the budget."""
        made = [self.document(rng, done) for _ in range(count)]
        texts = [text for _, text in made if text]
        written = iter(self.tokenizer(texts)["input_ids"] if texts else [])
        eos = self.tokenizer.eos_token_id
        return [
            (kind, [*next(written)[: self.longest - 1], eos])
            if text
            else (kind, self.window(rng))
            for kind, text in made
        ]

    def document(self, rng: random.Random, done: float) -> tuple[str, str]:
        """Return kind and text; a window has none: its tokens come from `window`."""
        if done < COPYING:
            kind, text = "echo", short_echo(rng, self.turns(rng))
        elif done < ONE_WORD:
            kind, text = "game", word_game(rng, self.words, longest=1)
        elif done < LONGER and rng.random() < 0.6:
            rise = (done - ONE_WORD) / (LONGER - ONE_WORD)
            longest = 2 + int(rng.random() * (1 + rise * (LONGEST - 2)))
            kind, text = "game", word_game(rng, self.words, longest)
        else:
            kind = self.kinds[bisect(self.bounds, rng.random() * self.bounds[-1])]
            if kind == "window":
                return kind, ""
            text = self.text(rng, kind)
        return kind, with_other_names(rng, text)

    def text(self, rng: random.Random, kind: str) -> str:
        """Return a document of one of the kinds in SHARES, but a window."""
        if kind == "story":
            return chat(rng, "pretrain").story
        if kind == "game":
            return word_game(rng, self.words, 2 + int(rng.random() * (LONGEST - 1)))
        turns = self.turns(rng)
        after = {"closing": closing, "echo": echo, "quiz": quiz}
        if kind == "dialogue":
            return text_of(turns)
        return f"{text_of(turns)}\n{after[kind](rng, turns)}".rstrip()

    def turns(self, rng: random.Random) -> Turns:
        """Return a dialogue: lines of a real chat, or one of TinyChats."""
        if rng.random() < self.natural:
            return natural_turns(rng, self.chats)
        lines = chat(rng, "pretrain").dialogue.split("\n")
        return [tuple(line.split(": ", 1)) for line in lines]

    def window(self, rng: random.Random) -> list[int]:
        """Return tokens from anywhere in the stream; a quarter from a chat's start."""
        if rng.random() < 0.25:
            return self.tokenizer([pick(rng, self.chats)])["input_ids"][0][
                : self.longest
            ]
        length = SHORTEST + int(rng.random() * (self.longest - SHORTEST + 1))
        start = int(rng.random() * max(1, len(self.stream) - length))
        return self.stream[start : start + length]


def natural_turns(
    rng: random.Random, chats: Sequence[str], least: int = 3, most: int = 14
) -> Turns:
    """Return some neighbouring lines of a real chat, with names, of two to six people.

    Each of the chat's two sides is spoken by one to three people. Now and then a line
    is made to call one of the others by name.
    """
    while True:
        lines = pick(rng, chats).split("\n")
        count = least + int(rng.random() ** 1.5 * (most + 1 - least))
        start = int(rng.random() * max(1, len(lines) - count + 1))
        turns = [line.split(": ", 1) for line in lines[start : start + count]]
        turns = [turn for turn in turns if len(turn) == 2]
        if len({side for side, _ in turns}) == 2:
            break
    group = rng.random() < 0.35
    people = sample(rng, _NAMES, 6)
    sides = {
        "A": people[: 1 + int(rng.random() * 3) * group],
        "B": people[3 : 4 + int(rng.random() * 3) * group],
    }
    named, before = [], ""
    for side, text in turns:
        if side != before:  # a side's run of lines stays with one of its people
            who, before = pick(rng, sides[side]), side
        if rng.random() < 0.12:
            other = pick(rng, sides["B" if side == "A" else "A"])
            text = f"{other}, {text}" if rng.random() < 0.5 else f"{text} {other}"
        named.append((who, text))
    return named


def text_of(turns: Turns) -> str:
    """Return `Name: text` lines."""
    return "\n".join(f"{who}: {line}" for who, line in turns)


def people_of(turns: Turns) -> list[str]:
    """Return who speaks, in order of appearance."""
    return list(dict.fromkeys(who for who, _ in turns))


def joined(names: Sequence[str]) -> str:
    """Return "Anna, Tom and Mei"."""
    return f"{', '.join(names[:-1])} and {names[-1]}"


def report(who: str, line: str = "", other: str = "", wording: str = REPORTS[0]) -> str:
    """Say that `who` said `line`, to `other`; without a line, stop before it."""
    return wording.format(who=who, line=line, other=other).rstrip()


def closing(rng: random.Random, turns: Turns) -> str:
    """Say who took part, and in which order."""
    people = people_of(turns)
    return pick(rng, CLOSINGS).format(
        people=joined(people), first=people[0], second=people[1], last=turns[-1][0]
    )


def echo(
    rng: random.Random, turns: Turns, wordings: Sequence[str] = REPORTS, at: int = -1
) -> str:
    """Report one of the turns, the `at`-th or any: one more message, from anybody."""
    who, line = turns[at if at >= 0 else int(rng.random() * len(turns))]
    people = people_of(turns)
    other = next(name for name in people if name != who)
    teller = pick(rng, people if rng.random() < 0.5 else _NAMES)
    return f"{teller}: {report(who, line, other, pick(rng, wordings))}"


def short_echo(rng: random.Random, turns: Turns) -> str:
    """Make one line and its report."""
    at = int(rng.random() * len(turns))
    return f"{text_of([turns[at]])}\n{echo(rng, turns, REPORTS[:-3], at)}"


def quiz(rng: random.Random, turns: Turns) -> str:
    """Say who said some words of up to six of the lines."""
    return named_quotes(rng, turns, 6, 5)


def named_quotes(
    rng: random.Random,
    turns: Turns,
    most: int,
    longest: int,
    wording: str = QUESTION,
) -> str:
    """Say who said some words of up to `most` of the turns, in any order.

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


def word_game(rng: random.Random, vocabulary: Sequence[str], longest: int) -> str:
    """Make 2 to 5 lines of 1 to `longest` random words, and say who said which."""
    people = sample(rng, _NAMES, 2 + int(rng.random() * 3))
    if rng.random() < 0.5:
        people.append(pick(rng, people))
    people.sort(key=lambda _: rng.random())
    words = sample(rng, vocabulary, longest * len(people))
    turns = []
    for i, who in enumerate(people):
        length = 1 + int(rng.random() * longest)
        turns.append((who, " ".join(words[i * longest : i * longest + length])))
    wording = ANSWER if longest == 1 else QUESTION
    named = named_quotes(rng, turns, len(turns), min(longest, 3), wording)
    return f"{text_of(turns)}\n{named}"


def invented_name(rng: random.Random) -> str:
    """Return a name of two to four syllables that no list holds."""
    middle = "".join(pick(rng, _SYLLABLES) for _ in range(1 + (rng.random() < 0.3)))
    return (middle + pick(rng, _SYLLABLES) + pick(rng, _ENDINGS)).capitalize()


def without_names(text: str) -> str:
    """Drop the names of TinyChats."""
    return _ANY_NAME.sub("", text)


def with_other_names(rng: random.Random, text: str) -> str:
    """Give the people of a document other names, or leave them as they are.

    The people are those with names of TinyChats; the order of first appearance decides
    the placeholder.
    """
    kind = rng.random()
    if kind >= PLACED + INVENTED:
        return text
    names: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        if found[0] not in names:
            placeholder = PLACEHOLDERS[len(names) % len(PLACEHOLDERS)]
            names[found[0]] = placeholder if kind < PLACED else invented_name(rng)
        return names[found[0]]

    return _ANY_NAME.sub(other, text)
