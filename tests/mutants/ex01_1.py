"""Right and wrong answers to Exercise 1.1, as students write them."""

import heapq
import math
import re
import statistics
from bisect import bisect_left
from collections import Counter, OrderedDict, defaultdict
from fractions import Fraction

import numpy as np
import pandas as pd
import torch


def _lengths(texts):
    return [len(text.split()) for text in texts if text and text.strip()]


def _figures(lengths, **other):
    figures = {
        "documents": len(lengths),
        "words": sum(lengths),
        "median": statistics.median(lengths),
        "p95": sorted(lengths)[math.ceil(0.95 * len(lengths)) - 1],
    }
    return {**figures, **other}


def figures_numpy(texts):
    lengths = np.array(_lengths(texts))
    return {
        "documents": lengths.size,
        "words": lengths.sum(),
        "median": np.median(lengths),
        "p95": np.percentile(lengths, 95, method="inverted_cdf"),
    }


def figures_by_counting(texts):
    lengths = sorted(_lengths(texts))
    p95 = next(
        length
        for length in lengths
        if sum(other <= length for other in lengths) >= 0.95 * len(lengths)
    )
    return _figures(lengths, p95=p95)


def figures_none_fails(texts):
    return _figures([len(text.split()) for text in texts if text != ""])


def figures_with_empty(texts):
    return _figures([len((text or "").split()) for text in texts])


def figures_all_rows(texts):
    return _figures(_lengths(texts), documents=len(texts))


def figures_single_spaces(texts):
    return _figures([len(t.split(" ")) for t in texts if t and not t.isspace()])


def figures_characters(texts):
    return _figures([len(t) for t in texts if t and not t.isspace()])


def figures_interpolated(texts):
    lengths = _lengths(texts)
    return _figures(lengths, p95=float(np.percentile(lengths, 95)))


def figures_one_too_far(texts):
    lengths = sorted(_lengths(texts))
    return _figures(lengths, p95=lengths[int(len(lengths) * 0.95)])


def figures_unsorted(texts):
    lengths = _lengths(texts)
    return _figures(lengths, p95=lengths[math.ceil(0.95 * len(lengths)) - 1])


def figures_share_of_longest(texts):
    lengths = _lengths(texts)
    return _figures(lengths, p95=0.95 * max(lengths))


def figures_upper_median(texts):
    lengths = sorted(_lengths(texts))
    return _figures(lengths, median=lengths[len(lengths) // 2])


def figures_mean(texts):
    lengths = _lengths(texts)
    return _figures(lengths, median=sum(lengths) / len(lengths))


def figures_as_tuple(texts):
    return tuple(_figures(_lengths(texts)).values())


def figures_pandas(texts):
    lengths = pd.Series(texts, dtype=object).dropna().str.split().str.len()
    lengths = lengths[lengths > 0]
    return {
        "documents": lengths.count(),
        "words": lengths.sum(),
        "median": lengths.median(),
        "p95": lengths[lengths.rank(pct=True) >= 0.95].min(),
    }


def figures_torch(texts):
    lengths = torch.tensor(_lengths(texts)).sort().values
    n = len(lengths)
    return OrderedDict(
        documents=torch.tensor(n),
        words=lengths.sum(),
        median=(lengths[(n - 1) // 2] + lengths[n // 2]) / 2,
        p95=lengths[-(-95 * n // 100) - 1],
    )


def figures_defaultdict(texts):
    figures, lengths = defaultdict(int), []
    for text in texts:
        n = len(text.split()) if text is not None else 0
        if n:
            figures["documents"] += 1
            figures["words"] += n
            lengths.append(n)
    lengths.sort()
    half, odd = divmod(len(lengths), 2)
    both = lengths[half - (not odd) : half + 1]
    figures["median"] = Fraction(sum(both), len(both))
    figures["p95"] = heapq.nlargest(len(lengths) // 20 + 1, lengths)[-1]
    return figures


def figures_by_histogram(texts):
    histogram = Counter(len((text or "").split()) for text in texts)
    del histogram[0]
    lengths = sorted(histogram.elements())
    shares = np.cumsum(np.ones(len(lengths))) / len(lengths)
    at = bisect_left(shares.tolist(), 0.95 - 1e-9)
    return _figures(lengths, p95=np.int16(lengths[at]))


def figures_median_unsorted(texts):
    lengths = _lengths(texts)
    half = len(lengths) // 2
    both = lengths[half - 1 : half + 1] if len(lengths) % 2 == 0 else [lengths[half]]
    return _figures(lengths, median=sum(both) / len(both))


def figures_one_too_low(texts):
    lengths = sorted(_lengths(texts))
    return _figures(lengths, p95=lengths[int(0.95 * len(lengths)) - 1])


def figures_rounded_place(texts):
    lengths = sorted(_lengths(texts))
    return _figures(lengths, p95=lengths[round(0.95 * len(lengths)) - 1])


def figures_percentile_lower(texts):
    lengths = _lengths(texts)
    return _figures(lengths, p95=np.percentile(lengths, 95, method="lower"))


def figures_longest(texts):
    lengths = _lengths(texts)
    return _figures(lengths, p95=max(lengths))


def figures_fifth_percentile(texts):
    lengths = sorted(_lengths(texts), reverse=True)
    return _figures(lengths, p95=lengths[math.ceil(0.95 * len(lengths)) - 1])


def figures_lower_median(texts):
    return _figures(_lengths(texts), median=statistics.median_low(_lengths(texts)))


def figures_different_words(texts):
    words = {word for text in texts if text for word in text.split()}
    return _figures(_lengths(texts), words=len(words))


def figures_mean_as_words(texts):
    lengths = _lengths(texts)
    return _figures(lengths, words=sum(lengths) / len(lengths))


def figures_none_only(texts):
    return _figures(
        _lengths(texts), documents=len([text for text in texts if text is not None])
    )


def figures_printed(texts):
    print(_figures(_lengths(texts)))


def figures_other_keys(texts):
    figures = _figures(_lengths(texts))
    figures["n_documents"] = figures.pop("documents")
    return figures


def figures_sort_is_none(texts):
    lengths = _lengths(texts)
    lengths = lengths.sort()
    return _figures(lengths)


def figures_of_one_string(texts):
    lengths = [len(word) for text in texts if text for word in text.split()]
    return _figures(lengths)


def figures_white_space(texts):
    return _figures([len(text.split()) for text in texts if text])


def figures_not_none(texts):
    return _figures([len(text.split()) for text in texts if text is not None])


def figures_word_pattern(texts):
    n = sorted(len(re.findall("\\w+", t)) for t in texts if t and t.strip())
    return {
        "documents": len(n),
        "words": sum(n),
        "median": statistics.median(n),
        "p95": n[math.ceil(0.95 * len(n)) - 1],
    }


def figures_distinct(texts):
    n = sorted(len(t.split()) for t in {t for t in texts if t and t.strip()})
    return {
        "documents": len(n),
        "words": sum(n),
        "median": statistics.median(n),
        "p95": n[math.ceil(0.95 * len(n)) - 1],
    }


RIGHT = [
    figures_numpy,
    figures_by_counting,
    figures_pandas,
    figures_torch,
    figures_defaultdict,
    figures_by_histogram,
]
WRONG = [
    (figures_none_fails, "A row may be None"),
    (figures_with_empty, "documents of length 0"),
    (figures_all_rows, "counted as documents"),
    (figures_single_spaces, "without an argument"),
    (figures_characters, "lengths in characters"),
    (figures_interpolated, "Return a length that occurs"),
    (figures_one_too_far, "one place too far"),
    (figures_unsorted, "Sort the lengths"),
    (figures_share_of_longest, "95 % of the greatest length"),
    (figures_upper_median, "the two in the middle"),
    (figures_mean, "This is the mean"),
    (figures_as_tuple, "Return a dict with the keys"),
    (figures_median_unsorted, "Sort the lengths before you take the middle"),
    (figures_one_too_low, "one place too low"),
    (figures_rounded_place, "one place too low"),
    (figures_percentile_lower, "one place too low"),
    (figures_longest, "This p95 is the greatest length"),
    (figures_fifth_percentile, "the long documents first"),
    (figures_lower_median, "the two in the middle"),
    (figures_different_words, "how many different words"),
    (figures_mean_as_words, "This is the mean"),
    (figures_none_only, "counted as documents"),
    (figures_printed, "`print` shows a value"),
    (figures_other_keys, "lacks `documents`"),
    (figures_sort_is_none, "`sort` sorts the list"),
    (figures_of_one_string, "These are lengths of words"),
    (figures_white_space, "A row of white space"),
    (figures_not_none, "A row of white space"),
    (figures_word_pattern, "split()"),
    (figures_distinct, "each is a document"),
]
