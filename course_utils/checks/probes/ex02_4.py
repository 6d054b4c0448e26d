"""Probe of 2.4, groups for a split."""

import itertools
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Chains of pairs that meet late, and documents without a copy.

    The smallest number of the long chain wanders one pair back in each pass, and that
    of the last group stops on the way forward and on the way back.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n_documents in (5, 30):
        a, b, c, d = sorted(rng.choice(np.arange(5), 4, replace=False).tolist())
        pairs = [(a, d), (b, c), (c, d)]  # b is joined to a only by the last pair
        if n_documents > 5:
            members = rng.permutation(np.arange(5, n_documents))[:22].tolist()
            e, f, g, h, i = sorted(members[:5])
            pairs += [(e, f), (e, i), (g, h), (h, i)]
            low, *rising = sorted(members[5:17])
            pairs += [(low, rising[-1]), *itertools.pairwise(rising)]
            e, f, g, h, i = sorted(members[17:])
            pairs += [(e, g), (f, h), (f, i), (g, h)]
        pairs = [list(pair) for pair in sorted(pairs)]
        cases.append({"n_documents": n_documents, "pairs": pairs})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Call it with pairs that are tuples, as 2.3 returns them."""

    def pairs(case: Inputs) -> list[tuple[int, int]]:
        return [tuple(pair) for pair in case["pairs"]]

    return [target(case["n_documents"], pairs(case)) for case in inputs["cases"]]


QUESTION = Question(
    id="ex02_4",
    name="copy_groups",
    points=3,
    title="groups for a split",
    inputs=make_inputs,
    probe=probe,
)
