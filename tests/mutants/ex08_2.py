"""Right and wrong answers to Exercise 8.2, as students write them."""

import re
from collections import Counter


def _words(text):
    return re.findall("[a-z0-9]+", text.lower())


def rouge_by_sum_of_counts(prediction, references):
    best = 0.0
    for reference in references:
        a, b = _words(prediction), _words(reference)
        shared = sum(min(a.count(word), b.count(word)) for word in set(a))
        best = max(best, 200 * shared / (len(a) + len(b)))
    return best


def rouge_by_crossing_out(prediction, references):
    scores = []
    for reference in references:
        left = _words(reference)
        total = len(left)
        shared = 0
        for word in _words(prediction):
            if word in left:
                left.remove(word)
                shared += 1
        scores.append(200 * shared / (len(_words(prediction)) + total))
    return max(scores)


def _f(shared, a, b):
    return 200 * shared / (a + b)


def _score(prediction, references, words=_words, shared=None, f=_f, best=max):
    shared = shared or (lambda a, b: (Counter(a) & Counter(b)).total())
    scores = []
    for reference in references:
        a, b = words(prediction), words(reference)
        scores.append(f(shared(a, b), len(a), len(b)))
    return best(scores)


def rouge_raw(prediction, references):
    return _score(prediction, references, words=str.split)


def rouge_with_punctuation(prediction, references):
    return _score(prediction, references, words=lambda text: text.lower().split())


def rouge_with_capitals(prediction, references):
    words = re.compile("[A-Za-z0-9]+").findall
    return _score(prediction, references, words=words)


def rouge_unclipped(prediction, references):
    def shared(a, b):
        return sum(word in b for word in a)

    return _score(prediction, references, shared=shared)


def rouge_of_sets(prediction, references):
    def words(text):
        return set(_words(text))

    def shared(a, b):
        return len(a & b)

    return _score(prediction, references, words=words, shared=shared)


def rouge_types_over_tokens(prediction, references):
    return _score(prediction, references, shared=lambda a, b: len(set(a) & set(b)))


def rouge_recall(prediction, references):
    return _score(prediction, references, f=lambda shared, a, b: 100 * shared / b)


def rouge_precision(prediction, references):
    return _score(prediction, references, f=lambda shared, a, b: 100 * shared / a)


def rouge_arithmetic(prediction, references):
    def mean(shared, a, b):
        return 50 * (shared / a + shared / b)

    return _score(prediction, references, f=mean)


def rouge_divides_by_zero(prediction, references):
    def f(shared, a, b):
        precision, recall = shared / a, shared / b
        return 200 * precision * recall / (precision + recall)

    return _score(prediction, references, f=f)


def rouge_first(prediction, references):
    return _score(prediction, references[:1])


def rouge_mean(prediction, references):
    return _score(prediction, references, best=lambda s: sum(s) / len(s))


def rouge_joined(prediction, references):
    return _score(prediction, [" ".join(references)])


def rouge_fraction(prediction, references):
    return _score(prediction, references) / 100


def rouge_from_library(prediction, references):
    from rouge_score.rouge_scorer import RougeScorer

    scores = RougeScorer(["rouge1"]).score_multi(references, prediction)
    return 100 * scores["rouge1"].fmeasure


RIGHT = [rouge_by_sum_of_counts, rouge_by_crossing_out]
WRONG = [
    (rouge_raw, "neither lowercased nor"),
    (rouge_with_punctuation, "Punctuation"),
    (rouge_with_capitals, "Lowercase"),
    (rouge_unclipped, "is shared too often"),
    (rouge_of_sets, "counts once"),
    (rouge_types_over_tokens, "different words are shared"),
    (rouge_recall, "This is the recall"),
    (rouge_precision, "This is the precision"),
    (rouge_arithmetic, "arithmetic mean"),
    (rouge_divides_by_zero, "nothing is shared"),
    (rouge_first, "Only the first reference"),
    (rouge_mean, "mean over the references"),
    (rouge_joined, "joined to one text"),
    (rouge_fraction, "from 0 to 100"),
    (rouge_from_library, "write it yourself"),
]
