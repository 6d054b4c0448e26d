"""Right and wrong answers to Exercise 1.2, as students write them."""

import re
from collections import Counter


def _counts(texts, pattern=r"[\w']+"):
    return Counter(re.findall(pattern, " ".join(texts).lower()))


def words_by_two_sorts(texts, n):
    counts = {}
    for text in texts:
        for word in re.findall(r"[\w']+", text.lower()):
            counts[word] = counts.get(word, 0) + 1
    by_word = sorted(counts)
    return [[w, counts[w]] for w in sorted(by_word, key=counts.get, reverse=True)][:n]


def words_from_sorted_counter(texts, n):
    words = sorted(re.findall(r"[\w']+", "\n".join(texts).lower()))
    return Counter(words).most_common(n)  # met in alphabetical order


def words_most_common(texts, n):
    return _counts(texts).most_common(n)


def words_reversed_ties(texts, n):
    pairs = sorted(((c, w) for w, c in _counts(texts).items()), reverse=True)
    return [(w, c) for c, w in pairs[:n]]


def words_cut_then_sorted(texts, n):
    return sorted(_counts(texts).most_common(n), key=lambda pair: (-pair[1], pair[0]))


def words_with_case(texts, n):
    counts = Counter(re.findall(r"[\w']+", " ".join(texts)))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_by_split(texts, n):
    counts = Counter(word for text in texts for word in text.lower().split())
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_without_apostrophe(texts, n):
    counts = _counts(texts, r"\w+")
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_by_document(texts, n):
    counts = Counter()
    for text in texts:
        counts.update(set(re.findall(r"[\w']+", text.lower())))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_rarest(texts, n):
    return sorted(_counts(texts).items(), key=lambda pair: (pair[1], pair[0]))[:n]


def words_only(texts, n):
    return [word for word, _ in words_by_two_sorts(texts, n)]


def words_as_dict(texts, n):
    return dict(words_by_two_sorts(texts, n))


RIGHT = [words_by_two_sorts, words_from_sorted_counter]
WRONG = [
    (words_most_common, "order of their first occurrence"),
    (words_reversed_ties, "turns the alphabet round"),
    (words_cut_then_sorted, "cut before they are sorted"),
    (words_with_case, "lowercase for counting"),
    (words_by_split, "Punctuation sticks"),
    (words_without_apostrophe, "The apostrophe cuts"),
    (words_by_document, "numbers of documents"),
    (words_rarest, "the rarest words"),
    (words_only, "Return pairs"),
    (words_as_dict, "Return n pairs"),
]
