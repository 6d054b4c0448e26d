"""Probe of 9.3, refuse bad requests."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex09_names import NAMES

AS_IT_COMES = "A request may be anything: ask for the type before you use a value."


def make_inputs(seed: int) -> Inputs:
    """Good requests, and bad ones that break one rule or two, in any order."""
    rng = np.random.default_rng(seed)
    a, b = rng.choice(NAMES, 2, replace=False)
    chat, limit = f"{a}: Hi!\n{b}: Hello!", int(rng.integers(34, 50))
    counts = (1, int(rng.integers(2, 200)), 200, 0, -1, 201, True, False, 60.0, "60")
    long = chat.ljust(limit + 1, "!")
    bodies = [
        {},
        {"dialog": chat},
        None,
        [chat],
        [["dialogue", chat]],
        chat,
        "dialogue",
        True,
        int(rng.integers(100)),
        {"dialogue": int(rng.integers(100))},
        {"dialogue": None},
        {"dialogue": [chat]},
        {"dialogue": {"text": chat}},
        {"dialogue": ""},
        {"dialogue": " \n\t "},
        {"dialogue": " " * (limit + 2)},
        {"dialogue": chat.ljust(limit, "!")},
        {"dialogue": long},
        {"dialogue": chat.ljust(limit, "é")},
        {"dialogue": chat.ljust(limit + 3)},
        {"dialogue": f"{long}\x00"},
        {"dialogue": f"{long}<|endoftext|>"},
        {"dialogue": long, "max_new_tokens": 0},
        {"dialogue": f"{chat}\x00"},
        {"dialogue": f"{a}:\x1b[1m Hi!"},
        {"dialogue": f"{a}:\x1f Hi!"},
        {"dialogue": f"{chat}\x1c"},  # strip() takes it away
        {"dialogue": f"{a}: Hi!\x0b{b}: Hi!"},
        {"dialogue": f"{chat}\x7f"},
        {"dialogue": f"{a}: Hi!\u200b 👋"},
        {"dialogue": f"{a}:\tHi!\n{b}: Hello!"},
        {"dialogue": f"{a}: Hi!\r\n{b}: Hello!"},
        {"dialogue": f"{a}: Hi!<|endoftext|>"},
        {"dialogue": f"{a}: Hi!<|endoftext|> {b}: Hi!"},
        {"dialogue": "<|endoftext|>"},
        {"dialogue": f"{a}: What is endoftext?"},
        {"dialogue": f"{a}: Hi!<|EndOfText|>"},
        {"dialogue": chat, "id": 5},
        *({"dialogue": chat, "max_new_tokens": count} for count in (*counts, None)),
    ]
    # What is first is what a student sees first; the others stand in any order.
    order = [bodies[i] for i in rng.permutation(len(bodies))]
    first = {"dialogue": chat}
    cases = [{"body": body, "max_characters": limit} for body in (first, *order)]
    return {"cases": cases}


QUESTION = Question(
    id="ex09_3",
    name="request_status",
    points=2,
    title="refuse bad requests",
    inputs=make_inputs,
    probe=each_case,
    errors={
        "KeyError: 'max_new_tokens'": (
            "A request may lack max_new_tokens, and is fine: look before you use it."
        ),
        "KeyError": "A request may lack the dialogue: look before you use it.",
        "is not iterable": AS_IT_COMES,
        "not subscriptable": AS_IT_COMES,
        "indices must be": AS_IT_COMES,
        "has no attribute": AS_IT_COMES,
        "not supported between": AS_IT_COMES,
        "has no len": AS_IT_COMES,
        "expected string": AS_IT_COMES,
        "must be a string": AS_IT_COMES,
        "unhashable": AS_IT_COMES,
        "invalid literal": AS_IT_COMES,
        "int() argument": AS_IT_COMES,
    },
)
