"""Probe of 1.2, word counts and ties."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex01_words import WORDS

ODD = ("b12", "4x4", "müsli", "naïve", "g_7", "café")


def make_inputs(seed: int) -> Inputs:
    """Texts with capitals, punctuation, apostrophes and ties; in one, n cuts a tie."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in (6, 3, 6):
        one, two, three, last = rng.choice(WORDS, 4, replace=False).tolist()
        low, top = sorted([one, two])  # the commonest is not the first in the alphabet
        a, b, c, d = sorted([low, three, "don't", str(rng.choice(ODD))])
        top = "I" if n == 3 else top  # short, and before the others all the same
        # top three times; a, b, c and d twice, met as b, d, c, a; last once, and
        # a in quotation marks, which the pattern takes for another word
        texts = [f"{top.title()} {top}, {b}! {d} {top} {c}"]
        texts += [f"{b}? {a} {a.capitalize()} {d}, {c} {last} '{a}'."]
        cases.append({"texts": texts, "n": n})
    return {"cases": cases}


QUESTION = Question(
    id="ex01_2",
    name="commonest_words",
    points=2,
    title="word counts and ties",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re", "collections.Counter"),
)
