"""Right and wrong answers to Exercise 5.1, as students write them."""

import math

import numpy as np


def steps_without_floats(n_blocks, batch_size, accumulation, processes):
    size = processes * accumulation * batch_size
    return [size, -(-n_blocks // size)]


def steps_like_trainer(n_blocks, batch_size, accumulation, processes):
    loader = math.ceil(n_blocks / (batch_size * processes))
    steps = loader // accumulation + (1 if loader % accumulation else 0)
    return np.int64(batch_size * accumulation * processes), steps


def steps_floor(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks // size


def steps_nearest(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, round(n_blocks / size)


def steps_plus_one(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks // size + 1


def steps_fraction(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks / size


def steps_no_accumulation(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes
    return size, math.ceil(n_blocks / size)


def steps_no_processes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation
    return size, math.ceil(n_blocks / size)


def steps_forward_passes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / (batch_size * processes))


def steps_swapped(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return math.ceil(n_blocks / size), size


def steps_accumulation_divides(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes / accumulation
    return size, math.ceil(n_blocks / size)


RIGHT = [steps_without_floats, steps_like_trainer]
WRONG = [
    (steps_floor, "round up, not down"),
    (steps_nearest, "not to the nearest"),
    (steps_plus_one, "don't add 1"),
    (steps_fraction, "no fraction of a step"),
    (steps_no_accumulation, "accumulation is missing"),
    (steps_no_processes, "processes are missing"),
    (steps_forward_passes, "forward passes"),
    (steps_swapped, "in the other order"),
    (steps_accumulation_divides, "Return two whole numbers"),
]
