"""Right and wrong answers to Exercise 13.1, as students write them."""

import math


def _costs(run, parameters=True, accumulation=True, block_size=True):
    tokens = run["batch_size"]
    if accumulation:
        tokens *= run["accumulation"]
    if block_size:
        tokens *= run["block_size"]
    flops = 6 * tokens * (run["parameters"] if parameters else 1)
    return {
        "tokens": tokens,
        "flops": flops,
        "seconds": run["milliseconds_per_step"] / 1000,
    }


def _steps(run, other, rounded=math.floor, **without):
    mine, theirs = _costs(run, **without), _costs(other, **without)
    return {
        name: rounded(round(run["steps"] * mine[name] / theirs[name], 9))
        for name in mine
    }


def steps_by_floor(run, other):
    return _steps(run, other)


def steps_by_counting(run, other):
    steps = {}
    mine, theirs = _costs(run), _costs(other)
    for name in mine:
        budget, steps[name] = run["steps"] * mine[name] * (1 + 1e-12), 0
        while (steps[name] + 1) * theirs[name] <= budget:
            steps[name] += 1
    return steps


def steps_rounded_up(run, other):
    return _steps(run, other, math.ceil)


def steps_rounded(run, other):
    return _steps(run, other, round)


def steps_plus_1(run, other):
    return _steps(run, other, lambda steps: int(steps) + 1)


def steps_as_fractions(run, other):
    return _steps(run, other, float)


def steps_without_accumulation(run, other):
    return _steps(run, other, accumulation=False)


def steps_without_parameters(run, other):
    return _steps(run, other, parameters=False)


def steps_without_block_size(run, other):
    return _steps(run, other, block_size=False)


def steps_of_equal_tokens(run, other):
    steps = _steps(run, other)["tokens"]
    return {"tokens": steps, "flops": steps, "seconds": steps}


def steps_upside_down(run, other):
    return _steps({**other, "steps": run["steps"]}, run)


def steps_all_equal(run, other):
    return dict.fromkeys(("tokens", "flops", "seconds"), run["steps"])


def steps_of_other(run, other):
    return {"tokens": other["steps"]}


def steps_as_list(run, other):
    return list(_steps(run, other).values())


RIGHT = [steps_by_floor, steps_by_counting]
WRONG = [
    (steps_rounded_up, "Rounded up"),
    (steps_rounded, "Rounded to the nearest"),
    (steps_plus_1, "One step too many"),
    (steps_as_fractions, "no fraction of a step"),
    (steps_without_accumulation, "accumulation is missing"),
    (steps_without_parameters, "more FLOPs in a larger model"),
    (steps_without_block_size, "block size is missing"),
    (steps_of_equal_tokens, "the steps of equal tokens"),
    (steps_upside_down, "upside down"),
    (steps_all_equal, "Equal steps are no equal budget"),
    (steps_of_other, "`other` has no steps"),
    (steps_as_list, "For each of tokens, flops and seconds"),
]
