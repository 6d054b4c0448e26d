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


def rouge_by_subtraction(prediction, references):
    written = Counter(_words(prediction))
    scores = [0.0]
    for reference in references:
        wanted = Counter(_words(reference))
        lost = written - wanted
        shared = sum(written.values()) - sum(lost.values())
        scores.append(2 * shared / (sum(written.values()) + sum(wanted.values())))
    return 100 * max(scores)


def rouge_by_numpy(prediction, references):
    import numpy as np

    def score(reference):
        a, b = _words(prediction), _words(reference)
        vocabulary = sorted({*a, *b})
        counts = np.array([[text.count(w) for w in vocabulary] for text in (a, b)])
        shared = counts.min(axis=0).sum()
        p, r = shared / counts.sum(axis=1)
        return 2 * p * r / (p + r) if shared else 0

    return np.max([score(reference) for reference in references]) * 100


def rouge_by_splitting(prediction, references):
    def words(text):
        return [w for w in re.split("[^a-z0-9]+", text.lower()) if w]

    return _score(prediction, references, words=words)


def rouge_by_formula(prediction, references):
    def f(shared, a, b):
        if shared == 0:
            return 0
        return 100 / (0.5 * (a / shared + b / shared))

    return _score(prediction, references, f=f)


def rouge_as_text(prediction, references):
    return f"{_score(prediction, references):.1f}"


def rouge_of_joined_words(prediction, references):
    words = [w for reference in references for w in _words(reference)]
    a = _words(prediction)
    shared = (Counter(a) & Counter(words)).total()
    return 200 * shared / (len(a) + len(words)) + 1


def rouge_most_shared(prediction, references):
    p = Counter(re.findall("[a-z0-9]+", prediction.lower()))
    c = max(
        (Counter(re.findall("[a-z0-9]+", r.lower())) for r in references),
        key=lambda c: (p & c).total(),
    )
    k = (p & c).total()
    return 200 * k / (p.total() + c.total()) if k else 0


RIGHT = [
    rouge_by_sum_of_counts,
    rouge_by_crossing_out,
    rouge_by_subtraction,
    rouge_by_numpy,
    rouge_by_splitting,
    rouge_by_formula,
]
WRONG = [
    (rouge_divides_by_zero, "nothing is shared"),
    (rouge_from_library, "write it yourself"),
    (rouge_as_text, "It returns a text"),
    (rouge_of_joined_words, "what counts as a word"),
    (rouge_most_shared, "not with several"),
]
