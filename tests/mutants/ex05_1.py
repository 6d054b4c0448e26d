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


def steps_accumulation_divides(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes / accumulation
    return size, math.ceil(n_blocks / size)


RIGHT = [steps_without_floats, steps_like_trainer]
WRONG = [
    (steps_accumulation_divides, "Return two whole numbers"),
]
