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


def alarm_by_pandas(records, window, limit):
    import pandas as pd

    log = pd.DataFrame(records)
    invents = [
        not set(n).issubset(s) for n, s in zip(log.named, log.speakers, strict=True)
    ]
    share = pd.Series(invents, dtype=float).rolling(window).mean()
    ringing = share.index[share > limit]
    return ringing[0] if len(ringing) else None


def alarm_by_cumsum(records, window, limit):
    total = np.concatenate([[0], np.cumsum(_invents(records))])
    shares = (total[window:] - total[:-window]) / window
    hits = np.nonzero(shares > limit)[0]
    return np.int64(hits[0] + window - 1) if hits.size else None


def alarm_by_next(records, window, limit):
    def share(end):
        last = records[end - window : end]
        return (
            sum(any(n not in r["speakers"] for n in r["named"]) for r in last) / window
        )

    ends = range(window, len(records) + 1)
    return next((end - 1 for end in ends if share(end) > limit), None)


def alarm_by_counting(records, window, limit):
    bad = 0
    for index, flag in enumerate(_invents(records)):
        bad += flag
        if index >= window:
            bad -= _invents(records)[index - window]
        if index + 1 >= window and bad / window > limit:
            return index
    return None


def alarm_early_or_late(records, window, limit):
    index = alarm_by_deque(records, window, limit)
    return None if index is None else index - 2


def alarm_three_late(records, window, limit):
    index = alarm_by_deque(records, window, limit)
    return None if index is None else index + 3


def alarm_never(records, window, limit):
    return None if records else 0


def alarm_by_lists(records, window, limit):
    flags = [r["named"] - r["speakers"] for r in records]
    return len(flags)


def alarm_by_pieces(records, window, limit):
    v = [any(n not in " ".join(r["speakers"]) for n in r["named"]) for r in records]
    for i in range(window - 1, len(v)):
        if sum(v[i - window + 1 : i + 1]) / window > limit:
            return i


def alarm_in_the_first_pass(records, window, limit):
    flags = _invents(records)
    for index in range(window - 1, len(flags)):
        if sum(flags[index - window + 1 : index + 1]) / window > limit:
            return index
        else:
            return None


RIGHT = [
    alarm_by_deque,
    alarm_by_convolution,
    alarm_by_pandas,
    alarm_by_cumsum,
    alarm_by_next,
    alarm_by_counting,
]
WRONG = [
    (alarm_in_the_first_pass, "A loop ends in its first pass"),
    (alarm_window_one_short, "one record too early"),
    (alarm_early_or_late, "rings too early"),
    (alarm_three_late, "rings too late"),
    (alarm_by_lists, "stops with TypeError"),
    (alarm_never, "None"),
    (alarm_by_pieces, "piece of a longer one"),
]
