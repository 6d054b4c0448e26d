"""Judge of 5.1, effective batch size and steps."""

import math

import numpy as np

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
    "Batches that are left over at the end are a step, too: round up, once, at the end."
)
def accumulation_rounded_down(n_blocks, batch_size, accumulation, processes):
    batches = math.ceil(n_blocks / (batch_size * processes))
    return batch_size * accumulation * processes, batches // accumulation


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


@judge.sees("")
def other_product(got, expected, cases):
    """Say which size is missing from the product, or divides it."""
    sizes = ("batch_size", "accumulation", "processes")
    logs = np.log([[case[size] for size in sizes] for case in cases])
    powers, *_ = np.linalg.lstsq(logs, np.log([size for size, _ in got]))
    if not np.allclose(powers, np.round(powers), atol=1e-6) or np.allclose(powers, 1):
        return ""
    said = {0: "is not in it", -1: "divides it"}
    return (
        "The effective batch size is the product of the three: "
        + "; ".join(
            f"`{size}` {said.get(round(power), f'is in it {power:.0f} times')}"
            for size, power in zip(sizes, powers, strict=True)
            if round(power) != 1
        )
        + "."
    )


@judge.sees("")
def other_steps(got, expected, cases):
    """Say what the steps were multiplied or divided by."""
    if any(g[0] != e[0] for g, e in zip(got, expected, strict=True)):
        return ""
    for size in ("batch_size", "accumulation", "processes"):
        ratios = [
            g[1] / e[1] / c[size] for g, e, c in zip(got, expected, cases, strict=True)
        ]
        if np.allclose(ratios, 1, rtol=0.05):
            return (
                f"The effective batch size is right, and the steps are `{size}` times "
                "as many as they should be: divide the blocks by all of it."
            )
    more = all(g[1] > e[1] for g, e in zip(got, expected, strict=True))
    return (
        "The effective batch size is right, and the steps are not always: divide the "
        "blocks by it, and round up."
        + (" There are too many steps in every case." if more else "")
    )
