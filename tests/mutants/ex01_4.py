"""Right and wrong answers to Exercise 1.4, as students write them."""

import hashlib
import math
import random
from itertools import groupby

import numpy as np
import pandas as pd
import torch


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


def split_numpy_texts(chats, test_share, seed):
    names = np.unique(chats)
    n_test = round(test_share * len(names))
    rng = np.random.default_rng(seed)
    drawn = set(rng.choice(names, n_test, replace=False))
    return _rows([str(chat) for chat in chats], drawn)


def split_pandas(chats, test_share, seed):
    rows = pd.Series(chats)
    names = rows.drop_duplicates().sort_values()
    drawn = names.sample(n=round(len(names) * test_share), random_state=seed)
    in_test = rows.isin(drawn)
    return rows.index[~in_test], rows.index[in_test]


def split_torch(chats, test_share, seed):
    names = sorted(dict.fromkeys(chats))
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(names), generator=generator).tolist()
    n_test = int(test_share * len(names) + 0.5)
    drawn = [names[i] for i in order[:n_test]]
    mask = torch.tensor([chat in drawn for chat in chats])
    return (~mask).nonzero().flatten(), mask.nonzero().flatten()


def split_by_groups(chats, test_share, seed):
    rows = {}
    for row, chat in enumerate(chats):
        rows.setdefault(chat, []).append(row)
    names = list(rows)
    random.seed(seed)
    random.shuffle(names)
    n_test = round(test_share * len(names))
    test = [row for name in names[:n_test] for row in rows[name]]
    return {*range(len(chats))} - {*test}, test


def split_rounded_up(chats, test_share, seed):
    names = sorted(set(chats))
    drawn = random.Random(seed).sample(names, math.ceil(test_share * len(names)))
    return _rows(chats, drawn)


def split_first_chats(chats, test_share, seed):
    names = sorted(set(chats))
    return _rows(chats, names[: round(test_share * len(names))])


def split_by_hash_builtin(chats, test_share, seed):
    names = sorted(set(chats), key=lambda chat: hash((chat, seed)))
    return _rows(chats, names[: round(test_share * len(names))])


def split_until_enough_rows(chats, test_share, seed):
    names = sorted(set(chats))
    random.Random(seed).shuffle(names)
    drawn, n_rows = [], 0
    while n_rows < test_share * len(chats):
        drawn.append(names.pop())
        n_rows += chats.count(drawn[-1])
    return _rows(chats, drawn)


def split_shuffle_is_none(chats, test_share, seed):
    names = random.Random(seed).shuffle(sorted(set(chats)))
    return _rows(chats, names[: round(test_share * len(names))])


def split_test_only(chats, test_share, seed):
    return split_numpy(chats, test_share, seed)[1].tolist()


def split_train_keeps_test(chats, test_share, seed):
    _train, test = split_numpy(chats, test_share, seed)
    return list(range(len(chats))), test


def split_printed(chats, test_share, seed):
    print(split_numpy(chats, test_share, seed))


def split_float_size(chats, test_share, seed):
    names = sorted(set(chats))
    drawn = random.Random(seed).sample(names, test_share * len(names))
    return _rows(chats, drawn)


def split_sample_a_set(chats, test_share, seed):
    drawn = random.Random(seed).sample(set(chats), round(test_share * len(set(chats))))
    return _rows(chats, drawn)


def split_by_runs(chats, test_share, seed):
    runs = [list(rows) for _, rows in groupby(range(len(chats)), key=chats.__getitem__)]
    random.Random(seed).shuffle(runs)
    n_test = round(test_share * len(set(chats)))
    test = [row for run in runs[:n_test] for row in run]
    return [row for run in runs[n_test:] for row in run], test


RIGHT = [
    split_numpy,
    split_by_hash,
    split_numpy_texts,
    split_pandas,
    split_torch,
    split_by_groups,
]
WRONG = [
    (split_rows, "Draw chats, not messages"),
    (split_swapped, "train, then test"),
    (split_drops_rows, "in neither list"),
    (split_unseeded, "another split the second time"),
    (split_set_order, "order of a set"),
    (split_last_chats, "Every seed gives the same"),
    (split_fixed_seed, "Every seed gives the same"),
    (split_share_of_rows, "too few or too many chats"),
    (split_rounded_down, "rounded down"),
    (split_returns_chats, "Return two lists of row numbers"),
    (split_rounded_up, "rounded up"),
    (split_first_chats, "Every seed gives the same"),
    (split_by_hash_builtin, "order of a set, or on hash()"),
    (split_until_enough_rows, "The test has"),
    (split_shuffle_is_none, "`shuffle` mixes the list itself"),
    (split_test_only, "Return two lists of row numbers"),
    (split_train_keeps_test, "A chat has messages on both sides"),
    (split_printed, "`print` shows a value"),
    (split_float_size, "A list is multiplied by a float"),
    (split_sample_a_set, "A set has no order"),
    (split_by_runs, "A chat has messages on both sides"),
]
