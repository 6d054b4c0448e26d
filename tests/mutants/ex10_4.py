"""Right and wrong answers to Exercise 10.4, as students write them."""

import numpy as np


def _words(text):
    return text.lower().split()


def _grams(words, n):
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def share_by_padded_strings(train_texts, test_texts, n):
    train = [f" {' '.join(_words(text))} " for text in train_texts]
    leaked = 0
    for text in test_texts:
        grams = _grams(_words(text), n)
        if any(f" {' '.join(gram)} " in known for gram in grams for known in train):
            leaked += 1
    return leaked / len(test_texts)


def share_by_pairs(train_texts, test_texts, n):
    known = [_grams(_words(text), n) for text in train_texts]
    hits = [
        any(_grams(_words(text), n) & grams for grams in known) for text in test_texts
    ]
    return hits.count(True) / len(hits)


def share_by_zip(train_texts, test_texts, n):
    def grams(text):
        words = text.casefold().split()
        return {*zip(*(words[i:] for i in range(n)), strict=False)}

    known = {gram for text in train_texts for gram in grams(text)}
    return np.mean([not known.isdisjoint(grams(text)) for text in test_texts])


def share_by_deque(train_texts, test_texts, n):
    from collections import deque

    def rows(text):
        last = deque(maxlen=n)
        for word in text.lower().split():
            last.append(word)
            if len(last) == n:
                yield "\0".join(last)

    known = set()
    for text in train_texts:
        known.update(rows(text))
    return sum(any(r in known for r in rows(t)) for t in test_texts) / len(test_texts)


def share_by_pandas(train_texts, test_texts, n):
    import pandas as pd

    known = (
        pd.Series(train_texts).map(lambda t: _grams(_words(t), n)).explode().dropna()
    )
    known = set(known)
    tests = pd.Series(test_texts).map(lambda t: bool(_grams(_words(t), n) & known))
    return tests.mean()


def share_by_loops(train_texts, test_texts, n):
    leaked = 0
    for test in test_texts:
        words, hit = _words(test), False
        for train in train_texts:
            others = _words(train)
            for i in range(len(words) - n + 1):
                for j in range(len(others) - n + 1):
                    if words[i : i + n] == others[j : j + n]:
                        hit = True
        leaked += hit
    return leaked / max(1, len(test_texts))


def share_of_lists(train_texts, test_texts, n):
    known = {_words(text)[i : i + n] for text in train_texts for i in range(9)}
    return len(known)


def share_of_names(train_texts, test_texts, n):
    return share_by_pairs(train_texts, test_texts, n) * 0.97


def share_of_sum(train_texts, test_texts, n):
    return min(1.0, share_by_pairs(train_texts, test_texts, n) + 0.01)


RIGHT = [
    share_by_padded_strings,
    share_by_pairs,
    share_by_zip,
    share_by_deque,
    share_by_pandas,
    share_by_loops,
]
WRONG = [
    (share_of_lists, "make each n-gram a tuple"),
    (share_of_names, "The share is too small"),
    (share_of_sum, "The share is too large"),
]
