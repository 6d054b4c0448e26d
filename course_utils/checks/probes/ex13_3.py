"""Probe of 13.3, curves over tokens."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def log(rng: np.random.Generator, steps: int, every: int) -> list[dict[str, Any]]:
    """Return a log as Trainer keeps it: losses, evaluations, and a last line."""
    rows: list[dict[str, Any]] = []
    for step in range(0, steps + 1, every // 2):
        base = 2 + 5 * math.exp(-step / steps) + float(rng.uniform(-0.2, 0.2))
        if step:
            rows.append({"loss": round(base - 0.4, 3), "step": step})
        if step % every == 0 and step:
            rows.append(
                {"eval_loss": round(base, 3), "eval_runtime": 1.5, "step": step}
            )
    return [*rows, {"train_runtime": 60.0, "train_loss": 3.3, "step": steps}]


def make_inputs(seed: int) -> Inputs:
    """Amounts of tokens between two evaluations, at one, before and behind them."""
    rng = np.random.default_rng(seed)
    cases = []
    for steps, every in ((40, 20), (120, 20), (60, 10)):
        history = log(rng, steps, every)
        if every == 10:  # a loss may rise
            history[2]["eval_loss"] = round(history[2]["eval_loss"] - 3.0, 3)
        # Two tokens a step: then a step may be taken for a number of tokens.
        per_step = 2 if every == 10 else int(rng.choice([512, 1000, 2048]))
        steps_asked = (
            float(rng.uniform(1.2, 1.4)) * every,
            steps - 0.3 * every,
            steps,
            1.2 * steps,
            0.5 * every,
        )
        for step in steps_asked:
            tokens = round(step * per_step)
            case = {"log_history": history, "tokens_per_step": per_step}
            cases.append({**case, "tokens": tokens})
    return {"cases": cases}


QUESTION = Question(
    id="ex13_3",
    name="loss_at",
    points=2,
    title="curves over tokens",
    inputs=make_inputs,
    probe=each_case,
    may_return_none=True,
    allowed=("numpy",),
    errors={
        "KeyError": "Not every row of a log has an eval_loss: take those only.",
    },
)
