"""Probe of 9.3, refuse bad requests."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case
from course_utils.checks.probes.ex09_names import NAMES

AS_IT_COMES = "A request may be anything: ask for the type before you use a value."


def make_inputs(seed: int) -> Inputs:
    """Good requests, and bad ones that break one rule each."""
    rng = np.random.default_rng(seed)
    a, b = rng.choice(NAMES, 2, replace=False)
    chat, limit = f"{a}: Hi!\n{b}: Hello!", int(rng.integers(30, 50))
    counts = (0, 1, int(rng.integers(2, 200)), 200, 201, True, 60.0, "60", None)
    bodies = [
        {"dialogue": chat},
        {},
        {"dialog": chat},
        None,
        [chat],
        chat,
        {"dialogue": int(rng.integers(100))},
        {"dialogue": None},
        {"dialogue": ""},
        {"dialogue": " \n\t "},
        {"dialogue": chat.ljust(limit, "!")},
        {"dialogue": chat.ljust(limit + 1, "!")},
        {"dialogue": chat.ljust(limit, "é")},
        {"dialogue": chat.ljust(limit + 3)},
        {"dialogue": f"{chat}\x00"},
        {"dialogue": f"{a}:\x1b[1m Hi!"},
        {"dialogue": f"{a}:\tHi!\r\n{b}: Hello!"},
        {"dialogue": f"{a}: Hi!<|endoftext|>"},
        *({"dialogue": chat, "max_new_tokens": count} for count in counts),
    ]
    return {"cases": [{"body": body, "max_characters": limit} for body in bodies]}


QUESTION = Question(
    id="ex09_3",
    name="request_status",
    points=2,
    title="refuse bad requests",
    inputs=make_inputs,
    probe=each_case,
    errors={
        "KeyError": "A request may lack the dialogue: look before you use it.",
        "is not iterable": AS_IT_COMES,
        "not subscriptable": AS_IT_COMES,
        "indices must be": AS_IT_COMES,
        "has no attribute": AS_IT_COMES,
        "not supported between": AS_IT_COMES,
    },
)
