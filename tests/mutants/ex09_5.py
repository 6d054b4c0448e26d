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


def _alarm(flags, window, limit):
    for index in range(window - 1, len(flags)):
        if sum(flags[index - window + 1 : index + 1]) / window > limit:
            return index


def _invents(records):
    return [not set(r["named"]) <= set(r["speakers"]) for r in records]


def alarm_too_early(records, window, limit):
    flags = _invents(records)
    for index in range(len(flags)):
        last = flags[max(0, index - window + 1) : index + 1]
        if sum(last) / len(last) > limit:
            return index


def alarm_since_release(records, window, limit):
    flags = _invents(records)
    for index in range(window - 1, len(flags)):
        if sum(flags[: index + 1]) / (index + 1) > limit:
            return index


def alarm_at_limit(records, window, limit):
    flags = _invents(records)
    for index in range(window - 1, len(flags)):
        if sum(flags[index - window + 1 : index + 1]) / window >= limit:
            return index


def alarm_counts_names(records, window, limit):
    flags = [len(set(r["named"]) - set(r["speakers"])) for r in records]
    return _alarm(flags, window, limit)


def alarm_missing_names(records, window, limit):
    flags = [not set(r["speakers"]) <= set(r["named"]) for r in records]
    return _alarm(flags, window, limit)


def alarm_unequal_names(records, window, limit):
    flags = [set(r["speakers"]) != set(r["named"]) for r in records]
    return _alarm(flags, window, limit)


def alarm_separate_windows(records, window, limit):
    flags = _invents(records)
    for end in range(window, len(flags) + 1, window):
        if sum(flags[end - window : end]) / window > limit:
            return end - 1


def alarm_start_of_window(records, window, limit):
    index = _alarm(_invents(records), window, limit)
    return None if index is None else index - window + 1


def alarm_one_late(records, window, limit):
    index = _alarm(_invents(records), window, limit)
    return None if index is None else index + 1


def alarm_minus_one(records, window, limit):
    index = _alarm(_invents(records), window, limit)
    return -1 if index is None else index


def alarm_window_one_short(records, window, limit):
    flags = _invents(records)
    for index in range(window, len(flags)):
        if sum(flags[index - window : index]) / window > limit:
            return index


RIGHT = [alarm_by_deque, alarm_by_convolution]
WRONG = [
    (alarm_too_early, "window is not full yet"),
    (alarm_since_release, "since the release"),
    (alarm_at_limit, "more than limit"),
    (alarm_counts_names, "counts once"),
    (alarm_missing_names, "leave speakers out"),
    (alarm_unequal_names, "need not name all"),
    (alarm_separate_windows, "with every record"),
    (alarm_start_of_window, "where the window begins"),
    (alarm_one_late, "one too high"),
    (alarm_window_one_short, "one too high"),
    (alarm_minus_one, "Return None"),
]
