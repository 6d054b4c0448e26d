"""Judge of 8.2, ROUGE-1 with several references."""

import itertools
import re
from collections import Counter

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same
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
    "100 x their harmonic mean. Return the highest. Where the score is off, it is "
    "mostly what counts as a word, or how often a repeated word is shared: count both "
    "by hand in the case below.",
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


@judge.mistake(
    "Punctuation inside a word is deleted, so that two words become one: it ends a "
    "word."
)
def punctuation_deleted(*case):
    def words(text):
        return re.sub(r"[^a-z0-9 ]", "", text.lower()).split()

    return right(*case, words=words)


@judge.mistake(
    "Punctuation is taken off the ends of words only: inside it ends a word."
)
def punctuation_stripped(*case):
    def words(text):
        return [word.strip(".,!?;:-'") for word in text.lower().split()]

    return right(*case, words=words)


@judge.mistake("Digits belong to the words as well: runs of letters a to z and digits.")
def letters_only(*case):
    return right(*case, words=lambda text: re.findall("[a-z]+", text.lower()))


@judge.mistake(
    r"\w takes more than letters a to z and digits: é is one of them, and _ too."
)
def word_characters(*case):
    return right(*case, words=lambda text: re.findall(r"\w+", text.lower()))


@judge.mistake("These are shared characters, not words: split the texts into words.")
def characters(*case):
    return right(*case, words=lambda text: list(text.lower()))


@judge.mistake("These are pairs of words, ROUGE-2: ROUGE-1 looks at single words.")
def pairs_of_words(*case):
    def words(text):
        single = words_of(text)
        return list(itertools.pairwise(single))

    return right(*case, words=words)


@judge.mistake("Only the last reference is looked at: the best one counts.")
def last_reference(prediction, references):
    return right(prediction, references[-1:])


@judge.mistake("This is the worst reference: the best one counts.")
def worst_reference(*case):
    return right(*case, best=min)


@judge.mistake("The scores of the references are added up: the best one counts.")
def sum_of_references(*case):
    return right(*case, best=sum)


@judge.mistake("A score for each reference is returned: return the highest alone.")
def all_scores(prediction, references):
    return [right(prediction, [reference]) for reference in references]


@judge.mistake(
    "Precision and recall are multiplied: take the harmonic mean, 2 p r / (p + r)."
)
def product(*case):
    return right(*case, score=lambda shared, a, b: 100 * shared / a * shared / b)


@judge.mistake("This is the geometric mean of precision and recall: take the harmonic.")
def geometric_mean(*case):
    return right(*case, score=lambda shared, a, b: 100 * shared / (a * b) ** 0.5)


@judge.mistake("The 2 of the harmonic mean is missing: 2 p r / (p + r).")
def without_two(*case):
    return right(*case) / 2


@judge.mistake(
    "This is shared words over all different ones: take precision and recall."
)
def jaccard(*case):
    return right(*case, score=lambda shared, a, b: 100 * shared / (a + b - shared))


@judge.mistake(
    "This is the number of shared words: divide it for precision and recall."
)
def number_shared(*case):
    return right(*case, score=lambda shared, a, b: shared)


@judge.mistake("The score is rounded: return it as it is.")
def rounded(*case):
    return round(right(*case))


@judge.mistake(
    "Precision and recall are divided by the number of different words: divide by all "
    "words."
)
def divided_by_kinds(prediction, references):
    scores = []
    for reference in references:
        a, b = words_of(prediction), words_of(reference)
        scores.append(f_measure(in_both(a, b), len(set(a)), len(set(b))))
    return max(scores)


@judge.mistake(
    "The reference is chosen by its recall: the one with the best score counts."
)
def chosen_by_recall(prediction, references):
    def recall(reference):
        wanted = words_of(reference)
        return in_both(words_of(prediction), wanted) / len(wanted)

    return right(prediction, [max(references, key=recall)])


@judge.mistake(
    "The best precision and the best recall are put together: they may be those of two "
    "references. Score each reference, and take the best."
)
def best_of_each(prediction, references):
    a = words_of(prediction)
    shared = [in_both(a, words_of(r)) for r in references]
    p = max(shared) / len(a)
    r = max(s / len(words_of(t)) for s, t in zip(shared, references, strict=True))
    return 200 * p * r / (p + r) if p + r else 0.0


@judge.sees(
    "The score is right with one reference, and not with several: take the best."
)
def right_with_one(got, expected, cases):
    pairs = zip(got, expected, cases, strict=True)
    return all(same(g, e) for g, e, c in pairs if len(c["references"]) == 1)
