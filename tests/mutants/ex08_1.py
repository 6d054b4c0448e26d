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


def names_by_translation(summary, right_names, known_names):
    letters = "".join(c if c.isalpha() else " " for c in summary).split()
    missing = list(right_names)
    invented = set()
    for word in letters:
        if word in missing:
            missing.remove(word)
        elif word in known_names and word not in right_names:
            invented.add(word)
    missing.sort()
    return {"missing": missing, "invented": sorted(invented)}


def names_by_numpy(summary, right_names, known_names):
    import numpy as np

    words = np.unique(re.findall(r"[A-Za-z]+", summary))
    mentioned = np.intersect1d(words, known_names)
    return {
        "missing": np.setdiff1d(right_names, mentioned).tolist(),
        "invented": np.setdiff1d(mentioned, right_names).tolist(),
    }


def names_by_finditer(summary, right_names, known_names):
    found = {match.group() for match in re.finditer("[A-Z][a-z]*(?![a-z])", summary)}
    missing = tuple(sorted({*right_names}.difference(found)))
    return {
        "invented": sorted(found.intersection(known_names).difference(right_names)),
        "missing": missing,
    }


def names_by_two_patterns(summary, right_names, known_names):
    pattern = re.compile(r"\b(" + "|".join(known_names) + r")\b")
    mentioned = dict.fromkeys(pattern.findall(summary))
    return {
        "missing": [n for n in sorted(right_names) if n not in mentioned],
        "invented": sorted(n for n in mentioned if n not in right_names),
    }


def names_found_nowhere(summary, right_names, known_names):
    return {
        "missing": names_by_boundaries(summary, right_names, known_names)["missing"],
        "invented": [],
    }


def names_without_known(summary, right_names, known_names):
    words = re.findall(r"\w+", summary)
    invented = sorted({w for w in words if w.istitle() and w not in right_names})
    return {"missing": sorted(set(right_names) - set(words)), "invented": invented}


def names_as_tuple(summary, right_names, known_names):
    return tuple(names_by_boundaries(summary, right_names, known_names).values())


def names_with_other_keys(summary, right_names, known_names):
    found = names_by_boundaries(summary, right_names, known_names)
    return {"lost": found["missing"], "new": found["invented"]}


def names_sorted_in_place(summary, right_names, known_names):
    found = names_by_boundaries(summary, right_names, known_names)
    return {"missing": found["missing"].sort(), "invented": found["invented"].sort()}


RIGHT = [
    names_by_boundaries,
    names_by_cleaning,
    names_by_translation,
    names_by_numpy,
    names_by_finditer,
    names_by_two_patterns,
]
WRONG = [
    (names_as_sets, "something else than"),
    (names_found_nowhere, "`invented` is wrong; `missing` is right"),
    (names_without_known, "look among known_names"),
    (names_as_tuple, "where a dict is asked"),
    (names_with_other_keys, "lacks `missing`"),
    (names_sorted_in_place, "Return a dict: missing"),
]
