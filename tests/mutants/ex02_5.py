"""Right and wrong answers to Exercise 2.5, as students write them."""

import re
from collections import Counter
from itertools import pairwise


def _totals(words, counts):
    totals = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in pairwise(word):
            totals[pair] += count
    return totals


def _merge(word, pair):
    merged = []
    for piece in word:
        if merged and (merged[-1], piece) == pair:
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def _best(words, counts):
    totals = _totals(words, counts)
    return min(totals, key=lambda pair: (-totals[pair], pair))


def merge_with_regex(words, counts):
    totals = _totals(words, counts)
    highest = max(totals.values())
    pair = sorted(pair for pair in totals if totals[pair] == highest)[0]
    pattern = re.compile(r"(?<!\S)" + re.escape(" ".join(pair)) + r"(?!\S)")
    joined = [pattern.sub("".join(pair), " ".join(word)) for word in words]
    return list(pair), [text.split() for text in joined]


def merge_from_sorted(words, counts):
    totals = _totals(words, counts)
    pair = Counter(dict(sorted(totals.items()))).most_common(1)[0][0]
    new = []
    for word in words:
        left, out = list(word), []
        while left:
            first = left.pop(0)
            second = left.pop(0) if left and (first, left[0]) == pair else ""
            out.append(first + second)
        new.append(out)
    return pair, new


def merge_first_met(words, counts):
    pair = _totals(words, counts).most_common(1)[0][0]
    return pair, [_merge(word, pair) for word in words]


def merge_last_of_ties(words, counts):
    pair = max((count, pair) for pair, count in _totals(words, counts).items())[1]
    return pair, [_merge(word, pair) for word in words]


def merge_unweighted(words, counts):
    pair = Counter(p for word in words for p in pairwise(word)).most_common(1)[0][0]
    return pair, [_merge(word, pair) for word in words]


def merge_counts_once(words, counts):
    totals = Counter()
    for word, count in zip(words, counts, strict=True):
        for pair in set(pairwise(word)):
            totals[pair] += count
    pair = min(totals, key=lambda pair: (-totals[pair], pair))
    return pair, [_merge(word, pair) for word in words]


def merge_by_replace(words, counts):
    pair = _best(words, counts)
    old, new = " ".join(pair), "".join(pair)
    return pair, [" ".join(word).replace(old, new).split() for word in words]


def merge_first_place(words, counts):
    pair = _best(words, counts)
    new = []
    for word in words:
        word = list(word)
        for i in range(len(word) - 1):
            if (word[i], word[i + 1]) == pair:
                word[i : i + 2] = ["".join(pair)]
                break
        new.append(word)
    return pair, new


def merge_keeps_second(words, counts):
    pair = _best(words, counts)
    new = []
    for word in words:
        out = []
        for i, piece in enumerate(word):
            match = tuple(word[i : i + 2]) == pair
            out.append("".join(pair) if match else piece)
        new.append(out)
    return pair, new


def merge_nothing(words, counts):
    return _best(words, counts), words


def merge_joined_pair(words, counts):
    pair = _best(words, counts)
    return "".join(pair), [_merge(word, pair) for word in words]


RIGHT = [merge_with_regex, merge_from_sorted]
WRONG = [
    (merge_first_met, "the first one met"),
    (merge_last_of_ties, "the last in alphabetical order"),
    (merge_unweighted, "Each word counts once"),
    (merge_counts_once, "is counted once"),
    (merge_by_replace, "tears pieces apart"),
    (merge_first_place, "Only the first place"),
    (merge_keeps_second, "The second piece"),
    (merge_nothing, "Return the commonest pair"),
    (merge_joined_pair, "Return the commonest pair"),
]
