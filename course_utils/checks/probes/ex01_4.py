"""Probe of 1.4, a split by chats."""

from typing import Any
from zlib import crc32

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Messages of few chats, and of many of unlike length; the chats are mixed.

    The share of the chats is a whole number, and nearer to the one below and above.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n_chats, test_share in ((4, 0.25), (23, 0.1), (38, 0.2)):
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


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each split: made, made again, with two orders of sets, with other seeds.

    An answer may mix what it is given with texts of its own, whose hash is another. So
    only the two salted splits are compared with each other.
    """
    answers = []
    for case in inputs["cases"]:

        def split(seed: int, salt: int | None = None, case: Inputs = case) -> Any:
            chats = list(case["chats"])
            if salt is not None:
                Salted.salt = salt
                chats = [Salted(chat) for chat in chats]
            return _plain(target(chats, case["test_share"], seed))

        seed = case["seed"]
        answers.append(
            {
                "same": [split(seed), split(seed)],
                "restarted": [split(seed, salt=1), split(seed, salt=2)],
                "others": [split(seed + i) for i in range(1, 6)],
            }
        )
    return answers


def _plain(split: Any) -> Any:
    try:
        return [list(part) for part in split]
    except TypeError:  # no lists: left to the judge
        return split


QUESTION = Question(
    id="ex01_4",
    name="split_by_chat",
    points=3,
    title="a split by chats",
    inputs=make_inputs,
    probe=probe,
    allowed=("random", "numpy.random"),
)
