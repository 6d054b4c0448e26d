"""Probe of 5.3, warm-up and cosine."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Steps of a short warm-up, of a long one, and of none."""
    rng = np.random.default_rng(seed)
    cases = []
    for warmup in (int(rng.integers(10, 20)), int(rng.integers(30, 60)), 0):
        total = int(rng.integers(150, 300))
        peak = round(float(rng.uniform(1e-4, 3e-3)), 6)
        for step in sorted(
            {0, 1, warmup // 2, *range(warmup, total, 37), total - 1, total}
        ):
            case = {"step": step, "warmup_steps": warmup, "total_steps": total}
            cases.append({**case, "peak": peak})
    return {"cases": cases}


QUESTION = Question(
    id="ex05_3",
    name="learning_rate_at",
    points=2,
    title="warm-up and cosine",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
    forbidden=("transformers.optimization.get_cosine_schedule_with_warmup",),
    errors={
        "ZeroDivisionError": (
            "warmup_steps may be 0: then there is no warm-up to divide by."
        ),
    },
)
