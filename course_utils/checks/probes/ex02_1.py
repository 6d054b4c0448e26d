"""Probe of 2.1, addresses and links."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex02_words import new_words

SITES = ("example.com", "docs.example.org", "my-shop.example.net")
PEOPLE = ("ann", "jo.berg", "ida_k", "tom+news", "max-m", "Eva99")


def make_inputs(seed: int) -> Inputs:
    """Sentences with addresses, links, and what only looks like them.

    Every kind of name, of site and of mark is in them, whatever the seed.
    """
    rng = np.random.default_rng(seed)
    people = rng.permutation(PEOPLE).tolist()
    a, b, c, d, e, f = (f"{name}@{SITES[i % 3]}" for i, name in enumerate(people))
    sites = rng.permutation(SITES).tolist()
    # Addresses and links are gone afterwards: the other words tell the seeds apart.
    page, other, first, second = new_words(rng, 4)
    texts = [
        f"{first.title()}, write to {a}!",
        f"See https://{sites[0]}/{page}?day=2, it is good.",
        f"My page (www.{sites[1]}/{page}) is new.\nIs it  OK?",
        f"Awww.so {second}! Hm, www...what?",
        f"Call @{people[0]} @ 6, not at 7@, and root@{other} not at all.",
        f"HTTP://{sites[2]}/{page.upper()}; or WWW.{sites[0].upper()}.",
        f"Mail {b}, {c} or {d}.\tOr (me): {e.upper()}; {f}, please ",
        f'http://{sites[1]}/{other}"! Not 9www.{sites[2]}: www.{sites[2]}/a,b;c?").',
        f"At www.{sites[2]}: no www-data.",
        f"Ask {first}@10.0.0.7, or {second}@{page}.x.",
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
