"""Probe of 2.3, near copies."""

import re
from itertools import product

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex02_words import new_words

# Groups of texts, a letter for a word; the similarities are those of pairs of words.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("A b c d.", "x b c d"),  # 2 of 4, without the last 1 of 3
    ("a b c d", "d c b a"),  # the same words in another order
    ("A, b c d e", "a b C d e!"),  # the same but for case and punctuation
    ("A B C d e", "a b c d e"),  # ... but for case
    ("a b c", "a b c d e f g"),  # 2 of 6: all of the shorter one
    ("a b c", "a b c d e f g h i"),  # 2 of 8
    ("a b a b a b", "a b a c"),  # 2 of 3 different pairs
    ("lala lulu", "lulala lalulu"),  # no word in common, but most of the letters
    ("A", "a!"),  # too short for a pair
    ("a b", "b a"),  # too short for three, and in another order
    ("a b c d e f", "a b c d e x"),
    ("lala lu", "la lalu"),  # the same letters, cut elsewhere
    ("don't a b c", "don t a b c"),  # the same words, to \w+
    ("a 1 b 2", "a 3 b 4"),  # unlike in digits only
    ("a b c d e", "A b c d e", "a b, c d e", "a b c d e!"),  # four copies
)
FIRST = ("a b c d e f", "a b c d e x")  # 4 of 6


def make_inputs(seed: int) -> Inputs:
    """Texts of each kind and one unlike them; pairs and triples; other thresholds."""
    rng = np.random.default_rng(seed)

    def fill(template: str) -> str:
        text = re.sub("[A-Z]", lambda m: words[ord(m[0]) - 65].title(), template)
        return re.sub(r"\b[a-z]\b", lambda m: words[ord(m[0]) - 97], text)

    cases = []
    for size, group, threshold in [
        *((size, group, 0.5) for size, group in product((2, 3), GROUPS)),
        (2, FIRST, 0.6),
        (2, FIRST, 0.7),
        (2, FIRST, 0.9),
        (2, ("a b c", "a b c d e f g h i"), 0.2),  # 2 of 8
    ]:
        words = new_words(rng, 26)
        texts = [*map(fill, group), fill("m n o p")]
        texts = [texts[i] for i in rng.permutation(len(texts))]
        cases.append({"texts": texts, "size": size, "threshold": threshold})
    return {"cases": cases}


QUESTION = Question(
    id="ex02_3",
    name="near_copies",
    points=3,
    title="near copies",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re", "itertools"),
    forbidden=("course_utils.data.duplicates.near_duplicates",),
    errors={
        "ZeroDivisionError": (
            "A text shorter than `size` has no shingle: all its words make one."
        ),
    },
)
