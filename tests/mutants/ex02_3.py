"""Right and wrong answers to Exercise 2.3, as students write them."""

import re
from collections import Counter
from itertools import combinations


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


RIGHT = [copies_two_loops, copies_by_zip]
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
    (copies_both_ways, "Return the sorted pairs"),
]
