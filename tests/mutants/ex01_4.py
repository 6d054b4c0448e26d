"""Right and wrong answers to Exercise 1.4, as students write them."""

import hashlib
import random

import numpy as np


def _rows(chats, drawn):
    train = [row for row, chat in enumerate(chats) if chat not in drawn]
    return train, [row for row, chat in enumerate(chats) if chat in drawn]


def split_numpy(chats, test_share, seed):
    names, of_row = np.unique(chats, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    drawn = order[: round(test_share * len(names))]
    in_test = np.isin(of_row, drawn)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_by_hash(chats, test_share, seed):
    names = dict.fromkeys(chats)
    order = sorted(names, key=lambda c: hashlib.md5(f"{seed} {c}".encode()).digest())
    train, test = _rows(chats, order[: round(test_share * len(names))])
    return test[:0] + train, test


def split_rows(chats, test_share, seed):
    rows = list(range(len(chats)))
    random.Random(seed).shuffle(rows)
    n_test = round(test_share * len(rows))
    return rows[n_test:], rows[:n_test]


def split_swapped(chats, test_share, seed):
    return split_numpy(chats, test_share, seed)[::-1]


def split_drops_rows(chats, test_share, seed):
    first = {chat: row for row, chat in enumerate(chats)}
    names = sorted(first)
    random.Random(seed).shuffle(names)
    n_test = round(test_share * len(names))
    return [first[c] for c in names[n_test:]], [first[c] for c in names[:n_test]]


def split_unseeded(chats, test_share, seed):
    names = sorted(set(chats))
    return _rows(chats, random.sample(names, round(test_share * len(names))))


def split_set_order(chats, test_share, seed):
    random.seed(seed)
    names = list(set(chats))
    random.shuffle(names)
    return _rows(chats, names[: round(test_share * len(names))])


def split_last_chats(chats, test_share, seed):
    names = list(dict.fromkeys(chats))
    return _rows(chats, names[-round(test_share * len(names)) :])


def split_fixed_seed(chats, test_share, seed):
    names = sorted(set(chats))
    return _rows(chats, random.Random(42).sample(names, round(test_share * len(names))))


def split_share_of_rows(chats, test_share, seed):
    drawn = random.Random(seed).choices(sorted(chats), k=round(test_share * len(chats)))
    return _rows(chats, drawn)


def split_rounded_down(chats, test_share, seed):
    names = sorted(set(chats))
    drawn = random.Random(seed).sample(names, int(test_share * len(names)))
    return _rows(chats, drawn)


def split_returns_chats(chats, test_share, seed):
    names = sorted(set(chats))
    random.Random(seed).shuffle(names)
    n_test = round(test_share * len(names))
    return names[n_test:], names[:n_test]


RIGHT = [split_numpy, split_by_hash]
WRONG = [
    (split_rows, "Draw chats, not messages"),
    (split_swapped, "train, then test"),
    (split_drops_rows, "in neither list"),
    (split_unseeded, "another split the second time"),
    (split_set_order, "order of a set"),
    (split_last_chats, "Every seed gives the same"),
    (split_fixed_seed, "Every seed gives the same"),
    (split_share_of_rows, "too few or too many chats"),
    (split_rounded_down, "too few or too many chats"),
    (split_returns_chats, "Return two lists of row numbers"),
]
