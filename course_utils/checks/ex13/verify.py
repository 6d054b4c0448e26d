"""Exercise 13, scratch or pretrained: the references, and the mistakes known."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex13.experiment import verify_experiment
from course_utils.checks.ex13.probe import BASE, cost

Inputs = dict[str, Any]
Points = list[tuple[float, float]]


def verify_budget(data: Any, inputs: Inputs) -> Verdict:
    """Whole steps of the other run, for each meaning of the same budget."""

    def right(
        case: Case,
        rounded: Callable[[float], float] = math.floor,
        without: str = "",
        price: str = "",
    ) -> dict[str, float]:
        run, other = ({**case[name]} for name in ("run", "other"))
        if without:
            run[without] = other[without] = 1
        spent, each = cost(run), cost(other)
        return {
            kind: rounded(run["steps"] * spent[price or kind] / each[price or kind])
            for kind in spent
        }

    def upside_down(case: Case) -> dict[str, float]:
        run, other = case["run"], case["other"]
        steps = run["steps"]
        return right({"run": {**other, "steps": steps}, "other": run})

    mistakes = [
        (
            lambda case: right(case, math.ceil),
            "Rounded up, the other run spends more than the budget: round down.",
        ),
        (
            lambda case: right(case, round),
            "Rounded to the nearest, some runs spend more than the budget: round down.",
        ),
        (
            lambda case: right(case, lambda steps: math.floor(steps) + 1),
            "One step too many: the last one goes over the budget.",
        ),
        (
            lambda case: right(case, lambda steps: steps),
            "There is no fraction of a step: round down.",
        ),
        (
            lambda case: right(case, without="accumulation"),
            "Gradient accumulation is missing: a step reads that many batches.",
        ),
        (
            lambda case: right(case, without="parameters"),
            "A token costs more FLOPs in a larger model: 6 for each parameter.",
        ),
        (
            lambda case: right(case, without="block_size"),
            "The block size is missing: a batch has batch_size blocks of that many "
            "tokens.",
        ),
        (
            lambda case: right(case, price="tokens"),
            "All three are the steps of equal tokens: FLOPs and seconds differ.",
        ),
        (upside_down, "The ratio is upside down: what costs less gets more steps."),
        (
            lambda case: dict.fromkeys(cost(case["other"]), case["run"]["steps"]),
            "Equal steps are no equal budget: a step of each run costs something else.",
        ),
    ]
    otherwise = (
        "For each of tokens, flops and seconds: what all steps of `run` cost, divided "
        "by what one step of `other` costs, rounded down."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_scratch(data: Any, inputs: Inputs) -> Verdict:
    """The base's shapes, none of its weights, repeatable by the seed."""
    from safetensors.numpy import load_file

    shipped = load_file(BASE / "model.safetensors")
    base = {name: w.astype(np.float16) for name, w in shipped.items()}
    first = data[0]
    if "returned" in first:
        return wrong("Return the model itself.", returned=first["returned"])
    weights = first.get("weights", {})
    shapes = {name: w.shape for name, w in weights.items()}
    if any(shapes.get(name) != w.shape for name, w in base.items()):
        return wrong(
            "This is a model of another size: take the configuration of the folder "
            "that you are given."
        )
    kept = [name for name, w in base.items() if np.array_equal(w, weights[name])]
    if len(kept) == len(base):
        return wrong(
            "These are the pretrained weights: make the model from its configuration "
            "alone."
        )
    if kept:
        return wrong("Some weights are still the pretrained ones.", such_as=kept[0])
    ends = weights["transformer.ln_f.weight"], weights["transformer.ln_f.bias"]
    spread = float(weights["transformer.wte.weight"].astype(float).std())
    if not (ends[0] == 1).all() or (ends[1] != 0).any() or not 0.015 < spread < 0.025:
        return wrong(
            "The weights are not those of a new model: let from_config draw them. Its "
            "layer norms begin at 1, its embeddings have a spread of 0.02.",
            spread_of_embeddings=spread,
        )
    same_seed, other_seed = (
        all(np.array_equal(weights[name], model["weights"][name]) for name in base)
        for model in data[1:]
    )
    if not same_seed:
        return wrong(
            "The same seed gives other weights the second time: set torch's seed "
            "before the model is made."
        )
    if other_seed:
        return wrong("Another seed gives the same weights: use the seed that is given.")
    return Verdict(2)


def verify_curve(data: Any, inputs: Inputs) -> Verdict:
    """The validation loss after so many tokens, between two evaluations."""

    def points(case: Case, name: str = "eval_loss", per_step: int = 0) -> Points:
        per_step = per_step or case["tokens_per_step"]
        rows = [row for row in case["log_history"] if name in row]
        return [(row["step"] * per_step, row[name]) for row in rows]

    def interpolated(case: Case, found: Points, clamp: bool = False) -> float | None:
        tokens, losses = zip(*found, strict=True)
        inside = tokens[0] <= case["tokens"] <= tokens[-1]
        if not inside and not clamp:
            return None
        return float(np.interp(case["tokens"], tokens, losses))

    def right(case: Case) -> float | None:
        return interpolated(case, points(case))

    def by_step(case: Case, clamp: bool) -> float | None:
        return interpolated(case, points(case, per_step=1), clamp)

    def last_before(case: Case) -> float | None:
        before = [loss for tokens, loss in points(case) if tokens <= case["tokens"]]
        return before[-1] if before and right(case) is not None else None

    def nearest(case: Case, inside: bool = True) -> float | None:
        if inside and right(case) is None:
            return None
        return min(points(case), key=lambda point: abs(point[0] - case["tokens"]))[1]

    mistakes = [
        (
            lambda case: interpolated(case, points(case), clamp=True),
            "Outside the evaluations nothing was measured: return None there. "
            "np.interp repeats the first or last loss.",
        ),
        (
            lambda case: interpolated(case, points(case, "loss")),
            "This is the training loss: take eval_loss.",
        ),
        (
            lambda case: interpolated(case, points(case, "loss"), clamp=True),
            "This is the training loss: take eval_loss.",
        ),
        (
            lambda case: by_step(case, clamp=True),
            "Steps are compared with tokens: multiply a row's step by tokens_per_step.",
        ),
        (
            lambda case: by_step(case, clamp=False),
            "Steps are compared with tokens: multiply a row's step by tokens_per_step.",
        ),
        (
            last_before,
            "This is the evaluation before: go between the two in a straight line.",
        ),
        (nearest, "This is the nearest one: go between the two in a straight line."),
        (
            lambda case: nearest(case, inside=False),
            "This is the nearest one: go between the two in a straight line.",
        ),
    ]
    otherwise = (
        "Take the rows that have an eval_loss, at step x tokens_per_step, and go in a "
        "straight line between the two around `tokens`."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_break_even(data: Any, inputs: Inputs) -> Verdict:
    """The first crossing, on a straight line in log tokens and log loss."""

    def right(
        case: Case,
        log_tokens: bool = True,
        log_loss: bool = True,
        last: bool = False,
        never: bool = False,
    ) -> float | None:
        curve, target = case["curve"], case["target"]
        x = math.log if log_tokens else float
        y = math.log if log_loss else float
        if curve[0][1] <= target:
            return curve[0][0]
        pairs = list(pairwise(curve))
        for a, b in pairs[::-1] if last else pairs:
            if b[1] <= target < a[1]:
                share = (y(a[1]) - y(target)) / (y(a[1]) - y(b[1]))
                found = x(a[0]) + share * (x(b[0]) - x(a[0]))
                return math.exp(found) if log_tokens else found
        return curve[-1][0] if never else None

    def first_at_or_below(case: Case) -> float | None:
        found = [tokens for tokens, loss in case["curve"] if loss <= case["target"]]
        return found[0] if found else None

    def interp(case: Case, step: int = 1, logs: bool = True) -> float:
        ahead, back = (np.log, np.exp) if logs else (np.asarray, np.asarray)
        tokens, losses = ahead(case["curve"])[::step].T
        return float(back(np.interp(ahead(case["target"]), losses, tokens)))

    def power_law(case: Case) -> float:
        tokens, losses = np.log(case["curve"]).T
        slope, start = np.polyfit(tokens, losses, 1)
        return float(np.exp((np.log(case["target"]) - start) / slope))

    mistakes = [
        (
            lambda case: right(case, log_tokens=False, log_loss=False),
            "This is a straight line in tokens and loss: take the logarithm of both.",
        ),
        (
            lambda case: right(case, log_loss=False),
            "Only the tokens are logarithms: take that of the losses too.",
        ),
        (
            lambda case: right(case, log_tokens=False),
            "Only the losses are logarithms: take that of the tokens too.",
        ),
        (
            first_at_or_below,
            "This is the first point at or below the target: the crossing lies before "
            "it.",
        ),
        (
            lambda case: right(case, last=True),
            "The curve reaches the target earlier: the first time counts.",
        ),
        (
            lambda case: right(case, never=True),
            "A curve that never reaches the target has no crossing: return None.",
        ),
        (
            interp,
            "np.interp wants rising x, and losses fall: it gives nonsense without a "
            "word. Look for the two neighbours yourself.",
        ),
        (
            lambda case: interp(case, logs=False),
            "np.interp wants rising x, and losses fall: it gives nonsense without a "
            "word. Look for the two neighbours yourself.",
        ),
        (
            lambda case: interp(case, step=-1),
            "np.interp wants rising x, which a bumpy curve does not have, and it never "
            "says None. Look for the two neighbours yourself.",
        ),
        (
            power_law,
            "This is a line through all points: go between the two neighbours.",
        ),
    ]
    otherwise = (
        "Find the first two neighbours of which the later is at or below the target, "
        "and go between them in a straight line of log(loss) over log(tokens)."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


VERIFY = {
    "ex13_1": verify_budget,
    "ex13_2": verify_scratch,
    "ex13_3": verify_curve,
    "ex13_4": verify_break_even,
    "ex13_5": verify_experiment,
}
