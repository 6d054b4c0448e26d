"""Right and wrong answers to Exercise 10.4, as students write them."""


def _words(text):
    return text.lower().split()


def _grams(words, n):
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def share_by_padded_strings(train_texts, test_texts, n):
    train = [f" {' '.join(_words(text))} " for text in train_texts]
    leaked = 0
    for text in test_texts:
        grams = _grams(_words(text), n)
        if any(f" {' '.join(gram)} " in known for gram in grams for known in train):
            leaked += 1
    return leaked / len(test_texts)


def share_by_pairs(train_texts, test_texts, n):
    known = [_grams(_words(text), n) for text in train_texts]
    hits = [
        any(_grams(_words(text), n) & grams for grams in known) for text in test_texts
    ]
    return hits.count(True) / len(hits)


def _share(train_texts, test_texts, n, words=_words, grams=_grams):
    known = set()
    for text in train_texts:
        known |= grams(words(text), n)
    return sum(bool(grams(words(t), n) & known) for t in test_texts) / len(test_texts)


def share_case_sensitive(train_texts, test_texts, n):
    return _share(train_texts, test_texts, n, words=str.split)


def share_joined(train_texts, test_texts, n):
    return _share([" ".join(train_texts)], test_texts, n)


def share_last_missed(train_texts, test_texts, n):
    def grams(words, n):
        return {tuple(words[i : i + n]) for i in range(len(words) - n)}

    return _share(train_texts, test_texts, n, grams=grams)


def share_with_tails(train_texts, test_texts, n):
    def grams(words, n):
        return {tuple(words[i : i + n]) for i in range(len(words))}

    return _share(train_texts, test_texts, n, grams=grams)


def share_short_texts(train_texts, test_texts, n):
    def grams(words, n):
        return _grams(words, n) or {tuple(words)}

    return _share(train_texts, test_texts, n, grams=grams)


def share_one_shorter(train_texts, test_texts, n):
    return _share(train_texts, test_texts, n - 1)


def share_exact_copies(train_texts, test_texts, n):
    known = {" ".join(_words(text)) for text in train_texts}
    found = [" ".join(_words(text)) in known for text in test_texts]
    return sum(found) / len(found)


def share_of_words(train_texts, test_texts, n):
    train = [set(_words(text)) for text in train_texts]
    leaked = 0
    for text in test_texts:
        leaked += any(len(set(_words(text)) & known) >= n for known in train)
    return leaked / len(test_texts)


def share_of_grams(train_texts, test_texts, n):
    known = set().union(*(_grams(_words(text), n) for text in train_texts))
    test = [gram for text in test_texts for gram in _grams(_words(text), n)]
    return sum(gram in known for gram in test) / len(test)


def share_of_training(train_texts, test_texts, n):
    return _share(test_texts, train_texts, n)


def share_counted(train_texts, test_texts, n):
    return _share(train_texts, test_texts, n) * len(test_texts)


def share_percent(train_texts, test_texts, n):
    return 100 * _share(train_texts, test_texts, n)


def share_of_characters(train_texts, test_texts, n):
    return _share(train_texts, test_texts, n, words=str.lower)


RIGHT = [share_by_padded_strings, share_by_pairs]
WRONG = [
    (share_case_sensitive, "Lowercase"),
    (share_joined, "one after the other"),
    (share_last_missed, "The last n words"),
    (share_with_tails, "fewer than n words"),
    (share_short_texts, "fewer than n words"),
    (share_one_shorter, "n - 1 words"),
    (share_exact_copies, "whole texts"),
    (share_of_words, "in a row"),
    (share_of_grams, "share of n-grams"),
    (share_of_training, "share of training texts"),
    (share_counted, "This is their number"),
    (share_percent, "from 0 to 1"),
    (share_of_characters, "Split each text into words"),
]
