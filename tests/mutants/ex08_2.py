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


def rouge_divides_by_zero(prediction, references):
    def f(shared, a, b):
        precision, recall = shared / a, shared / b
        return 200 * precision * recall / (precision + recall)

    return _score(prediction, references, f=f)


def rouge_from_library(prediction, references):
    from rouge_score.rouge_scorer import RougeScorer

    scores = RougeScorer(["rouge1"]).score_multi(references, prediction)
    return 100 * scores["rouge1"].fmeasure


RIGHT = [rouge_by_sum_of_counts, rouge_by_crossing_out]
WRONG = [
    (rouge_divides_by_zero, "nothing is shared"),
    (rouge_from_library, "write it yourself"),
]
