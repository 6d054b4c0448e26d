"""Right and wrong answers to Exercise 9.5, as students write them."""

from collections import deque

import numpy as np


def alarm_by_deque(records, window, limit):
    last = deque(maxlen=window)
    for index, record in enumerate(records):
        last.append(any(name not in record["speakers"] for name in record["named"]))
        if len(last) == window and sum(last) > limit * window:
            return index


def alarm_by_convolution(records, window, limit):
    invents = [bool(set(r["named"]) - set(r["speakers"])) for r in records]
    shares = np.convolve(invents, np.ones(window), mode="valid") / window
    above = np.flatnonzero(shares > limit + 1e-9)
    return int(above[0]) + window - 1 if len(above) else None


def _invents(records):
    return [not set(r["named"]) <= set(r["speakers"]) for r in records]


def alarm_window_one_short(records, window, limit):
    flags = _invents(records)
    for index in range(window, len(flags)):
        if sum(flags[index - window : index]) / window > limit:
            return index


RIGHT = [alarm_by_deque, alarm_by_convolution]
WRONG = [
    (alarm_window_one_short, "one too high"),
]
