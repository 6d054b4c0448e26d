"""Right and wrong answers to Exercise 6.1, as students write them."""

import math

import numpy as np


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


RIGHT = [steps_without_floats, steps_by_numpy]
WRONG = [
    (steps_the_same, "not as many tokens"),
    (steps_no_accumulation, "Accumulation is missing"),
    (steps_equal_blocks, "block size is missing"),
    (steps_floor, "round up, not down"),
    (steps_nearest, "to the nearest"),
    (steps_plus_one, "don't add 1"),
    (steps_fraction, "no fraction of a step"),
    (steps_upside_down, "upside down"),
    (steps_tokens, "Divide the tokens"),
    (steps_of_other, "they are what you compute"),
]
