"""Right and wrong answers to Exercise 10.2, as students write them."""

import math
from collections import deque
from statistics import mean, median

import numpy as np


def step_by_deque(norms, window, factor):
    last = deque(maxlen=window)
    for step, norm in enumerate(norms):
        if math.isnan(norm) or math.isinf(norm):
            return step
        if len(last) == window and norm > factor * np.median(last):
            return step
        last.append(norm)


def step_by_not(norms, window, factor):
    for step in range(len(norms)):
        if step < window:
            limit = math.inf
        else:
            limit = factor * median(norms[step - window : step])
        if not norms[step] < limit:
            return step
    return None


def _first(norms, window, before, middle=median, first=None):
    """Return the first step above `middle(before(step))`, or not finite."""
    for step, norm in enumerate(norms):
        if not math.isfinite(norm):
            return step
        from_step = window if first is None else first
        if step >= from_step and norm > middle(before(step)):
            return step
    return None


def step_by_mean(norms, window, factor):
    return _first(
        norms, window, lambda i: norms[i - window : i], lambda x: factor * mean(x)
    )


def step_with_itself(norms, window, factor):
    def before(step):
        return norms[step - window + 1 : step + 1]

    return _first(norms, window, before, lambda x: factor * median(x))


def step_of_whole_run(norms, window, factor):
    def before(step):
        return norms[:step]

    return _first(norms, window, before, lambda x: factor * median(x))


def step_too_early(norms, window, factor):
    def before(step):
        return norms[max(0, step - window) : step]

    return _first(norms, window, before, lambda x: factor * median(x), first=1)


def step_by_previous(norms, window, factor):
    return _first(norms, 1, lambda i: norms[i - 1 : i], lambda x: factor * x[0])


def step_absolute(norms, window, factor):
    return _first(norms, 0, lambda i: [], lambda x: factor)


def step_misses_nan(norms, window, factor):
    for step in range(window, len(norms)):
        if norms[step] > factor * median(norms[step - window : step]):
            return step
    return None


def step_nan_in_window_missed(norms, window, factor):
    for step in range(window, len(norms)):
        if not math.isfinite(norms[step]):
            return step
        if norms[step] > factor * median(norms[step - window : step]):
            return step


def step_nan_only(norms, window, factor):
    for step, norm in enumerate(norms):
        if math.isnan(norm):
            return step
        if step >= window and norm > factor * median(norms[step - window : step]):
            return step


def step_minus_one(norms, window, factor):
    step = step_by_deque(norms, window, factor)
    return -1 if step is None else step


RIGHT = [step_by_deque, step_by_not]
WRONG = [
    (step_by_mean, "This is the mean"),
    (step_with_itself, "the step itself"),
    (step_of_whole_run, "since the start"),
    (step_too_early, "no full window"),
    (step_by_previous, "the one norm before"),
    (step_absolute, "not a norm"),
    (step_misses_nan, "comparison with NaN is false"),
    (step_nan_in_window_missed, "in the first `window` steps too"),
    (step_nan_only, "Infinity"),
    (step_minus_one, "Return None"),
]
