"""Right and wrong answers to Exercise 2.3, as students write them."""

import re
from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd


def _sets(texts, size, find=lambda text: re.findall(r"\w+", text.lower())):
    sets = []
    for text in texts:
        words = find(text)
        grams = {" ".join(words[k : k + size]) for k in range(len(words) - size + 1)}
        sets.append(grams or {" ".join(words)})
    return sets


def _jaccard(a, b):
    return len(a & b) / len(a | b)


def _pairs(sets, threshold, like=_jaccard):
    places = combinations(range(len(sets)), 2)
    return [(i, j) for i, j in places if like(sets[i], sets[j]) >= threshold]


def copies_two_loops(texts, size, threshold):
    sets, found = _sets(texts, size), []
    for j in range(len(sets)):
        for i in range(j):
            shared = len(sets[i].intersection(sets[j]))
            if shared >= threshold * (len(sets[i]) + len(sets[j]) - shared):
                found.append([i, j])
    return sorted(found)


def copies_by_zip(texts, size, threshold):
    sets = []
    for text in texts:
        words = [word.casefold() for word in re.findall(r"\w+", text)]
        shifted = [words[k:] for k in range(size)]
        sets.append(set(zip(*shifted, strict=False)) or {tuple(words)})
    return _pairs(sets, threshold)


def copies_above_only(texts, size, threshold):
    places = combinations(enumerate(_sets(texts, size)), 2)
    return [(i, j) for (i, a), (j, b) in places if _jaccard(a, b) > threshold]


def copies_by_split(texts, size, threshold):
    return _pairs(_sets(texts, size, lambda text: text.lower().split()), threshold)


def copies_unnormalised(texts, size, threshold):
    return _pairs(_sets(texts, size, str.split), threshold)


def copies_characters(texts, size, threshold):
    texts = [text.lower() for text in texts]
    sets = [{t[i : i + size] for i in range(len(t) - size + 1)} for t in texts]
    return _pairs([a or {t} for a, t in zip(sets, texts, strict=True)], threshold)


def copies_bag_of_words(texts, size, threshold):
    return _pairs(_sets(texts, 1), threshold)


def copies_lose_the_last(texts, size, threshold):
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        if len(words) < size:
            sets.append({tuple(words)})
        else:
            places = range(len(words) - size)
            sets.append({tuple(words[i : i + size]) for i in places})
    return _pairs(sets, threshold, lambda a, b: len(a & b) / max(1, len(a | b)))


def copies_skip_short(texts, size, threshold):
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        sets.append({tuple(words[i : i + size]) for i in range(len(words) - size + 1)})
    return _pairs(sets, threshold, lambda a, b: len(a & b) / (len(a | b) or 1))


def copies_divide_by_zero(texts, size, threshold):
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        sets.append({tuple(words[i : i + size]) for i in range(len(words) - size + 1)})
    return _pairs(sets, threshold)


def copies_containment(texts, size, threshold):
    sets = _sets(texts, size)
    return _pairs(sets, threshold, lambda a, b: len(a & b) / min(len(a), len(b)))


def copies_sum_of_sizes(texts, size, threshold):
    sets = _sets(texts, size)
    return _pairs(sets, threshold, lambda a, b: len(a & b) / (len(a) + len(b)))


def copies_dice(texts, size, threshold):
    sets = _sets(texts, size)
    return _pairs(sets, threshold, lambda a, b: 2 * len(a & b) / (len(a) + len(b)))


def copies_multisets(texts, size, threshold):
    bags = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        n = max(1, len(words) - size + 1)
        bags.append(Counter(tuple(words[i : i + size]) for i in range(n)))
    return _pairs(bags, threshold, lambda a, b: (a & b).total() / (a | b).total())


def copies_both_ways(texts, size, threshold):
    pairs = _pairs(_sets(texts, size), threshold)
    return sorted(pairs + [(j, i) for i, j in pairs])


def _words(text):
    return re.findall(r"\w+", text.lower())


def copies_numpy(texts, size, threshold):
    sets = [{w.encode() for w in s} for s in _sets(texts, size)]
    every = sorted(set().union(*sets))
    table = np.array([[shingle in s for shingle in every] for s in sets], dtype=int)
    shared = table @ table.T
    sizes = table.sum(axis=1)
    like = shared / (sizes[:, None] + sizes - shared)
    return np.argwhere(np.triu(like >= threshold, k=1))


def copies_pandas(texts, size, threshold):
    words = pd.Series(texts).str.lower().str.findall(r"\w+")
    sets = words.map(
        lambda w: {tuple(w[i : i + size]) for i in range(max(1, len(w) - size + 1))}
    )
    return [
        (np.int64(i), np.int64(j))
        for i, a in sets.items()
        for j, b in sets.items()
        if i < j and len(a & b) / len(a | b) >= threshold
    ]


def copies_generator(texts, size, threshold):
    grams = [frozenset(s) for s in _sets(texts, size)]
    for i, a in enumerate(grams):
        for j in range(i + 1, len(grams)):
            if len(a & grams[j]) >= threshold * len(a | grams[j]):
                yield i, j


def copies_by_index(texts, size, threshold):
    sets, places = _sets(texts, size), {}
    for i, shingles in enumerate(sets):
        for shingle in shingles:
            places.setdefault(shingle, []).append(i)
    shared = Counter(pair for at in places.values() for pair in combinations(at, 2))
    return sorted(
        pair
        for pair, n in shared.items()
        if n / (len(sets[pair[0]]) + len(sets[pair[1]]) - n) >= threshold
    )


def copies_glued(texts, size, threshold):
    sets = []
    for text in texts:
        w = _words(text)
        sets.append(
            {"".join(w[i : i + size]) for i in range(max(1, len(w) - size + 1))}
        )
    return _pairs(sets, threshold)


def copies_with_case(texts, size, threshold):
    return _pairs(_sets(texts, size, lambda text: re.findall(r"\w+", text)), threshold)


def copies_apostrophes(texts, size, threshold):
    sets = _sets(texts, size, lambda text: re.findall(r"[\w']+", text.lower()))
    return _pairs(sets, threshold)


def copies_fixed_threshold(texts, size, threshold):
    return _pairs(_sets(texts, size), 0.5)


def copies_of_neighbours(texts, size, threshold):
    sets = _sets(texts, size)
    places = zip(range(len(sets)), range(1, len(sets)), strict=False)
    return [(i, j) for i, j in places if _jaccard(sets[i], sets[j]) >= threshold]


def copies_longer(texts, size, threshold):
    sets = _sets(texts, size)
    return _pairs(sets, threshold, lambda a, b: len(a & b) / max(len(a), len(b)))


def copies_j_first(texts, size, threshold):
    pairs = _pairs(_sets(texts, size), threshold)
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def copies_as_set(texts, size, threshold):
    return set(_pairs(_sets(texts, size), threshold))


def copies_texts(texts, size, threshold):
    pairs = _pairs(_sets(texts, size), threshold)
    return [(texts[i], texts[j]) for i, j in pairs]


def copies_with_itself(texts, size, threshold):
    sets = _sets(texts, size)
    n = range(len(sets))
    return [
        (i, j)
        for i in n
        for j in n
        if i <= j and _jaccard(sets[i], sets[j]) >= threshold
    ]


def copies_lists_in_sets(texts, size, threshold):
    sets = []
    for text in texts:
        w = _words(text)
        sets.append({w[i : i + size] for i in range(max(1, len(w) - size + 1))})
    return _pairs(sets, threshold)


def copies_lists_subtracted(texts, size, threshold):
    words = [_words(text) for text in texts]
    places = combinations(range(len(texts)), 2)
    return [(i, j) for i, j in places if not words[i] - words[j]]


def copies_printed(texts, size, threshold):
    print(_pairs(_sets(texts, size), threshold))


def copies_from_library(texts, size, threshold):
    from course_utils.data.duplicates import near_duplicates

    return near_duplicates(texts, threshold)


def copies_short_by_word(texts, size, threshold):
    s = []
    for t in texts:
        w = re.findall("\\w+", t.lower())
        s.append(
            {tuple(w[i : i + size]) for i in range(len(w) - size + 1)}
            if len(w) >= size
            else {(x,) for x in w}
        )
    return [
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if s[i] | s[j] and len(s[i] & s[j]) / len(s[i] | s[j]) >= threshold
    ]


def copies_counted_above(texts, size, threshold):
    s = []
    for t in texts:
        w = re.findall("\\w+", t.lower())
        s.append(
            Counter(tuple(w[i : i + size]) for i in range(max(1, len(w) - size + 1)))
        )
    out = []
    for i, j in combinations(range(len(texts)), 2):
        if sum((s[i] & s[j]).values()) / sum((s[i] | s[j]).values()) > threshold:
            out.append((i, j))
    return out


RIGHT = [
    copies_two_loops,
    copies_by_zip,
    copies_numpy,
    copies_pandas,
    copies_generator,
    copies_by_index,
]
WRONG = [
    (copies_above_only, "exactly at the threshold"),
    (copies_by_split, "Punctuation makes copies differ"),
    (copies_unnormalised, "Capitals and punctuation"),
    (copies_characters, "shingles of characters"),
    (copies_bag_of_words, "in any order"),
    (copies_lose_the_last, "The last shingle is missing"),
    (copies_skip_short, "Texts shorter than"),
    (copies_divide_by_zero, "all its words make one"),
    (copies_containment, "any quotation"),
    (copies_sum_of_sizes, "a union has each once"),
    (copies_dice, "Dice's measure"),
    (copies_multisets, "compare sets"),
    (copies_both_ways, "Every pair comes twice"),
    (copies_glued, "run together"),
    (copies_with_case, "Capitals make copies differ"),
    (copies_apostrophes, "an apostrophe is no part"),
    (copies_fixed_threshold, "always 0.5"),
    (copies_of_neighbours, "Only texts that follow each other"),
    (copies_longer, "of the longer text"),
    (copies_j_first, "not in sorted order"),
    (copies_as_set, "There is a set in it"),
    (copies_texts, "These are the texts"),
    (copies_with_itself, "compared with itself"),
    (copies_lists_in_sets, "make a tuple of it"),
    (copies_lists_subtracted, "Lists do not calculate"),
    (copies_printed, "`print` shows"),
    (copies_from_library, "write it yourself"),
    (copies_short_by_word, "and one more"),
    (copies_counted_above, "Two mistakes together"),
]
