"""Judge of 10.4, test texts that were in training."""

import re

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex10_4 import QUESTION


def lowered(text):
    return text.lower().split()


def whole(words, n):
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def found(train_texts, test_texts, n, split=lowered, grams=whole, enough=bool):
    """Return for each test text whether it is leaked."""
    known = set().union(*(grams(split(text), n) for text in train_texts))
    return [enough(grams(split(text), n) & known) for text in test_texts]


def right(*case, **how):
    return float(np.mean(found(*case, **how)))


judge = Judge(
    QUESTION,
    right,
    "Split each text into words. A test text is leaked if one of its n-grams is also "
    "an n-gram of a training text. Return leaked / all test texts. Count by hand in "
    "the case below which of the test texts are leaked.",
)


@judge.mistake(
    "Each n-gram that is found counts: a text is leaked once, however many are found."
)
def each_n_gram(*case):
    return right(*case, enough=len)


judge.variant("with_capitals", "Lowercase the texts first.", split=str.split)


@judge.mistake("Texts with fewer than n words are not counted: they are no leak.")
def without_short(train_texts, test_texts, n):
    long = [text for text in test_texts if len(text.split()) >= n]
    return right(train_texts, long, n)


@judge.mistake("The training texts are lowercased, the test texts are not.")
def tests_with_capitals(train_texts, test_texts, n):
    return right([t.lower() for t in train_texts], test_texts, n, split=str.split)


@judge.mistake("The test texts are lowercased, the training texts are not.")
def training_with_capitals(train_texts, test_texts, n):
    return right(train_texts, [t.lower() for t in test_texts], n, split=str.split)


judge.variant(
    "split_at_spaces",
    'split(" ") splits at single spaces: split() at any white space.',
    split=lambda text: text.lower().split(" "),
)
judge.variant(
    "without_punctuation",
    "Punctuation is taken away: leave it, so that the words differ by it.",
    split=lambda text: re.findall(r"\w+", text.lower()),
)


@judge.mistake(
    "The training texts are put one after the other, and n-grams found across their "
    "borders: take each text alone."
)
def joined(train_texts, test_texts, n):
    return right([" ".join(train_texts)], test_texts, n)


@judge.mistake(
    "An n-gram is looked for as a piece of text, and found where a word only ends like "
    "its first one: compare whole words."
)
def pieces_of_text(train_texts, test_texts, n):
    known = [" ".join(lowered(text)) for text in train_texts]
    grams = ([" ".join(gram) for gram in whole(lowered(t), n)] for t in test_texts)
    return np.mean([any(g in k for g in of_one for k in known) for of_one in grams])


judge.variant(
    "last_missed",
    "The last n words of each text are missed: there are len(words) - n + 1 n-grams.",
    grams=lambda words, n: {tuple(words[i : i + n]) for i in range(len(words) - n)},
)
SHORT = "A text with fewer than n words is never leaked: shorter pieces count here."
judge.variant(
    "short_texts", SHORT, grams=lambda words, n: whole(words, n) or {tuple(words)}
)
judge.variant(
    "with_tails",
    SHORT,
    grams=lambda words, n: {tuple(words[i : i + n]) for i in range(len(words))},
)
judge.variant(
    "n_minus_1",
    "Already n - 1 words in a row count here.",
    grams=lambda words, n: whole(words, n - 1),
)
judge.variant(
    "n_plus_1",
    "Here n + 1 words in a row are needed: n are enough.",
    grams=lambda words, n: whole(words, n + 1),
)
judge.variant(
    "single_words",
    "One shared word is enough here: n in a row are needed.",
    grams=lambda words, n: whole(words, 1),
)
judge.variant(
    "side_by_side",
    "The n-grams stand side by side here: they overlap, one begins at each word.",
    grams=lambda words, n: {
        tuple(words[i : i + n]) for i in range(0, len(words) - n + 1, n)
    },
)
judge.variant(
    "first_gram",
    "Only the first n words of each text are looked at.",
    grams=lambda words, n: {tuple(words[:n])},
)
judge.variant(
    "whole_texts",
    "Only whole texts are compared: look for n words in a row.",
    grams=lambda words, n: {tuple(words)},
)
judge.variant(
    "sorted_grams",
    "The words are compared without their order: they have to stand in a row.",
    grams=lambda words, n: {tuple(sorted(gram)) for gram in whole(words, n)},
)
judge.variant(
    "two_grams", "One shared n-gram is enough.", enough=lambda shared: len(shared) > 1
)


@judge.mistake(
    "The words are compared without their order: they have to stand in a row."
)
def of_words(train_texts, test_texts, n):
    train = [set(lowered(text)) for text in train_texts]
    tests = [set(lowered(text)) for text in test_texts]
    return np.mean([max(len(t & k) for k in train) >= n for t in tests])


@judge.mistake(
    "Words with others between them count here: they have to stand in a row."
)
def with_gaps(train_texts, test_texts, n):
    known = set().union(*(whole(lowered(text), n) for text in train_texts))

    def leaked(text):
        words = lowered(text)
        for gram in known:
            rest = iter(words)
            if gram[0] in words and all(word in rest for word in gram):
                return True
        return False

    return np.mean([leaked(text) for text in test_texts])


@judge.mistake(
    "A test text is leaked if any of its n-grams is known, not only if all are."
)
def all_grams(train_texts, test_texts, n):
    known = set().union(*(whole(lowered(text), n) for text in train_texts))
    tests = [whole(lowered(text), n) for text in test_texts]
    return np.mean([bool(grams) and grams <= known for grams in tests])


@judge.mistake("This is the share of n-grams: return that of the test texts.")
def of_grams(train_texts, test_texts, n):
    known = set().union(*(whole(lowered(text), n) for text in train_texts))
    grams = [gram for text in test_texts for gram in whole(lowered(text), n)]
    return np.mean([gram in known for gram in grams])


@judge.mistake("This is the share of training texts that occur in the test.")
def of_training(train_texts, test_texts, n):
    return right(test_texts, train_texts, n)


@judge.mistake("Equal test texts count once here: divide by all of them.")
def of_different_texts(train_texts, test_texts, n):
    return right(train_texts, list(dict.fromkeys(test_texts)), n)


@judge.mistake("The number of leaked texts is divided by the training texts.")
def by_training(train_texts, test_texts, n):
    return sum(found(train_texts, test_texts, n)) / len(train_texts)


@judge.mistake("This is the share of texts that are not leaked.")
def not_leaked(*case):
    return 1 - right(*case)


@judge.mistake("This is their number: divide by the number of test texts.")
def number(*case):
    return sum(found(*case))


@judge.mistake("The share goes from 0 to 1.")
def per_cent(*case):
    return 100 * right(*case)


@judge.mistake("Return the share, not whether there is a leak.")
def whether(*case):
    return any(found(*case))


judge.variant(
    "of_characters",
    "These are n characters in a row: split the texts into words.",
    split=lambda text: list(text.lower()),
)


@judge.mistake("Return the share, not one answer for each test text.")
def each(*case):
    return found(*case)


@judge.mistake("The share is rounded: return it as it is.")
def rounded(*case):
    return round(right(*case), 1)


def wrong_pairs(got, expected):
    return [(g, e) for g, e in zip(got, expected, strict=True) if abs(g - e) > 1e-6]


@judge.sees(
    "The share is too large. Mostly words are found that do not stand in a row in one "
    "training text, or n-grams that are too short; or a text counts more than once, or "
    "not all test texts are counted."
)
def too_many(got, expected, cases):
    return all(e < g <= 1 for g, e in wrong_pairs(got, expected))


@judge.sees(
    "The share is too small. Mostly capitals differ, the last n-gram of a text is "
    "missed, or something else than texts is counted."
)
def too_few(got, expected, cases):
    return all(g < e for g, e in wrong_pairs(got, expected))
