"""Right and wrong answers to Exercise 1.1, as students write them."""

import math
import statistics

import numpy as np


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


RIGHT = [figures_numpy, figures_by_counting]
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
]
