"""Judge of 5.1, effective batch size and steps."""

import math

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex05_1 import QUESTION


def right(n_blocks, batch_size, accumulation, processes):
    batch = batch_size * accumulation * processes
    return batch, math.ceil(n_blocks / batch)


judge = Judge(
    QUESTION,
    right,
    "Return two whole numbers: batch_size x accumulation x processes, and how many "
    "such batches it takes to use every block once.",
)


@judge.mistake("The last batch is smaller, but it is a step too: round up, not down.")
def rounded_down(n_blocks, *sizes):
    return math.prod(sizes), n_blocks // math.prod(sizes)


@judge.mistake(
    "The last batch of a process may be smaller, and it counts: divide the blocks by "
    "the effective batch size at once, and round up."
)
def whole_batches_only(n_blocks, batch_size, accumulation, processes):
    batches = n_blocks // batch_size
    size = accumulation * processes
    return batch_size * size, math.ceil(batches / size)


@judge.mistake(
    "The last batch is a step however small it is: round up, not to the nearest."
)
def rounded_to_the_nearest(n_blocks, *sizes):
    return math.prod(sizes), round(n_blocks / math.prod(sizes))


@judge.mistake(
    "One step too many when the blocks divide evenly: round up, don't add 1."
)
def one_more(n_blocks, *sizes):
    return math.prod(sizes), n_blocks // math.prod(sizes) + 1


@judge.mistake("There is no fraction of a step: round up.")
def not_rounded(n_blocks, *sizes):
    return math.prod(sizes), n_blocks / math.prod(sizes)


@judge.mistake("Gradient accumulation is missing: a step uses `accumulation` batches.")
def without_accumulation(n_blocks, batch_size, accumulation, processes):
    return right(n_blocks, batch_size, 1, processes)


@judge.mistake("The processes are missing: each one works on a batch of its own.")
def without_processes(n_blocks, batch_size, accumulation, processes):
    return right(n_blocks, batch_size, accumulation, 1)


@judge.mistake("These are forward passes: a step comes after `accumulation` of them.")
def forward_passes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / (batch_size * processes))


@judge.mistake("The results are in the other order: effective batch size, then steps.")
def swapped(*case):
    return right(*case)[::-1]


@judge.mistake("The sizes are added: multiply them.")
def added(n_blocks, *sizes):
    return sum(sizes), math.ceil(n_blocks / sum(sizes))


@judge.mistake("These are forward passes of all processes: a batch each.")
def batches(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / batch_size)


@judge.mistake(
    "Accumulation makes a step larger: multiply by it, and do not divide by it."
)
def divided_by_accumulation(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes / accumulation
    return size, math.ceil(n_blocks / size)


@judge.mistake("The processes work side by side: multiply by them, do not divide.")
def divided_by_processes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation / processes
    return size, math.ceil(n_blocks / size)


@judge.mistake("The steps are missing: return two whole numbers.")
def size_only(n_blocks, *sizes):
    return math.prod(sizes)


@judge.mistake("The effective batch size is missing: return two whole numbers.")
def steps_only(*case):
    return right(*case)[1]
