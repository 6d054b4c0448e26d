"""Right and wrong answers to Exercise 5.1, as students write them."""

import math

import numpy as np
import pandas as pd
import torch


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


def steps_by_loop(n_blocks, batch_size, accumulation, processes):
    size, steps, left = batch_size * accumulation * processes, 0, n_blocks
    while left > 0:
        left -= size
        steps += 1
    return {"size": size, "steps": steps}.values()


def steps_by_numpy(n_blocks, *sizes):
    size = np.prod(sizes, dtype=np.int32)
    return np.array([size, np.ceil(n_blocks / size)])


def steps_by_torch(n_blocks, *sizes):
    size = torch.tensor(sizes).prod()
    return size, len(torch.arange(n_blocks).split(size.item()))


def steps_by_pandas(n_blocks, *sizes):
    size = pd.Series(sizes).product()
    steps, rest = divmod(n_blocks, size)
    return pd.Series([size, steps + bool(rest)])


def steps_added(n_blocks, batch_size, accumulation, processes):
    size = batch_size + accumulation + processes
    return size, math.ceil(n_blocks / size)


def steps_floor_of_loader(n_blocks, batch_size, accumulation, processes):
    steps = n_blocks // (batch_size * processes) // accumulation
    return batch_size * accumulation * processes, steps


def steps_batches(n_blocks, batch_size, accumulation, processes):
    return batch_size * accumulation * processes, math.ceil(n_blocks / batch_size)


def steps_size_only(n_blocks, *sizes):
    return math.prod(sizes)


def steps_as_dict(n_blocks, *sizes):
    size, steps = steps_without_floats(n_blocks, *sizes)
    return {"effective_batch_size": size, "steps": steps}


def steps_printed(n_blocks, *sizes):
    print(steps_without_floats(n_blocks, *sizes))


def steps_swapped_arguments(batch_size, n_blocks, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / size)


def steps_of_text(n_blocks, *sizes):
    return f"{math.prod(sizes)}, {math.ceil(n_blocks / math.prod(sizes))}"


def steps_other_parameters(n_blocks, batch_size):
    return batch_size, n_blocks // batch_size


def steps_of_whole_batches(n_blocks, batch_size, accumulation, processes):
    return (
        batch_size * accumulation * processes,
        math.ceil(n_blocks // batch_size / (accumulation * processes)),
    )


RIGHT = [
    steps_without_floats,
    steps_like_trainer,
    steps_by_loop,
    steps_by_numpy,
    steps_by_torch,
    steps_by_pandas,
]
WRONG = [
    (steps_accumulation_divides, "do not divide by it"),
    (steps_added, "The sizes are added"),
    (steps_floor_of_loader, "round up, not down"),
    (steps_batches, "a batch each"),
    (steps_size_only, "The steps are missing"),
    (steps_as_dict, "returns a dict, where a list"),
    (steps_printed, "`print` shows"),
    (steps_swapped_arguments, "Return two whole numbers"),
    (steps_of_text, "returns a text"),
    (steps_other_parameters, "cannot be called"),
    (steps_of_whole_batches, "may be smaller, and it counts"),
]
