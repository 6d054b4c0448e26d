"""Right and wrong answers to Exercise 6.1, as students write them."""

import math
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import torch


def steps_without_floats(run, other):
    tokens = run["steps"] * run["batch_size"] * run["accumulation"] * run["block_size"]
    per_step = other["batch_size"] * other["accumulation"] * other["block_size"]
    return -(-tokens // per_step)


def steps_by_numpy(run, other):
    per_step = np.prod([other[key] for key in other])
    return int(np.ceil(np.prod(list(run.values())) / per_step))


def _ratio(run, other, *keys):
    tokens = math.prod(run[key] for key in ("steps", *keys))
    return tokens / math.prod(other[key] for key in keys)


def steps_the_same(run, other):
    return run["steps"]


def steps_no_accumulation(run, other):
    return math.ceil(_ratio(run, other, "batch_size", "block_size"))


def steps_equal_blocks(run, other):
    return math.ceil(_ratio(run, other, "batch_size", "accumulation"))


def steps_floor(run, other):
    return int(_ratio(run, other, "batch_size", "accumulation", "block_size"))


def steps_nearest(run, other):
    return round(_ratio(run, other, "batch_size", "accumulation", "block_size"))


def steps_plus_one(run, other):
    return int(_ratio(run, other, "batch_size", "accumulation", "block_size")) + 1


def steps_fraction(run, other):
    return _ratio(run, other, "batch_size", "accumulation", "block_size")


def steps_upside_down(run, other):
    sizes = ("batch_size", "accumulation", "block_size")
    ratio = math.prod(other[s] for s in sizes) / math.prod(run[s] for s in sizes)
    return math.ceil(run["steps"] * ratio)


def steps_tokens(run, other):
    return math.prod(run.values())


def steps_of_other(run, other):
    return math.ceil(math.prod(run.values()) / other["steps"])


def steps_by_loop(run, other):
    tokens = math.prod(run.values())
    per_step, steps = math.prod(other.values()), tokens // math.prod(other.values())
    while steps * per_step < tokens:
        steps += 1
    return steps


def steps_by_fraction(run, other):
    return math.ceil(Fraction(math.prod(run.values()), math.prod(other.values())))


def steps_by_decimal(run, other):
    exact = Decimal(math.prod(run.values())) / Decimal(math.prod(other.values()))
    return exact.to_integral_value(rounding=ROUND_CEILING)


def steps_by_pandas(run, other):
    sizes = pd.DataFrame({"run": run, "other": other}).drop("steps").prod()
    return np.ceil(run["steps"] * sizes["run"] / sizes["other"])


def steps_by_torch(run, other):
    tokens = torch.tensor(list(run.values())).prod()
    return (tokens + math.prod(other.values()) - 1) // math.prod(other.values())


def steps_ratio_rounded(run, other):
    sizes = ("batch_size", "accumulation", "block_size")
    ratio = math.prod(run[s] for s in sizes) / math.prod(other[s] for s in sizes)
    return run["steps"] * math.ceil(ratio)


def steps_without_steps(run, other):
    sizes = ("batch_size", "accumulation", "block_size")
    ratio = math.prod(run[s] for s in sizes) / math.prod(other[s] for s in sizes)
    return math.ceil(ratio)


def steps_batches_only(run, other):
    return math.ceil(run["steps"] * run["batch_size"] / other["batch_size"])


def steps_attributes(run, other):
    return math.ceil(run.steps * run.batch_size / other.batch_size)


def steps_printed(run, other):
    print(steps_without_floats(run, other))


def steps_in_list(run, other):
    return [steps_without_floats(run, other), math.prod(other.values())]


def steps_of_dicts(run, other):
    return run / other


def steps_arguments_swapped(other, run):
    per_step = math.prod(run[s] for s in ("batch_size", "accumulation", "block_size"))
    tokens = math.prod(other[s] for s in ("batch_size", "accumulation", "block_size"))
    return math.ceil(tokens / per_step)


RIGHT = [
    steps_without_floats,
    steps_by_numpy,
    steps_by_loop,
    steps_by_fraction,
    steps_by_decimal,
    steps_by_pandas,
    steps_by_torch,
]
WRONG = [
    (steps_the_same, "not as many tokens"),
    (steps_no_accumulation, "Accumulation is missing"),
    (steps_equal_blocks, "block size is missing"),
    (steps_floor, "round up, not down"),
    (steps_nearest, "to the nearest"),
    (steps_plus_one, "don't add 1"),
    (steps_fraction, "no fraction of a step"),
    (steps_upside_down, "upside down"),
    (steps_tokens, "These are the tokens"),
    (steps_of_other, "they are what you compute"),
    (steps_ratio_rounded, "rounded too early"),
    (steps_without_steps, "The steps of the first run"),
    (steps_batches_only, "Accumulation and block size"),
    (steps_attributes, "square brackets"),
    (steps_printed, "`print` shows"),
    (steps_in_list, "returns a list or tuple, where a number"),
    (steps_of_dicts, "do not go together"),
    (steps_arguments_swapped, "The steps of the first run"),
]
