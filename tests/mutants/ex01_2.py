"""Right and wrong answers to Exercise 1.2, as students write them."""

import re
from collections import Counter, OrderedDict, defaultdict, namedtuple
from itertools import chain, groupby, islice

import numpy as np
import pandas as pd


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


Word = namedtuple("Word", "word count")


def words_numpy(texts, n):
    found = [w for text in texts for w in re.findall(r"[\w']+", text.lower())]
    names, counts = np.unique(found, return_counts=True)
    order = np.lexsort((names, -counts))[:n]
    return list(zip(names[order], counts[order], strict=True))


def words_pandas(texts, n):
    found = pd.Series(texts).str.lower().str.findall(r"[\w']+").explode()
    counts = (
        found.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    )
    return list(counts.head(n).items())


def words_namedtuples(texts, n):
    counts = defaultdict(int)
    for text in texts:
        for match in re.finditer(r"[\w']+", text.lower()):
            counts[match[0]] += 1
    ordered = OrderedDict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return [Word(*item) for item in islice(ordered.items(), n)]


def words_by_groups(texts, n):
    found = sorted(chain.from_iterable(re.findall(r"[\w']+", t.lower()) for t in texts))
    counted = [(word, sum(1 for _ in same)) for word, same in groupby(found)]
    counted.sort(key=lambda pair: -pair[1])
    return (pair for pair in counted[:n])


def words_ascii(texts, n):
    counts = _counts(texts, r"[a-z']+")
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_run_together(texts, n):
    counts = Counter(re.findall(r"[\w']+", "".join(texts).lower()))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_all(texts, n):
    return sorted(_counts(texts).items(), key=lambda pair: (-pair[1], pair[0]))


def words_count_first(texts, n):
    return [(count, word) for word, count in words_by_two_sorts(texts, n)]


def words_last_text(texts, n):
    for text in texts:
        counts = Counter(re.findall(r"[\w']+", text.lower()))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def words_sorted_after(texts, n):
    return sorted(words_by_two_sorts(texts, n))


def words_one_too_many(texts, n):
    return words_by_two_sorts(texts, n + 1)


def words_printed(texts, n):
    for word, count in words_by_two_sorts(texts, n):
        print(word, count)


def words_sort_in_place(texts, n):
    pairs = list(_counts(texts).items())
    return pairs.sort(key=lambda pair: (-pair[1], pair[0]))


def words_of_a_list(texts, n):
    counts = Counter(re.findall(r"[\w']+", texts.lower()))
    return counts.most_common(n)


def words_apostrophes_stripped(texts, n):
    c = Counter(w.strip("'") for t in texts for w in re.findall("[\\w']+", t.lower()))
    return sorted(c.items(), key=lambda p: (-p[1], p[0]))[:n]


RIGHT = [
    words_by_two_sorts,
    words_from_sorted_counter,
    words_numpy,
    words_pandas,
    words_namedtuples,
    words_by_groups,
]
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
    (words_ascii, "the pattern is [\\w']+"),
    (words_run_together, "runs into the first of the next"),
    (words_all, "return the first n pairs"),
    (words_count_first, "the other way round"),
    (words_last_text, "Only the last text"),
    (words_sorted_after, "alphabetical order: the highest"),
    (words_one_too_many, "and one more"),
    (words_printed, "`print` shows a value"),
    (words_sort_in_place, "`sort` sorts the list"),
    (words_of_a_list, "A list has no such method"),
    (words_apostrophes_stripped, "their counts are not right"),
]
