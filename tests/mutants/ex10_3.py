"""Right and wrong answers to Exercise 10.3, as students write them."""

import math

import numpy as np


def diagnose_by_table(train, held_out, vocab_size):
    train, held_out = np.array(train), np.array(held_out)
    rows = [
        ("nan", not (np.isfinite(train).all() and np.isfinite(held_out).all())),
        ("diverged", train[-1] - train[0] > 0.5),
        ("stuck", train[-1] / np.log(vocab_size) > 0.95),
        ("leak", train[-1] - held_out[-1] > 0.5),
        ("overfit", held_out[-1] - held_out.min() > 0.2),
        ("fine", True),
    ]
    return next(word for word, is_so in rows if is_so)


ORDER = ("nan", "diverged", "stuck", "leak", "overfit")


def _diagnose(train, held_out, vocab_size, order=ORDER, **other):
    conditions = {
        "nan": not all(map(math.isfinite, train + held_out)),
        "diverged": train[-1] > train[0] + 0.5,
        "stuck": train[-1] > 0.95 * math.log(vocab_size),
        "leak": held_out[-1] < train[-1] - 0.5,
        "overfit": held_out[-1] > min(held_out) + 0.2,
    } | other
    return next((word for word in order if conditions[word]), "fine")


def diagnose_by_dict(train, held_out, vocab_size):
    return _diagnose(train, held_out, vocab_size)


def diagnose_nan_equals(train, held_out, vocab_size):
    nan = float("nan")
    found = any(loss == nan for loss in train + held_out)
    return _diagnose(train, held_out, vocab_size, nan=found)


def diagnose_nan_only(train, held_out, vocab_size):
    found = any(math.isnan(loss) for loss in train + held_out)
    return _diagnose(train, held_out, vocab_size, nan=found)


def diagnose_nan_in_training(train, held_out, vocab_size):
    found = not all(map(math.isfinite, train))
    return _diagnose(train, held_out, vocab_size, nan=found)


def diagnose_any_rise(train, held_out, vocab_size):
    return _diagnose(train, held_out, vocab_size, diverged=train[-1] > train[0])


def diagnose_log2(train, held_out, vocab_size):
    stuck = train[-1] > 0.95 * math.log2(vocab_size)
    return _diagnose(train, held_out, vocab_size, stuck=stuck)


def diagnose_any_lower(train, held_out, vocab_size):
    return _diagnose(train, held_out, vocab_size, leak=held_out[-1] < train[-1])


def diagnose_gap(train, held_out, vocab_size):
    overfit = held_out[-1] > train[-1] + 0.2
    return _diagnose(train, held_out, vocab_size, overfit=overfit)


def diagnose_last_rise(train, held_out, vocab_size):
    overfit = held_out[-1] > held_out[-2]
    return _diagnose(train, held_out, vocab_size, overfit=overfit)


def diagnose_overfit_first(train, held_out, vocab_size):
    order = ("nan", "overfit", "diverged", "stuck", "leak")
    return _diagnose(train, held_out, vocab_size, order)


def diagnose_stuck_first(train, held_out, vocab_size):
    order = ("nan", "stuck", "diverged", "leak", "overfit")
    return _diagnose(train, held_out, vocab_size, order)


def diagnose_without_order(train, held_out, vocab_size):
    order = ("overfit", "leak", "stuck", "diverged", "nan")
    return _diagnose(train, held_out, vocab_size, order)


RIGHT = [diagnose_by_table, diagnose_by_dict]
WRONG = [
    (diagnose_nan_equals, "equal to nothing"),
    (diagnose_nan_only, "Infinite losses"),
    (diagnose_nan_in_training, "in the held-out losses too"),
    (diagnose_any_rise, "more than 0.5"),
    (diagnose_log2, "natural logarithm"),
    (diagnose_any_lower, "a little below"),
    (diagnose_gap, "gap between"),
    (diagnose_last_rise, "its lowest point"),
    (diagnose_overfit_first, "order of the table"),
    (diagnose_stuck_first, "order of the table"),
    (diagnose_without_order, "order of the table"),
]
