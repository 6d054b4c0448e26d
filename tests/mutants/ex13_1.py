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


def steps_by_integers(run, other):
    def step(settings):
        return (
            settings["batch_size"] * settings["accumulation"] * settings["block_size"]
        )

    tokens = run["steps"] * step(run)
    return {
        "tokens": tokens // step(other),
        "flops": tokens * run["parameters"] // (step(other) * other["parameters"]),
        "seconds": run["steps"]
        * run["milliseconds_per_step"]
        // other["milliseconds_per_step"],
    }


def steps_by_fractions(run, other):
    from fractions import Fraction

    mine, theirs = _costs(run), _costs(other)
    mine["seconds"], theirs["seconds"] = (
        settings["milliseconds_per_step"] for settings in (run, other)
    )
    return {
        name: int(Fraction(run["steps"] * mine[name], theirs[name])) for name in mine
    }


def steps_by_numpy(run, other):
    import numpy as np

    names = ["tokens", "flops", "seconds"]
    spent, price = (
        np.array(
            [
                np.prod([r[n] for n in ("batch_size", "accumulation", "block_size")]),
                0,
                r["milliseconds_per_step"],
            ],
            dtype=np.int64,
        )
        for r in (run, other)
    )
    for costs, settings in ((spent, run), (price, other)):
        costs[1] = 6 * costs[0] * settings["parameters"]
    return dict(zip(names, np.floor_divide(spent * run["steps"], price), strict=True))


def steps_by_divmod(run, other):
    mine, theirs = steps_costs(run), steps_costs(other)
    return {name: divmod(run["steps"] * mine[name], theirs[name])[0] for name in mine}


def steps_costs(run):
    tokens = math.prod(run[n] for n in ("batch_size", "accumulation", "block_size"))
    return {
        "seconds": run["milliseconds_per_step"],
        "tokens": tokens,
        "flops": tokens * run["parameters"] * 6,
    }


def steps_without_flops(run, other):
    steps = _steps(run, other)
    del steps["flops"]
    return steps


def steps_of_lists(run, other):
    return list(run.values()) - list(other.values())


def steps_by_two_mistakes(run, other):
    """The tokens leave out accumulation, the seconds are turned round."""
    steps = run["steps"]
    batch, price = (r["batch_size"] * r["block_size"] for r in (run, other))
    tokens, each = batch * run["accumulation"], price * other["accumulation"]
    flops = steps * run["parameters"] * tokens // (other["parameters"] * each)
    time, other_time = run["milliseconds_per_step"], other["milliseconds_per_step"]
    return {
        "tokens": steps * batch // price,
        "flops": flops,
        "seconds": steps * other_time // time,
    }


RIGHT = [
    steps_by_floor,
    steps_by_counting,
    steps_by_integers,
    steps_by_fractions,
    steps_by_numpy,
    steps_by_divmod,
]
WRONG = [
    (steps_by_two_mistakes, "`tokens` may be wrong for this reason: Gradient"),
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
    (steps_without_flops, "lacks `flops`"),
    (steps_of_lists, "stops with TypeError"),
    (steps_as_list, "For each of tokens, flops and seconds"),
]
