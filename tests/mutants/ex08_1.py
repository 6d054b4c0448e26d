"""Right and wrong answers to Exercise 8.1, as students write them."""

import re


def names_by_boundaries(summary, right_names, known_names):
    def mentions(name):
        return re.search(rf"\b{re.escape(name)}\b", summary) is not None

    missing = sorted(name for name in right_names if not mentions(name))
    wrong = [name for name in known_names if name not in right_names]
    return {"invented": sorted(filter(mentions, wrong)), "missing": missing}


def names_by_cleaning(summary, right_names, known_names):
    words = summary.replace("'s", "")
    for mark in ".,!?;:":
        words = words.replace(mark, " ")
    words = words.split()
    missing = [name for name in sorted(right_names) if name not in words]
    invented = []
    for name in sorted(known_names):
        if name in words and name not in right_names:
            invented.append(name)
    return {"missing": missing, "invented": invented}


def _errors(found, right_names):
    return {
        "missing": sorted(set(right_names) - found),
        "invented": sorted(found - set(right_names)),
    }


def names_in_text(summary, right_names, known_names):
    found = {name for name in {*known_names, *right_names} if name in summary}
    return _errors(found, right_names)


def names_lowercased(summary, right_names, known_names):
    words = re.findall("[a-z]+", summary.lower())
    found = {name for name in {*known_names, *right_names} if name.lower() in words}
    return _errors(found, right_names)


def names_split(summary, right_names, known_names):
    found = set(summary.split()) & {*known_names, *right_names}
    return _errors(found, right_names)


def names_split_and_stripped(summary, right_names, known_names):
    words = {word.strip(".,!?") for word in summary.split()}
    return _errors(words & {*known_names, *right_names}, right_names)


def names_by_capitals(summary, right_names, known_names):
    return _errors(set(re.findall(r"\b[A-Z][a-z]+", summary)), right_names)


def names_exchanged(summary, right_names, known_names):
    errors = names_by_boundaries(summary, right_names, known_names)
    return {"missing": errors["invented"], "invented": errors["missing"]}


def names_unsorted(summary, right_names, known_names):
    words = re.findall("[A-Za-z]+", summary)
    return {
        "missing": [name for name in right_names if name not in words],
        "invented": [n for n in known_names if n in words and n not in right_names],
    }


def names_as_sets(summary, right_names, known_names):
    words = set(re.findall("[A-Za-z]+", summary))
    right = set(right_names)
    return {"missing": right - words, "invented": words & set(known_names) - right}


RIGHT = [names_by_boundaries, names_by_cleaning]
WRONG = [
    (names_in_text, "part of a longer word"),
    (names_lowercased, "begins with a capital"),
    (names_split, "punctuation"),
    (names_split_and_stripped, "possessive"),
    (names_by_capitals, "Not every word with a capital"),
    (names_exchanged, "exchanged"),
    (names_unsorted, "alphabet"),
    (names_as_sets, "something else than"),
]
