"""Exercise 1, collect data: the questions, their inputs, how an answer is called."""

from typing import Any
from zlib import crc32

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

WORDS = ("apple", "bread", "cheese", "dates", "eggs", "figs", "honey", "jam", "kale")
NAMES = ("Ana", "Tom", "Ida Berg", "Jo (work)", "+44 20 7946 0018", "Müller")
SAID = (
    "Are you there?",
    "The train leaves at 18:30",
    "Two things: bread and milk",
    "No idea. Ask Ida: she knows",
    "See you at 9",
    "ok",
)
MORE = ("I am at the door.", "[smiles]", "Note: bring the key", "Hurry up!")


def lengths_inputs(seed: int) -> Inputs:
    """Texts of distinct lengths, with gaps of every kind, and rows without a word."""
    rng = np.random.default_rng(seed)

    def text(n_words: int) -> str:
        words = rng.choice(WORDS, n_words)
        gaps = [" ", *rng.choice([" ", "  ", "\n"], n_words - 1)]
        return "".join(map(str.__add__, gaps, words)).strip()

    cases = []
    for n_texts, longest in ((4, 8), (20, 60), (33, 90)):
        lengths = rng.choice(np.arange(2, longest), n_texts, replace=False)
        texts = [text(int(length)) for length in lengths]
        texts[1:1] = [None]
        texts[4:4] = ["", " \n"] if n_texts > 4 else []
        cases.append({"texts": texts})
    return {"cases": cases}


def words_inputs(seed: int) -> Inputs:
    """Texts with capitals, punctuation, apostrophes and ties; in one, n cuts a tie."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in (4, 3):
        *some, top, last = map(str, rng.choice(WORDS, 4, replace=False))
        a, b, c = sorted([*some, "don't"])
        # top three times; a, b and c twice, met as b, c, a; last once
        texts = [f"{top.title()} {top}, {b}! {top} {c}"]
        texts += [f"{b}? {a} {a.capitalize()} {c} {last}."]
        cases.append({"texts": texts, "n": n})
    return {"cases": cases}


def export_inputs(seed: int) -> Inputs:
    """Exports with \\n and with \\r\\n, with notices, and messages of several lines."""
    rng = np.random.default_rng(seed)

    def lines(said: list[str], minute: int) -> list[str]:
        now = f"[{rng.integers(10, 29)}.05.24, 18:{minute}] "
        return [f"{now}{rng.choice(NAMES)}: {said[0]}", *said[1:]]

    cases = []
    for end, n in (("\n", 0), ("\r\n", 2), ("\n", 3)):
        export = [f"[09.05.24, 17:59] {rng.choice(NAMES)} named the group Trip 18:30"]
        export += lines([SAID[rng.integers(4)], str(rng.choice(MORE))], 10)
        for minute in range(20, 20 + n):
            first, last = (str(text) for text in rng.choice(SAID, 2, replace=False))
            export += lines([first], minute)
            export += lines([last, "", *rng.permutation(MORE[1:3])], minute)
        export += lines([SAID[2]], 40)
        cases.append({"export": end.join([*export, ""])})
    return {"cases": cases}


def split_inputs(seed: int) -> Inputs:
    """Messages of few chats, and of many of unlike length; the chats are mixed."""
    rng = np.random.default_rng(seed)
    cases = []
    for n_chats, test_share in ((4, 0.25), (38, 0.2)):
        repeats = rng.integers(1, 7, n_chats) if n_chats > 4 else 2
        of_row = rng.permutation(np.repeat(np.arange(n_chats), repeats))
        chats = [f"chat-{rng.integers(100, 1000)}{i}" for i in range(n_chats)]
        case = {"chats": [chats[i] for i in of_row], "test_share": test_share}
        cases.append({**case, "seed": int(rng.integers(1000))})
    return {"cases": cases}


class Salted(str):
    """A str that sets keep in another order, as each start of Python does."""

    salt = 0

    def __hash__(self) -> int:
        return crc32(f"{self.salt} {self}".encode())


def split_probe(target: Any, inputs: Inputs) -> Any:
    """Return each split: made, made again, with other sets, and with other seeds."""
    answers = []
    for case in inputs["cases"]:

        def split(seed: int, salt: int = 0, case: Inputs = case) -> Any:
            Salted.salt = salt
            chats = [Salted(chat) for chat in case["chats"]]
            return _plain(target(chats, case["test_share"], seed))

        seed = case["seed"]
        same = [split(seed), split(seed), split(seed, salt=1)]
        answers.append([*same, *(split(seed + i) for i in range(1, 6))])
    return answers


def _plain(split: Any) -> Any:
    try:
        return [[str(r) if isinstance(r, str) else r for r in part] for part in split]
    except TypeError:  # no lists: left to verify
        return split


QUESTIONS = [
    Question(
        id="ex01_1",
        name="length_figures",
        points=2,
        title="figures of a data card",
        inputs=lengths_inputs,
        probe=each_case,
        allowed=("numpy", "statistics"),
        errors={
            "NoneType": "A row may be None: count only documents with a word in them.",
        },
    ),
    Question(
        id="ex01_2",
        name="commonest_words",
        points=2,
        title="word counts and ties",
        inputs=words_inputs,
        probe=each_case,
        allowed=("re", "collections.Counter"),
    ),
    Question(
        id="ex01_3",
        name="parse_export",
        points=3,
        title="a messenger's export",
        inputs=export_inputs,
        probe=each_case,
        allowed=("re",),
        errors={
            "unpack": "A line need not have a name: cut only lines that have `: `.",
            "IndexError": (
                "A line need not have a name, and the first message may follow a "
                "notice. Look before you cut, or add to a message."
            ),
        },
    ),
    Question(
        id="ex01_4",
        name="split_by_chat",
        points=3,
        title="a split by chats",
        inputs=split_inputs,
        probe=split_probe,
        allowed=("random", "numpy.random"),
    ),
]
