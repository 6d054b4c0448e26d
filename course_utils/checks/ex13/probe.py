"""Exercise 13, scratch or pretrained: the questions and how an answer is called."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case
from course_utils.checks.weights import weights_or_type
from course_utils.machine.places import ASSETS

Inputs = dict[str, Any]

BASE = ASSETS / "tiny-base"
MOST_WEIGHTS = 2_000_000  # a model with more is not the tiny base's


def cost(run: Inputs) -> dict[str, int]:
    """Return what one step of a run costs, by the definition of the budget."""
    tokens = run["batch_size"] * run["accumulation"] * run["block_size"]
    return {
        "tokens": tokens,
        "flops": 6 * run["parameters"] * tokens,
        "seconds": run["milliseconds_per_step"],
    }


def budget_inputs(seed: int) -> Inputs:
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


def scratch_inputs(seed: int) -> Inputs:
    """Two seeds."""
    rng = np.random.default_rng(seed)
    return {"seeds": [int(number) for number in rng.choice(10_000, 2, replace=False)]}


def scratch_probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights for one seed, for the same again, and for another."""
    import torch

    first, other = inputs["seeds"]
    answers = []
    with torch.random.fork_rng(devices=[]):
        for seed in (first, first, other):
            model = target(str(BASE), seed)
            count = getattr(model, "num_parameters", lambda: 0)()
            if count > MOST_WEIGHTS:
                return [{"parameters": int(count)}]
            answers.append(weights_or_type(model))
    return answers


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


def curve_inputs(seed: int) -> Inputs:
    """Amounts of tokens between two evaluations, at one, before and behind them."""
    rng = np.random.default_rng(seed)
    cases = []
    for steps, every in ((40, 20), (120, 20)):
        history = log(rng, steps, every)
        per_step = int(rng.choice([512, 1000, 2048]))
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


def break_even_inputs(seed: int) -> Inputs:
    """Curves that fall to the target, go up again, never reach it, start below it."""
    rng = np.random.default_rng(seed)

    def curve(losses: tuple[float, ...]) -> list[list[float]]:
        first = int(rng.integers(2, 9)) * 1000
        noise = rng.uniform(0.98, 1.02, len(losses))
        return [
            [first * 3**i, round(float(loss * shake), 3)]
            for i, (loss, shake) in enumerate(zip(losses, noise, strict=True))
        ]

    falling, bumpy = (7.0, 5.0, 3.6, 2.6), (6.0, 4.1, 2.9, 3.6, 2.4)
    cases = [
        {"curve": curve(falling), "target": round(float(rng.uniform(4, 4.6)), 2)},
        {"curve": curve(bumpy), "target": round(float(rng.uniform(3.1, 3.4)), 2)},
        {"curve": curve(falling), "target": 2.1},
        {"curve": curve(falling), "target": 7.5},
    ]
    return {"cases": cases}


def experiment_inputs(seed: int) -> Inputs:
    """Nothing: the runs are the student's own."""
    return {}


def experiment_probe(target: Any, inputs: Inputs) -> Any:
    """Return what is asked for, with columns of a data set and intervals as lists."""
    target = target() if callable(target) else target
    runs = {
        name: {**target[name], "texts": list(target[name]["texts"])}
        for name in ("scratch", "pretrained")
    }
    verdict = {
        name: list(interval) if isinstance(interval, tuple) else interval
        for name, interval in target["verdict"].items()
    }
    return {
        **runs,
        "dialogues": list(target["dialogues"]),
        "references": list(target["references"]),
        "vocab_size": target["vocab_size"],
        "verdict": verdict,
    }


QUESTIONS = [
    Question(
        id="ex13_1",
        name="fair_steps",
        points=2,
        title="the same budget, three ways",
        inputs=budget_inputs,
        probe=each_case,
        errors={"KeyError": "`other` has no steps: these are what is asked for."},
    ),
    Question(
        id="ex13_2",
        name="from_scratch",
        points=2,
        title="the same model with random weights",
        inputs=scratch_inputs,
        probe=scratch_probe,
        allowed=("transformers.AutoConfig", "transformers.AutoModelForCausalLM"),
        forbidden=("course_utils.model.gpt2.load",),
        errors={
            "from_config": "from_config takes a configuration: load that first.",
            "is not a local folder": "Load from the folder that is given.",
        },
    ),
    Question(
        id="ex13_3",
        name="loss_at",
        points=2,
        title="curves over tokens",
        inputs=curve_inputs,
        probe=each_case,
        allowed=("numpy",),
        errors={
            "KeyError": "Not every row of a log has an eval_loss: take those only.",
        },
    ),
    Question(
        id="ex13_4",
        name="break_even",
        points=2,
        title="how much data a head start is worth",
        inputs=break_even_inputs,
        probe=each_case,
        allowed=("math", "numpy"),
    ),
    Question(
        id="ex13_5",
        name="experiment",
        points=4,
        title="the two real runs",
        inputs=experiment_inputs,
        probe=experiment_probe,
        is_function=False,
        errors={"KeyError": "Give `experiment` all the keys that 13.5 lists."},
    ),
]
