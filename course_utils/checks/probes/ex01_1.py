"""Probe of 1.1, figures of a data card."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex01_words import WORDS

ODD = ("don't", "3.5", "-", "well-known")  # one word each, as white space separates


def make_inputs(seed: int) -> Inputs:
    """Texts of distinct lengths, with gaps of every kind, and rows without a word."""
    rng = np.random.default_rng(seed)

    def text(n_words: int) -> str:
        words = rng.choice((*WORDS, *ODD), n_words)
        gaps = [" ", *rng.choice([" ", "  ", "\n"], n_words - 1)]
        return "".join(map(str.__add__, gaps, words)).strip()

    cases = []
    for n_texts, longest in ((4, 8), (20, 60), (33, 90)):
        lengths = rng.choice(np.arange(2, longest), n_texts, replace=False)
        texts = [text(int(length)) for length in lengths]
        if n_texts > 20:  # a copy of the shortest text is a document too
            first, second = np.argsort(lengths)[:2]
            texts[second] = texts[first]
        texts[1:1] = [None]
        texts[4:4] = ["", " \n"] if n_texts > 4 else []
        cases.append({"texts": texts})
    return {"cases": cases}


QUESTION = Question(
    id="ex01_1",
    name="length_figures",
    points=2,
    title="figures of a data card",
    inputs=make_inputs,
    probe=each_case,
    allowed=("numpy", "statistics"),
    errors={
        "NoneType": "A row may be None: count only documents with a word in them.",
    },
)
