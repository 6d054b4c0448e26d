"""Judge of 8.2, ROUGE-1 with several references."""

import re
from collections import Counter

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex08_2 import QUESTION


def words_of(text):
    return re.findall("[a-z0-9]+", text.lower())


def in_both(a, b):
    return (Counter(a) & Counter(b)).total()


def f_measure(shared, written, wanted):
    return 200 * shared / (written + wanted)


def right(
    prediction, references, words=words_of, shared=in_both, score=f_measure, best=max
):
    scores = []
    for reference in references:
        a, b = words(prediction), words(reference)
        scores.append(score(shared(a, b), len(a), len(b)))
    return float(best(scores))


judge = Judge(
    QUESTION,
    right,
    "For each reference: shared words (the smaller count of each), precision, recall, "
    "100 x their harmonic mean. Return the highest.",
)


@judge.mistake("The text is neither lowercased nor freed from punctuation.")
def raw(*case):
    return right(*case, words=str.split)


@judge.mistake("Punctuation sticks to the words: take runs of letters and digits.")
def with_punctuation(*case):
    return right(*case, words=lambda text: text.lower().split())


@judge.mistake("Lowercase both texts first.")
def with_capitals(*case):
    return right(*case, words=re.compile("[A-Za-z0-9]+").findall)


@judge.mistake(
    "A word that is repeated in the prediction is shared too often: as often as in the "
    "text that has it less often."
)
def unclipped(*case):
    return right(*case, shared=lambda a, b: sum(word in b for word in a))


@judge.mistake(
    "A repeated word counts once here: with sets, repetition disappears. Count words, "
    "not different words."
)
def of_sets(*case):
    return right(*case, words=lambda text: set(words_of(text)))


@judge.mistake(
    "This counts how many different words are shared: a word that is twice in both is "
    "shared twice."
)
def types_over_tokens(*case):
    return right(*case, shared=lambda a, b: len(set(a) & set(b)))


@judge.mistake("This is the recall: return the harmonic mean of precision and recall.")
def recall(*case):
    return right(*case, score=lambda shared, a, b: 100 * shared / b)


@judge.mistake(
    "This is the precision: return the harmonic mean of precision and recall."
)
def precision(*case):
    return right(*case, score=lambda shared, a, b: 100 * shared / a)


@judge.mistake(
    "This is the arithmetic mean of precision and recall: take the harmonic one."
)
def arithmetic_mean(*case):
    return right(*case, score=lambda shared, a, b: 50 * shared * (1 / a + 1 / b))


@judge.mistake("Only the first reference is looked at: the best one counts.")
def first_reference(prediction, references):
    return right(prediction, references[:1])


@judge.mistake("This is the mean over the references: the best one counts.")
def mean_of_references(*case):
    return right(*case, best=np.mean)


@judge.mistake("The references are joined to one text: score each of them alone.")
def joined(prediction, references):
    return right(prediction, [" ".join(references)])


@judge.mistake("The score goes from 0 to 100.")
def fraction(*case):
    return right(*case) / 100
