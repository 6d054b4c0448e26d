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


def names_as_sets(summary, right_names, known_names):
    words = set(re.findall("[A-Za-z]+", summary))
    right = set(right_names)
    return {"missing": right - words, "invented": words & set(known_names) - right}


RIGHT = [names_by_boundaries, names_by_cleaning]
WRONG = [
    (names_as_sets, "something else than"),
]
