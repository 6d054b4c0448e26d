"""Probe of 1.3, a messenger's export."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

NAMES = ("Ana", "Tom", "Ida Berg", "Jo (work)", "+44 20 7946 0018", "Müller")
SAID = (
    "Are you there?",
    "The train leaves at 18:30",
    "Two things: bread and milk",
    "No idea. Ask Ida: she knows",
    "See you at 9",
    "ok",
)
# No time stamps: other digits, no space, and one that does not begin its line.
NO_STAMPS = (
    "[3.5.24, 9:05] Tom: that was then",
    "[03.05.24, 18:01]Ana: no space",
    "[03.05.2024, 18:01] Ida: a long year",
    "She wrote [03.05.24, 18:01] Ida: hello",
)
MORE = ("I am at the door.", "[smiles]", "Note: bring the key", "  and bread")


def make_inputs(seed: int) -> Inputs:
    """Exports with \\n and \\r\\n, notices, messages of several lines, odd lines."""
    rng = np.random.default_rng(seed)

    def lines(said: list[str], minute: int) -> list[str]:
        now = f"[{rng.integers(10, 29)}.05.24, 18:{minute}] "
        return [f"{now}{rng.choice(NAMES)}: {said[0]}", *said[1:]]

    cases = []
    for end, n in (("\n", 0), ("\r\n", 2), ("\n", 3)):
        export = [f"[09.05.24, 17:59] {rng.choice(NAMES)} named the group Trip 18:30"]
        export += lines([SAID[rng.integers(4)], str(rng.choice(MORE))], 10)
        for minute in range(20, 20 + n):
            first, last = (str(text) for text in rng.choice(SAID, 2, replace=False))
            export += lines([first], minute)
            export += lines([last, "", *rng.permutation(MORE[1:])], minute)
        if n:
            export += lines(["  Fine.  ", *rng.permutation(NO_STAMPS)], 30)
        export += [f"[29.05.24, 18:39] {rng.choice(NAMES)} left"]
        export += lines([SAID[2]], 40)
        cases.append({"export": end.join([*export, ""])})
    return {"cases": cases}


QUESTION = Question(
    id="ex01_3",
    name="parse_export",
    points=3,
    title="a messenger's export",
    inputs=make_inputs,
    probe=each_case,
    allowed=("re",),
    errors={
        "unpack": "A line need not have a name: cut only lines that have `: `.",
        "IndexError": (
            "A line need not have a name, and the first message may follow a "
            "notice. Look before you cut, or add to a message."
        ),
    },
)
