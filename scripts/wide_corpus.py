"""What a wider tiny base reads: the tiny base's corpus, more natural and with people
as placeholders.

To `pretraining_corpus.py` it adds

- windows of real chats that begin anywhere, so that a block from the middle of a text
  is nothing new;
- echoes, quizzes and reports on natural dialogues, of two to six people;
- people as placeholders (`course_utils.data.people`) in half of the documents. In the
  others they have the names of TinyChats, or names that nobody bears.

Nothing here needs torch: these are the functions of the worker processes.
"""

import os
import random
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.data.chats import NAMES, chat
from course_utils.data.people import PLACEHOLDERS, placeholders
from course_utils.data.summaries import CUE
from scripts.pretraining_corpus import (
    CLOSINGS,
    LONGEST,
    REPORTS,
    closing,
    echo,
    named_quotes,
    pick,
    quiz,
    report,
    sample,
    word_game,
)

KINDS = ("echo", "game", "quiz", "dialogue", "story", "natural", "window", "pair")
SHARES = {
    "echo": 0.15,
    "game": 0.04,
    "quiz": 0.15,
    "dialogue": 0.10,
    "story": 0.14,
    "natural": 0.24,  # half of them quizzes and echoes on natural dialogues
    "window": 0.18,
}
# Where a stage ends, as a share of the time: shorter shares than the tiny base's, since
# a GPU makes many more steps.
COPYING, ONE_WORD, LONGER = 0.05, 0.08, 0.25
PART = 2048  # documents made at a time
EOS = 0  # <|endoftext|> of the tiny tokenizer
IGNORED = 65535  # a label of padding, as uint16

_NAMES = tuple(NAMES)
_ANY_NAME = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")
_SYLLABLES = """
    ba be bo ca che da del do el fa fen ga gre ha hol ja jo ka ker la len lo ma mi mor
    na ni nor pa per ra ri ro sa shi so ta te tor va ven vi wa wen ya zo zu
""".strip().split()
_ENDINGS = (
    "n",
    "na",
    "nda",
    "l",
    "la",
    "lia",
    "r",
    "s",
    "sa",
    "t",
    "th",
    "ne",
    "ny",
    "rie",
)

Turns = list[tuple[str, str]]


class Batch(NamedTuple):
    """Rows of like length.

    Attributes:
        input_ids: uint16, (rows, longest), padded with EOS.
        labels: uint16, the same shape; IGNORED where nothing is to be learnt.
        kinds: uint8, (rows,), places in KINDS.
    """

    input_ids: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray


def invented_name(rng: random.Random) -> str:
    """Return a name of two or three syllables that no list holds."""
    middle = "".join(pick(rng, _SYLLABLES) for _ in range(1 + (rng.random() < 0.3)))
    return (middle + pick(rng, _SYLLABLES) + pick(rng, _ENDINGS)).capitalize()


def with_other_names(rng: random.Random, text: str) -> str:
    """Give the people of a document other names: placeholders, as often as not.

    The people are those with names of TinyChats; order of first appearance decides the
    placeholder. Of the other half, a third get invented names.
    """
    kind = rng.random()
    names: dict[str, str] = {}

    def placeholder(found: re.Match[str]) -> str:
        new = PLACEHOLDERS[len(names) % len(PLACEHOLDERS)]
        return names.setdefault(found[0], new)

    def invented(found: re.Match[str]) -> str:
        if found[0] not in names:
            names[found[0]] = invented_name(rng)
        return names[found[0]]

    if kind < 0.5:
        return _ANY_NAME.sub(placeholder, text)
    if kind < 0.67:
        return _ANY_NAME.sub(invented, text)
    return text


def natural_turns(
    rng: random.Random, chats: Sequence[str], least: int = 3, most: int = 20
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
        # A side's run of lines stays with one of its people.
        if side != before:
            who, before = pick(rng, sides[side]), side
        if rng.random() < 0.12:
            other = pick(rng, sides["B" if side == "A" else "A"])
            text = f"{other}, {text}" if rng.random() < 0.5 else f"{text} {other}"
        named.append((who, text))
    return named


def text_of(turns: Turns) -> str:
    """Return `Name: text` lines."""
    return "\n".join(f"{who}: {text}" for who, text in turns)


def about(rng: random.Random, turns: Turns) -> str:
    """Make a document of a natural dialogue: alone, echoed, closed or with a quiz."""
    dialogue = text_of(turns)
    people = list(dict.fromkeys(who for who, _ in turns))
    kind = rng.random()
    if kind < 0.3 or len(people) < 2:
        return dialogue
    if kind < 0.45:
        return f"{dialogue}\n{closing(turns, pick(rng, CLOSINGS))}"
    if kind < 0.7:
        who, line = pick(rng, turns)
        other = next(name for name in people if name != who)
        teller = pick(rng, people if rng.random() < 0.5 else _NAMES)
        return f"{dialogue}\n{teller}: {report(who, line, other, pick(rng, REPORTS))}"
    return f"{dialogue}\n{named_quotes(rng, turns, 6, 5)}".rstrip()


def document(rng: random.Random, chats: Sequence[str], done: float) -> tuple[str, str]:
    """Return kind and text of a document, as due at the share `done` of the time.

    The kind "window" has no text: its tokens come from `window`.
    """
    if done < COPYING:
        kind, text = "echo", echo(rng, short=True)
    elif done < ONE_WORD:
        kind, text = "game", word_game(rng, longest=1)
    elif done < LONGER and rng.random() < 0.6:
        rise = (done - ONE_WORD) / (LONGER - ONE_WORD)
        longest = 2 + int(rng.random() * (1 + rise * (LONGEST - 2)))
        kind, text = "game", word_game(rng, longest)
    else:
        kind = list(SHARES)[bisect(list(accumulate(SHARES.values())), rng.random())]
        if kind == "window":
            return kind, ""
        text = {
            "echo": lambda: echo(rng),
            "game": lambda: word_game(rng, 2 + int(rng.random() * (LONGEST - 1))),
            "quiz": lambda: quiz(rng),
            "dialogue": lambda: chat(rng, "pretrain").dialogue,
            "story": lambda: chat(rng, "pretrain").story,
            "natural": lambda: about(rng, natural_turns(rng, chats)),
        }[kind]()
    return kind, with_other_names(rng, text)


def window(
    rng: random.Random, chats: Sequence[Sequence[int]], longest: int
) -> list[int]:
    """Return tokens of a real chat from anywhere in it; a quarter from its start."""
    ids = pick(rng, chats)
    length = min(len(ids), 48 + int(rng.random() * (longest - 47)))
    start = int(rng.random() * (len(ids) - length + 1)) * (rng.random() < 0.75)
    return list(ids[start : start + length])


def pair(
    rng: random.Random, split: str, way: str, chats: Sequence[str] | None = None
) -> tuple[str, str]:
    """Return dialogue and summary of a fresh chat of TinyChats.

    Args:
        rng: decides everything.
        split: of TinyChats.
        way: "plain"; "place": people are placeholders; "long": they are, and half of
            the dialogues have lines of a real chat by the same people around them,
            which the summary leaves out.
        chats: the real chats, for "long".
    """
    made = chat(rng, split)
    dialogue = made.dialogue
    if way == "plain":
        return dialogue, made.summary
    if way == "long" and chats and rng.random() < 0.5:
        people = list(dict.fromkeys(x.split(": ")[0] for x in dialogue.split("\n")))
        talk = natural_turns(rng, chats, 1 + 2, 8)
        names = list(dict.fromkeys(who for who, _ in talk))
        lines = [
            f"{people[names.index(who) % len(people)]}: {_ANY_NAME.sub('', text)}"
            for who, text in talk
        ]
        cut = int(rng.random() * (len(lines) + 1))
        dialogue = "\n".join([*lines[:cut], dialogue, *lines[cut:]])
    found = placeholders(dialogue, made.summary)
    return found.dialogue, found.summary or ""


def grouped(
    rng: random.Random, rows: list[tuple[int, list[int], int]], tokens: int
) -> Iterator[Batch]:
    """Yield batches of about so many tokens, of (kind, ids, first label) rows."""

    def width_of(row: tuple[int, list[int], int]) -> int:
        return -(-len(row[1]) // 8) * 8  # few shapes, and even ones

    rows.sort(key=lambda row: len(row[1]))
    groups: list[list[tuple[int, list[int], int]]] = [[]]
    for row in rows:
        if (len(groups[-1]) + 1) * width_of(row) > tokens and groups[-1]:
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    for group in groups:
        width = width_of(group[-1])
        input_ids = np.full((len(group), width), EOS, dtype=np.uint16)
        labels = np.full((len(group), width), IGNORED, dtype=np.uint16)
        for i, (_, ids, first) in enumerate(group):
            input_ids[i, : len(ids)] = ids
            labels[i, first : len(ids)] = ids[first:]
        kinds = np.array([kind for kind, _, _ in group], dtype=np.uint8)
        yield Batch(input_ids, labels, kinds)


class Maker:
    """Makes batches from real chats, a tokenizer and a seed.

    Args:
        chats: texts of real chats, `A: text` lines.
        tokenizer: path of a tokenizer.json.
        seed: of this maker.
        longest: most tokens of a row, eos included.
    """

    def __init__(self, chats: Sequence[str], tokenizer: Path, seed: str, longest: int):
        from tokenizers import Tokenizer

        self.rng = random.Random(seed)
        self.chats = [text for text in chats if text.count("\n") >= 3]
        self.encoder = Tokenizer.from_file(str(tokenizer))
        self.longest = longest
        self._chat_ids: list[np.ndarray] = []

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        found = self.encoder.encode_batch_fast(texts, add_special_tokens=False)
        return [one.ids for one in found]

    def chat_ids(self) -> list[np.ndarray]:
        """Return the tokens of each real chat, made at first use."""
        if not self._chat_ids:
            ids = self.encode(self.chats)
            self._chat_ids = [np.array(row, dtype=np.uint16) for row in ids]
        return self._chat_ids

    def pretraining(
        self, done: float, tokens: int, part: int = PART
    ) -> Iterator[Batch]:
        """Yield the batches of one part of the corpus."""
        made = [document(self.rng, self.chats, done) for _ in range(part)]
        rows = []
        for (kind, _), ids in zip(made, self.encode([t for _, t in made]), strict=True):
            if kind == "window":
                row = window(self.rng, self.chat_ids(), self.longest)
            else:
                row = [*ids[: self.longest - 1], EOS]
            rows.append((KINDS.index(kind), row, 0))
        yield from grouped(self.rng, rows, tokens)

    def pairs(
        self, way: str, tokens: int, part: int = PART, split: str = "train"
    ) -> Iterator[Batch]:
        """Yield batches of dialogues with summaries; labels are on the summaries."""
        made = [pair(self.rng, split, way, self.chats) for _ in range(part)]
        cue = self.encode([CUE])[0]
        befores = self.encode([dialogue for dialogue, _ in made])
        answers = self.encode([f" {summary}" for _, summary in made])
        rows = []
        for before, answer in zip(befores, answers, strict=True):
            room = self.longest - len(cue) - len(answer) - 1
            prompt = before[-room:] + cue
            rows.append((KINDS.index("pair"), [*prompt, *answer, EOS], len(prompt)))
        yield from grouped(self.rng, rows, tokens)


def read_chats(folder: Path, split: str) -> list[str]:
    """Return the real chats of a split, from FOLDER/SPLIT.parquet."""
    from pyarrow import parquet

    return parquet.read_table(folder / f"{split}.parquet")["text"].to_pylist()


def work(number: int, settings: dict, state, queue) -> None:
    """Fill `queue` until told to stop: the main function of a worker process.

    Args:
        number: of this worker.
        settings: chats (a folder), tokenizer, seed, longest, tokens, pair_tokens, ways.
        state: shared doubles: the share of the time that is used; the place of what is
            wanted in ("pretrain", *ways); whether to stop.
        queue: takes (what, input_ids, labels, kinds).
    """
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    chats = read_chats(Path(settings["chats"]), "train")
    seed = f"{settings['seed']} {number}"
    maker = Maker(chats, settings["tokenizer"], seed, settings["longest"])
    maker.chat_ids()  # seconds: now, and not in the midst of training
    ways: list[Callable[[], Iterator[Batch]]] = [
        lambda: maker.pretraining(state[0], settings["tokens"]),
        *(
            lambda way=way: maker.pairs(way, settings["pair_tokens"])
            for way in settings["ways"]
        ),
    ]
    parent = os.getppid()
    while not state[2] and os.getppid() == parent:
        what = int(state[1])
        for batch in ways[what]():
            if state[2] or int(state[1]) != what or os.getppid() != parent:
                break
            while True:
                try:
                    queue.put((what, *batch), timeout=1)
                    break
                except Exception:  # full: look whether it is still wanted
                    if state[2] or int(state[1]) != what or os.getppid() != parent:
                        break
