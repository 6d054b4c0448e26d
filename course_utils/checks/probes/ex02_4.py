"""Probe of 2.4, groups for a split."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
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


QUESTION = Question(
    id="ex02_4",
    name="copy_groups",
    points=3,
    title="groups for a split",
    inputs=make_inputs,
    probe=each_case,
)
