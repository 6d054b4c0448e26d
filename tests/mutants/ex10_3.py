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


def diagnose_by_ifs(train, held_out, vocab_size):
    guess = np.log(vocab_size)
    first, last, val = train[0], train[-1], held_out[-1]
    if np.isnan(train + held_out).any() or np.isinf(train + held_out).any():
        return "nan"
    elif last - first > 0.5:
        return "diverged"
    elif last > guess * 0.95:
        return "stuck"
    elif val + 0.5 < last:
        return "leak"
    elif val > 0.2 + np.min(held_out):
        return "overfit"
    else:
        return "fine"


def diagnose_by_select(train, held_out, vocab_size):
    t, h = np.asarray(train), np.asarray(held_out)
    with np.errstate(all="ignore"):
        met = [
            ~np.isfinite(np.r_[t, h]).all(),
            t[-1] > t[0] + 0.5,
            t[-1] > 0.95 * np.log(vocab_size),
            h[-1] < t[-1] - 0.5,
            h[-1] > h.min() + 0.2,
        ]
    return np.select(met, ["nan", "diverged", "stuck", "leak", "overfit"], "fine")[()]


def diagnose_by_enum(train, held_out, vocab_size):
    from enum import StrEnum

    class Word(StrEnum):
        nan = "nan"
        diverged = "diverged"
        stuck = "stuck"
        leak = "leak"
        overfit = "overfit"
        fine = "fine"

    return Word(_diagnose(train, held_out, vocab_size))


def diagnose_by_torch(train, held_out, vocab_size):
    import torch

    t, h = torch.tensor(train).double(), torch.tensor(held_out).double()
    if not torch.cat([t, h]).isfinite().all():
        return "nan"
    if t[-1] - t[0] > 0.5:
        return "diverged"
    if t[-1] / math.log(vocab_size) > 0.95:
        return "stuck"
    if t[-1] - h[-1] > 0.5:
        return "leak"
    return "overfit" if h[-1] - h.min() > 0.2 else "fine"


def diagnose_in_other_words(train, held_out, vocab_size):
    word = _diagnose(train, held_out, vocab_size)
    return "overfitting" if word == "overfit" else word


def diagnose_all_fine(train, held_out, vocab_size):
    return "fine"


def diagnose_list_minus_list(train, held_out, vocab_size):
    return "leak" if (train - held_out)[-1] > 0.5 else "fine"


def diagnose_never_reaches_nan(train, held_out, vocab_size):
    if math.nan in train:
        return "nan"
    return _diagnose(train, held_out, vocab_size, nan=False)


def diagnose_with_another_limit(train, held_out, vocab_size):
    overfit = held_out[-1] > min(held_out) + 3.5
    return _diagnose(train, held_out, vocab_size, overfit=overfit)


def diagnose_without_fine(train, held_out, vocab_size):
    word = _diagnose(train, held_out, vocab_size)
    return None if word == "fine" else word


def word_lowest_too_early(train, held_out, vocab_size):
    if not all(map(math.isfinite, train + held_out)):
        return "nan"
    if train[-1] - train[0] > 0.5:
        return "diverged"
    if train[-1] > 0.95 * math.log(vocab_size):
        return "stuck"
    if train[-1] - held_out[-1] > 0.5:
        return "leak"
    if held_out[-1] - min(held_out[:-2]) > 0.2:
        return "overfit"
    return "fine"


RIGHT = [
    diagnose_by_table,
    diagnose_by_dict,
    diagnose_by_ifs,
    diagnose_by_select,
    diagnose_by_enum,
    diagnose_by_torch,
]
WRONG = [
    (diagnose_in_other_words, "not in the table"),
    (diagnose_all_fine, "same word"),
    (diagnose_list_minus_list, "stops with TypeError"),
    (diagnose_never_reaches_nan, "equal to nothing"),
    (diagnose_with_another_limit, '"overfit" is'),
    (diagnose_without_fine, "not in the table"),
    (word_lowest_too_early, '"overfit" is right'),
]
