"""Probe of 13.1, the same budget, three ways."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def cost(run: Inputs) -> dict[str, int]:
    """Return what one step of a run costs, by the definition of the budget."""
    tokens = run["batch_size"] * run["accumulation"] * run["block_size"]
    return {
        "tokens": tokens,
        "flops": 6 * run["parameters"] * tokens,
        "seconds": run["milliseconds_per_step"],
    }


def make_inputs(seed: int) -> Inputs:
    """Runs whose budgets leave little over, leave much over, and divide evenly."""
    rng = np.random.default_rng(seed)

    def draw() -> Inputs:
        return {
            "parameters": int(rng.integers(2, 60)) * 100_000,
            "batch_size": int(rng.choice([4, 8, 16, 24])),
            "accumulation": int(rng.integers(2, 6)),
            "block_size": int(rng.choice([96, 128, 256])),
            "milliseconds_per_step": int(rng.integers(80, 900)),
        }

    def left_over(run: Inputs, other: Inputs) -> list[float]:
        spent, price = cost(run), cost(other)
        return [run["steps"] * spent[kind] / price[kind] % 1 for kind in spent]

    cases = []
    for low, high in ((0.55, 0.95), (0.05, 0.45)):
        while True:
            run, other = draw() | {"steps": int(rng.integers(100, 900))}, draw()
            unlike = all(run[name] != other[name] for name in other)
            if unlike and all(low < part < high for part in left_over(run, other)):
                break
        cases.append({"run": run, "other": other})
    other = draw()
    run = {
        "parameters": other["parameters"] * 3,
        "batch_size": other["batch_size"],
        "accumulation": other["accumulation"] * 2,
        "block_size": other["block_size"],
        "milliseconds_per_step": other["milliseconds_per_step"] * 4,
        "steps": int(rng.integers(100, 900)),
    }
    return {"cases": [*cases, {"run": run, "other": other}]}


QUESTION = Question(
    id="ex13_1",
    name="fair_steps",
    points=2,
    title="the same budget, three ways",
    inputs=make_inputs,
    probe=each_case,
    errors={"KeyError": "`other` has no steps: these are what is asked for."},
)
