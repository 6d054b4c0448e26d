"""Exercise 2, preprocess: the questions, their inputs, and how an answer is called."""

import re
from itertools import product
from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

SYLLABLES = ["".join(pair) for pair in product("bdklmnrst", "aeiou")]
SITES = ("example.com", "docs.example.org", "my-shop.example.net")
PEOPLE = ("ann", "jo.berg", "ida_k", "tom+news")


def new_words(rng: np.random.Generator, count: int) -> list[str]:
    """Return made-up words, no two alike, in random order."""
    pairs = rng.choice(len(SYLLABLES) ** 2, count, replace=False)
    return [
        "".join(SYLLABLES[i] for i in divmod(int(p), len(SYLLABLES))) for p in pairs
    ]


def scrub_inputs(seed: int) -> Inputs:
    """Sentences with addresses, links, and what only looks like them."""
    rng = np.random.default_rng(seed)

    def some(choices: tuple[str, ...]) -> str:
        return str(rng.choice(choices))

    page = "".join(new_words(rng, 1))
    texts = [
        f"Write to {some(PEOPLE)}@{some(SITES)}!",
        f"See https://{some(SITES)}/{page}?day=2, it is good.",
        f"My page (www.{some(SITES)}/{page}) is new.\nIs it  OK?",
        "Awww.so sweet! Hm, www...what?",
        f"Call @{some(PEOPLE)} @ 6, not at 7@.",
        f"HTTP://{some(SITES)}/{page.upper()}; or WWW.{some(SITES).upper()}.",
        f"Mail {some(PEOPLE)}@{some(SITES)}, {some(PEOPLE)}@{some(SITES)} or me.",
    ]
    return {"cases": [{"text": text} for text in texts]}


def pack_inputs(seed: int) -> Inputs:
    """Documents that fill the blocks exactly, leave 1 over, and lack 1."""
    rng = np.random.default_rng(seed)
    cases = []
    for block_size, n_documents, left_over in ((4, 2, 0), (5, 4, 1), (6, 5, 5)):
        lengths = rng.integers(2, 9, n_documents)
        lengths[0] = 2  # no block begins where a document does
        lengths[-1] += (left_over - lengths.sum() - n_documents) % block_size
        eos = int(rng.integers(100, 200))
        documents = [rng.integers(0, 100, n).tolist() for n in lengths]
        cases.append({"documents": documents, "eos": eos, "block_size": block_size})
    return {"cases": cases}


# Groups of texts, a letter for a word; the similarities are those of pairs of words.
GROUPS = (
    ("A b c d.", "x b c d"),  # 2 of 4, without the last 1 of 3
    ("a b c d", "d c b a"),  # the same words in another order
    ("A, b c d e", "a b C d e!"),  # the same but for case and punctuation
    ("A B C d e", "a b c d e"),  # ... but for case
    ("a b c", "a b c d e f g"),  # 2 of 6: all of the shorter one
    ("a b c", "a b c d e f g h i"),  # 2 of 8
    ("a b a b a b", "a b a c"),  # 2 of 3 different pairs
    ("lala lulu", "lulala lalulu"),  # no word in common, but most of the letters
    ("A", "a!"),  # too short for a pair
    ("a b c d e f", "a b c d e x"),
)


def copies_inputs(seed: int) -> Inputs:
    """Two texts of each kind and one unlike them, for pairs and triples of words."""
    rng = np.random.default_rng(seed)

    def fill(template: str) -> str:
        text = re.sub("[A-Z]", lambda m: words[ord(m[0]) - 65].title(), template)
        return re.sub(r"\b[a-z]\b", lambda m: words[ord(m[0]) - 97], text)

    cases = []
    for size, group in product((2, 3), GROUPS):
        words = new_words(rng, 26)
        texts = [*map(fill, group), fill("m n o p")]
        texts = [texts[i] for i in rng.permutation(3)]
        cases.append({"texts": texts, "size": size, "threshold": 0.5})
    return {"cases": cases}


def groups_inputs(seed: int) -> Inputs:
    """Chains of pairs that meet late, and documents without a copy."""
    rng = np.random.default_rng(seed)
    cases = []
    for n_documents in (5, 14):
        a, b, c, d = sorted(rng.choice(np.arange(5), 4, replace=False).tolist())
        pairs = [(a, d), (b, c), (c, d)]  # b is joined to a only by the last pair
        if n_documents > 5:
            members = rng.choice(np.arange(5, 14), 5, replace=False).tolist()
            e, f, g, h, i = sorted(members)
            pairs += [(e, f), (e, i), (g, h), (h, i)]
        pairs = [list(pair) for pair in sorted(pairs)]
        cases.append({"n_documents": n_documents, "pairs": pairs})
    return {"cases": cases}


def merge_inputs(seed: int) -> Inputs:
    """A tie, counts that outweigh the number of words, and a run of one letter."""
    rng = np.random.default_rng(seed)
    a, b, c, d = sorted(map(str, rng.choice(list("abcdefghijklm"), 4, replace=False)))
    few, more = int(rng.integers(2, 5)), int(rng.integers(5, 9))
    tie = {
        "words": [[c, d], [d, c], [a, b], [a, b, c]],
        "counts": [few + more, few + more, few, more],
    }
    weights = {
        "words": [[a, b], [d + a, b], [a, b, c, a, b], [b, d], *[[c, d, c]] * 5],
        "counts": [more, few, 2 * few, more + 3 * few, 1, 1, 1, 1, 1],
    }
    run = {"words": [[b, a, a, a], [a, a, a, a, b, c]], "counts": [few, more]}
    return {"cases": [tie, weights, run]}


QUESTIONS = [
    Question(
        id="ex02_1",
        name="scrub",
        points=2,
        title="addresses and links",
        inputs=scrub_inputs,
        probe=each_case,
        allowed=("re",),
        forbidden=("course_utils.data.cleaning.scrub",),
    ),
    Question(
        id="ex02_2",
        name="pack",
        points=2,
        title="documents into blocks",
        inputs=pack_inputs,
        probe=each_case,
        allowed=("itertools",),
        forbidden=("course_utils.data.tokens.pack",),
    ),
    Question(
        id="ex02_3",
        name="near_copies",
        points=3,
        title="near copies",
        inputs=copies_inputs,
        probe=each_case,
        allowed=("re", "itertools"),
        forbidden=("course_utils.data.duplicates.near_duplicates",),
        errors={
            "ZeroDivisionError": (
                "A text shorter than `size` has no shingle: all its words make one."
            ),
        },
    ),
    Question(
        id="ex02_4",
        name="copy_groups",
        points=3,
        title="groups for a split",
        inputs=groups_inputs,
        probe=each_case,
    ),
    Question(
        id="ex02_5",
        name="merge_step",
        points=3,
        title="one merge of byte pair encoding",
        inputs=merge_inputs,
        probe=each_case,
        allowed=("collections.Counter", "itertools.pairwise"),
    ),
]
