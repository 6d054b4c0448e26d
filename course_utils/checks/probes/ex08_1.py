"""Probe of 8.1, names that are missing or invented."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

# Each short name is the beginning of a long one; each modal verb is also a name.
PAIRS = (("Ann", "Anna"), ("Dan", "Danny"), ("Max", "Maxine"), ("Rob", "Robert"))
MODALS = ("Will", "May")
NAMES = (
    *("Ben", "Carl", "Dora", "Emil", "Eva", "Fay", "Gus", "Hugo", "Ida", "Jon", "Kim"),
    *("Leo", "Mia", "Nora", "Otto", "Pia", "Ron", "Sue", "Tom", "Uma", "Vera", "Zoe"),
)
LATE = ("Ron", "Sue", "Tom", "Uma", "Zoe")  # short, and after each long one


def make_inputs(seed: int) -> Inputs:
    """Summaries with a longer name, a verb that is a name, a possessive, a list."""
    rng = np.random.default_rng(seed)
    short, long = PAIRS[rng.integers(len(PAIRS))]
    modal = MODALS[rng.integers(len(MODALS))]
    c = str(rng.choice(LATE))
    others = [name for name in NAMES if name not in LATE]
    a, b, d, e = rng.choice(others, 4, replace=False).tolist()
    a, e = max(a, e), min(a, e)  # one text names them in the other order
    known = sorted([*NAMES, *MODALS, short, long], reverse=True)
    texts = [
        (f"{long} meets {a} at noon.", [long, a]),
        (
            f"The sister of {b}, {a}'s friend, {modal.lower()} bring a cake.",
            [a, b, c, modal],
        ),
        (f"{c}, {b} and {long} come. {modal} stays.", [modal, d, e, short]),
        (f"They ask {a}, and {a} asks {e}.", [d]),
        (f"So {modal.lower()} {d}; and {long} asks.", [d, long]),
    ]
    return {
        "cases": [
            {
                "summary": summary,
                "right_names": sorted(right, reverse=True),
                "known_names": known,
            }
            for summary, right in texts
        ]
    }


QUESTION = Question(
    id="ex08_1",
    name="name_errors",
    points=2,
    title="names that are missing or invented",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re",),
)
