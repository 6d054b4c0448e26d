"""Probe of 10.4, test texts that were in training."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Test texts that share n words in a row with training, or nearly do."""
    rng = np.random.default_rng(seed)
    syllables = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]
    words = ("".join(pair) for pair in rng.choice(syllables, (900, 2)))
    pool = iter(dict.fromkeys(words))  # no word twice

    def some(n: int) -> list[str]:
        return [next(pool) for _ in range(n)]

    cases = []
    for n, n_train, kinds in (
        (3, 2, "LR"),
        (4, 5, "LLCBBNSSSXRRRRE"),
        (3, 4, "LEEBNN"),
    ):
        train = [some(9) for _ in range(n_train)]
        short = some(n - 1)
        tests = []
        for kind in kinds:
            i = int(rng.integers(n_train - 1))
            text, following = train[i], train[i + 1]
            part = text[2 : 2 + n]
            made = {
                "L": [*some(2), *part, *some(2)],  # leaked
                "C": [*some(2), part[0].capitalize(), *part[1:], *some(2)],
                "B": [*some(1), *text[-1:], *following[: n - 1], *some(1)],  # border
                "N": [*some(2), *part[:-1], *some(2)],  # one word less
                "S": short,
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
