"""Batches for the wider base: the tiny base's corpus, made by worker processes.

Nothing here needs torch or transformers.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.data.chats import chat
from course_utils.data.people import placeholders
from course_utils.data.summaries import CUE
from scripts.pretraining_corpus import (
    SHARES,
    Corpus,
    natural_turns,
    people_of,
    text_of,
    without_names,
)

KINDS = (*SHARES, "pair")
PART = 2048  # documents made at a time
EOS = 0  # <|endoftext|> of the tiny tokenizer
IGNORED = 65535  # a label of padding, as uint16


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
        talk = natural_turns(rng, chats, 3, 8)
        names = people_of(talk)
        lines = [
            text_of([(people[names.index(who) % len(people)], without_names(text))])
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


class Encoder:
    """The course's tokenizer without transformers, which takes seconds to import."""

    eos_token_id = EOS

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(path))

    def __call__(self, texts: list[str]) -> dict[str, list[list[int]]]:
        """Return the tokens of each text, as transformers' tokenizers do."""
        found = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return {"input_ids": [one.ids for one in found]}


class Maker:
    """Makes batches from real chats, a tokenizer and a seed.

    Args:
        chats: texts of real chats, `A: text` lines.
        tokenizer: path of a tokenizer.json.
        seed: of this maker.
        longest: most tokens of a row, eos included.
    """

    def __init__(self, chats: Sequence[str], tokenizer: Path, seed: str, longest: int):
        self.rng = random.Random(seed)
        self.corpus = Corpus(chats, Encoder(tokenizer), longest)
        self.longest = longest

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        return self.corpus.tokenizer(texts)["input_ids"]

    def pretraining(
        self, done: float, tokens: int, part: int = PART
    ) -> Iterator[Batch]:
        """Yield the batches of one part of the corpus."""
        made = self.corpus.documents(self.rng, done, part)
        rows = [(KINDS.index(kind), ids, 0) for kind, ids in made]
        yield from grouped(self.rng, rows, tokens)

    def pairs(
        self, way: str, tokens: int, part: int = PART, split: str = "train"
    ) -> Iterator[Batch]:
        """Yield batches of dialogues with summaries; labels are on the summaries."""
        made = [pair(self.rng, split, way, self.corpus.chats) for _ in range(part)]
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
    maker.corpus.stream, maker.corpus.words  # noqa: B018 (made now, and not in training)
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
