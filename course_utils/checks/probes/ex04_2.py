"""Probe of 4.2, what a run keeps in memory."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Every precision, with all parameters trained and with a part of them."""
    rng = np.random.default_rng(seed)
    cases = []
    plans = [("no", 0), ("bf16", 0), ("fp16", 1), ("no", 1)]
    plans += [("bf16", 1), ("fp16", 1), ("bf16", 1)]
    for precision, frozen in plans:
        count = int(rng.integers(1_000, 10_000))
        trained = count - frozen * int(rng.integers(100, 900))
        case = {"n_parameters": count, "n_trained": trained, "precision": precision}
        cases.append(case)
    return {"cases": cases}


QUESTION = Question(
    id="ex04_2",
    name="state_bytes",
    points=2,
    title="what a run keeps in memory",
    inputs=make_inputs,
    probe=each_case,
    forbidden=("course_utils.model.planner.training_memory",),
)
