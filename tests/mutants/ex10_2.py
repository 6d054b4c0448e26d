"""Right and wrong answers to Exercise 10.2, as students write them."""

import math
import sys
from collections import deque
from statistics import median

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
            limit = sys.float_info.max
        else:
            limit = factor * median(norms[step - window : step])
        if not norms[step] <= limit:
            return step
    return None


def step_by_pandas(norms, window, factor):
    import pandas as pd

    series = pd.Series(norms, dtype=float)
    limit = series.rolling(window).median().shift(1) * factor
    bad = ~np.isfinite(series) | (series > limit)
    return int(bad.idxmax()) if bad.any() else None


def step_by_windows(norms, window, factor):
    array = np.array(norms)
    bad = ~np.isfinite(array)
    if len(array) > window:
        windows = np.lib.stride_tricks.sliding_window_view(array, window)[:-1]
        with np.errstate(all="ignore"):
            bad[window:] |= array[window:] > factor * np.median(windows, axis=1)
    found = np.flatnonzero(bad)
    return found[0] if found.size else None


def step_by_sorting(norms, window, factor):
    for step, norm in enumerate(norms):
        if norm != norm or abs(norm) == math.inf:
            return step
        last = sorted(norms[step - window : step]) if step >= window else []
        if last:
            half = len(last) // 2
            middle = last[half] if len(last) % 2 else (last[half - 1] + last[half]) / 2
            if norm / middle > factor:
                return step


def step_by_next(norms, window, factor):
    def explodes(step):
        before = norms[step - window : step]
        return not np.isfinite(norms[step]) or (
            step >= window and norms[step] > factor * float(np.median(before))
        )

    return next(filter(explodes, range(len(norms))), None)


def step_empty_median(norms, window, factor):
    for step in range(len(norms)):
        if norms[step] > factor * median(norms[:0] if step == 0 else norms[:step]):
            return step


def step_never(norms, window, factor):
    return None if len(norms) < 1000 else 0


def step_list_times_float(norms, window, factor):
    return next(i for i in range(len(norms)) if norms[i] > factor * norms[:window])


def step_infinity_two_late(norms, window, factor):
    step = step_by_not(norms, window, factor)
    late = step is not None and not math.isfinite(norms[step])
    return step + 2 if late else step


def step_not_finite_first(norms, window, factor):
    for i, x in enumerate(norms):
        if not math.isfinite(x):
            return i
    for i in range(window, len(norms)):
        if norms[i] > factor * median(norms[i - window : i]):
            return i


def step_as_norm(norms, window, factor):
    for i, x in enumerate(norms):
        if not math.isfinite(x):
            return x
        if i >= window and x > factor * median(norms[i - window : i]):
            return x


def step_short_window(norms, window, factor):
    for i, x in enumerate(norms):
        if not math.isfinite(x):
            return i
        w = norms[i - window : i]
        if w and x > factor * median(w):
            return i


def explosion_by_mean_or_equal(norms, window, factor):
    for step, norm in enumerate(norms):
        before = norms[max(0, step - window) : step]
        if not math.isfinite(norm):
            return step
        if step >= window and norm >= factor * sum(before) / window:
            return step
    return None


RIGHT = [
    step_by_deque,
    step_by_not,
    step_by_pandas,
    step_by_windows,
    step_by_sorting,
    step_by_next,
]
WRONG = [
    (explosion_by_mean_or_equal, "take the median. A norm of exactly"),
    (step_empty_median, "no full window before"),
    (step_never, "None"),
    (step_list_times_float, "stops with TypeError"),
    (step_infinity_two_late, "Steps above the limit are found"),
    (step_not_finite_first, "in one loop"),
    (step_as_norm, "These are norms"),
    (step_short_window, "those above the limit are not all right"),
]
