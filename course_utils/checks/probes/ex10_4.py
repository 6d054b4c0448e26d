"""Probe of 10.4, test texts that were in training."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Test texts that share n words in a row with training, or nearly do."""
    rng = np.random.default_rng(seed)
    syllables = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]
    places = rng.permutation(len(syllables) ** 3)[:20_000]  # no word twice
    size = len(syllables)

    def word(place: int) -> str:
        parts = place // size**2, place // size % size, place % size
        return "".join(syllables[part] for part in parts)

    pool = (word(int(place)) for place in places)

    def some(n: int) -> list[str]:
        return [next(pool) for _ in range(n)]

    def kinds(fixed: str) -> str:
        """Return the kinds of the tests: these, and some of each sort."""
        leaked, other = (int(n) for n in rng.integers(1, 12, 2))
        return fixed + "".join(rng.choice(list("LCE"), leaked)) + "NO" * other

    cases = []
    for n, n_train, tests_of in (
        (3, 2, "LR"),
        (4, 5, kinds("LLCBBNSSSXRRREPWTODDFGGUUMZ")),
        (3, 4, kinds("LEEBNNWPTODDDFFGUMMZ")),
        *((3, 3, kinds("LBNW")) for _ in range(5)),
    ):
        train = [some(9) for _ in range(n_train)]
        short = some(n - 1)
        twice = some(n + 2)
        tests = []
        for kind in tests_of:
            i = int(rng.integers(n_train - 1))
            text, following = train[i], train[i + 1]
            part = text[2 : 2 + n]
            made = {
                "L": [*some(2), *part, *some(2)],  # leaked
                "C": [*some(2), part[0].capitalize(), *part[1:], *some(2)],
                "T": [
                    *some(1),
                    f"{part[0]}\n ",
                    *part[1:],
                    *some(1),
                ],  # other white space
                "B": [*some(1), *text[-1:], *following[: n - 1], *some(1)],  # border
                "N": [*some(2), *part[:-1], *some(2)],  # one word less
                "P": [*some(1), f"{part[0]},", *part[1:], *some(1)],  # punctuation
                "W": [*some(1), part[0][2:], *part[1:], *some(1)],  # the end of a word
                "O": [*some(1), *part[::-1], *some(1)],  # another order
                "F": [*some(2), *text[:n], *some(1)],  # the beginning, somewhere else
                "G": [*text[:n], *some(3)],  # the beginning, and then something else
                "U": [*part, *some(1), *following[2 : 2 + n]],  # of two texts
                "M": [*some(2), *text[1 : 2 + n], *some(2)],  # one word more
                "Z": ["0", "9", "8", "7", "6", "5", "4"],  # not a character in common
                "S": short,
                "D": twice,  # the same text again
                "X": text,  # an exact copy
                "R": [x for word in text[: n + 1] for x in (word, *some(1))],
                "E": [*some(3), *text[-n:]],  # at the very end
            }
            tests.append(" ".join(made[kind]))
        texts = [" ".join([text[0].capitalize(), *text[1:]]) for text in train]
        texts.append(" ".join(short))
        order = rng.permutation(len(tests))
        tests = [tests[i] for i in order]
        cases.append({"train_texts": texts, "test_texts": tests, "n": n})
    return {"cases": cases}


QUESTION = Question(
    id="ex10_4",
    name="leaked_share",
    points=2,
    title="test texts that were in training",
    inputs=make_inputs,
    probe=each_case,
    errors={"unhashable": "A list cannot be in a set: make each n-gram a tuple."},
)
