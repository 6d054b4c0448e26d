"""Probe of 2.1, addresses and links."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex02_words import new_words

SITES = ("example.com", "docs.example.org", "my-shop.example.net")
PEOPLE = ("ann", "jo.berg", "ida_k", "tom+news")


def make_inputs(seed: int) -> Inputs:
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


QUESTION = Question(
    id="ex02_1",
    name="scrub",
    points=2,
    title="addresses and links",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re",),
    forbidden=("course_utils.data.cleaning.scrub",),
)
