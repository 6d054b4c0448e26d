"""Right and wrong answers to Exercise 2.5, as students write them."""

import re
from collections import Counter, defaultdict, namedtuple
from itertools import pairwise

import numpy as np
import pandas as pd


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


Pair = namedtuple("Pair", "left right")


def merge_pandas(words, counts):
    rows = [
        (left, right, count)
        for word, count in zip(words, counts, strict=True)
        for left, right in pairwise(word)
    ]
    table = pd.DataFrame(rows, columns=["left", "right", "count"])
    totals = table.groupby(["left", "right"])["count"].sum().reset_index()
    totals = totals.sort_values(
        ["count", "left", "right"], ascending=[False, True, True]
    )
    pair = tuple(totals.iloc[0][["left", "right"]])
    return pair, [_merge(word, pair) for word in words]


def merge_numpy(words, counts):
    totals = _totals(words, counts)
    names = sorted(totals)
    pair = Pair(*names[np.argmax([totals[name] for name in names])])
    return pair, (np.array(_merge(word, tuple(pair))) for word in words)


def merge_by_loop(words, counts):
    totals = defaultdict(int)
    for k in range(len(words)):
        for i in range(len(words[k]) - 1):
            totals[words[k][i], words[k][i + 1]] += counts[k]
    best, highest = None, 0
    for pair in sorted(totals):
        if totals[pair] > highest:
            best, highest = pair, totals[pair]
    new = [list(word) for word in words]
    for word in new:
        i = 0
        while i < len(word) - 1:
            if (word[i], word[i + 1]) == best:
                word[i : i + 2] = [word[i] + word[i + 1]]
            i += 1
    return best, new


def merge_with_separator(words, counts):
    pair = _best(words, counts)
    old, new = "\0" + "\0".join(pair) + "\0", "\0" + "".join(pair) + "\0"
    merged = []
    for word in words:
        text = "\0" + "\0\0".join(word) + "\0"
        text = text.replace(old.replace("\0", "\0\0")[1:-1], new)
        merged.append([piece for piece in text.split("\0") if piece])
    return pair, merged


def merge_in_place(words, counts):
    pair = _best(words, counts)
    for word in words:
        word[:] = _merge(word, pair)
    return pair, words


def merge_joined_ties(words, counts):
    totals = _totals(words, counts)
    pair = min(totals, key=lambda pair: (-totals[pair], "".join(pair)))
    return pair, [_merge(word, pair) for word in words]


def merge_across_words(words, counts):
    stream = [
        p for w, c in zip(words, counts, strict=True) for _ in range(c) for p in w
    ]
    totals = Counter(pairwise(stream))
    pair = min(totals, key=lambda pair: (-totals[pair], pair))
    return pair, [_merge(word, pair) for word in words]


def merge_from_the_right(words, counts):
    pair = _best(words, counts)
    back = pair[::-1]
    new = []
    for word in words:
        out = []
        for piece in reversed(word):
            if out and (out[-1], piece) == back:
                out[-1] = piece + out[-1]
            else:
                out.append(piece)
        new.append(out[::-1])
    return pair, new


def merge_unweighted_sorted(words, counts):
    totals = Counter(p for word in words for p in pairwise(word))
    pair = min(totals, key=lambda pair: (-totals[pair], pair))
    return pair, [_merge(word, pair) for word in words]


def merge_words_first(words, counts):
    return merge_with_regex(words, counts)[::-1]


def merge_words_only(words, counts):
    return merge_with_regex(words, counts)[1]


def merge_drops_words(words, counts):
    pair = _best(words, counts)
    return pair, [_merge(word, pair) for word in words if pair in pairwise(word)]


def merge_printed(words, counts):
    print(merge_with_regex(words, counts))


def merge_append_is_none(words, counts):
    pair, new = _best(words, counts), []
    for word in words:
        new = new.append(_merge(word, pair))
    return pair, new


def merge_list_keys(words, counts):
    totals = {}
    for word, count in zip(words, counts, strict=True):
        for i in range(len(word) - 1):
            totals[word[i : i + 2]] = totals.get(word[i : i + 2], 0) + count
    return max(totals), words


def merge_index_error(words, counts):
    pair, new = _best(words, counts), []
    for word in words:
        out = [
            word[i] + word[i + 1] if (word[i], word[i + 1]) == pair else word[i]
            for i in range(len(word))
        ]
        new.append(out)
    return pair, new


def merge_same_letters(words, counts):
    total = Counter()
    for w, c in zip(words, counts, strict=True):
        for p in pairwise(w):
            total[p] += c
    best = min(total, key=lambda p: (-total[p], p))
    j = "".join(best)
    new = []
    for w in words:
        out, i = ([], 0)
        while i < len(w):
            if i + 1 < len(w) and w[i] + w[i + 1] == j:
                out.append(j)
                i += 2
            else:
                out.append(w[i])
                i += 1
        new.append(out)
    return (best, new)


RIGHT = [
    merge_with_regex,
    merge_from_sorted,
    merge_pandas,
    merge_numpy,
    merge_by_loop,
    merge_with_separator,
]
WRONG = [
    (merge_first_met, "the first one met"),
    (merge_last_of_ties, "the last in alphabetical order"),
    (merge_unweighted, "Each word counts once"),
    (merge_counts_once, "is counted once"),
    (merge_by_replace, "tears pieces apart"),
    (merge_first_place, "Only the first place"),
    (merge_keeps_second, "The second piece"),
    (merge_nothing, "no word is merged"),
    (merge_joined_pair, "The pair is joined"),
    (merge_in_place, "`words` has changed"),
    (merge_joined_ties, "sorted by the joined texts"),
    (merge_across_words, "from one word into the next"),
    (merge_from_the_right, "go from left to right"),
    (merge_unweighted_sorted, "Each word counts once"),
    (merge_words_first, "First the pair"),
    (merge_words_only, "The pair is missing"),
    (merge_drops_words, "Words without the pair"),
    (merge_printed, "`print` shows"),
    (merge_append_is_none, "`append` changes"),
    (merge_list_keys, "make a tuple of it"),
    (merge_index_error, "A place is asked for"),
    (merge_same_letters, "the same letters"),
]
