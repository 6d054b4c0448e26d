"""Judge of 8.1, names that are missing or invented."""

import re

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex08_1 import QUESTION


def errors(found, right_names):
    return {
        "missing": sorted(set(right_names) - found),
        "invented": sorted(found - set(right_names)),
    }


def right(summary, right_names, known_names):
    words = set(re.findall("[A-Za-z]+", summary))
    return errors(words & {*right_names, *known_names}, right_names)


judge = Judge(
    QUESTION,
    right,
    "Return a dict: missing, the right names that are no word of the summary, and "
    "invented, the known names that are a word of it and not right; both sorted.",
)


@judge.mistake("A name is found as part of a longer word: compare whole words.")
def parts_of_words(summary, right_names, known_names):
    found = {name for name in {*right_names, *known_names} if name in summary}
    return errors(found, right_names)


@judge.mistake(
    "A name begins with a capital: don't lowercase, or the verb counts as the name."
)
def lowercased(summary, right_names, known_names):
    words = re.findall("[a-z]+", summary.lower())
    found = {name for name in {*right_names, *known_names} if name.lower() in words}
    return errors(found, right_names)


@judge.mistake(
    "Names next to punctuation are not found: take runs of letters as words."
)
def split(summary, right_names, known_names):
    return errors({*summary.split()} & {*right_names, *known_names}, right_names)


@judge.mistake("A possessive is not found: the name ends before the apostrophe.")
def stripped(summary, right_names, known_names):
    words = {word.strip(".,!?") for word in summary.split()}
    return errors(words & {*right_names, *known_names}, right_names)


@judge.mistake(
    "Only some marks are taken away: a name may stand next to any other, such as ;."
)
def few_marks(summary, right_names, known_names):
    words = {word.removesuffix("'s").strip(".,!?") for word in summary.split()}
    return errors(words & {*right_names, *known_names}, right_names)


@judge.mistake(
    "Only the beginning of the summary is looked at: re.match tests no other place."
)
def at_the_beginning(summary, right_names, known_names):
    found = {n for n in {*right_names, *known_names} if re.match(rf"{n}\b", summary)}
    return errors(found, right_names)


@judge.mistake("The same names stand in both lists: missing and invented are two.")
def in_one_list(summary, right_names, known_names):
    both = right(summary, right_names, known_names)
    found = sorted(both["missing"] + both["invented"])
    return {"missing": found, "invented": found}


@judge.mistake("Not every word with a capital is a name: look among known_names.")
def capitals(summary, right_names, known_names):
    return errors(set(re.findall("[A-Z][a-z]+", summary)), right_names)


@judge.mistake("The two lists are exchanged.")
def exchanged(*case):
    answer = right(*case)
    return {"missing": answer["invented"], "invented": answer["missing"]}


@judge.mistake("The names are right, but not sorted by the alphabet.")
def unsorted(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    return {
        "missing": [name for name in right_names if name in answer["missing"]],
        "invented": [name for name in known_names if name in answer["invented"]],
    }


@judge.mistake("A name is found as part of a longer word when you look who is missing.")
def missing_by_parts(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    return answer | {"missing": sorted(n for n in right_names if n not in summary)}


@judge.mistake(
    "A name is found as part of a longer word when you look who is invented."
)
def invented_by_parts(summary, right_names, known_names):
    wrong_names = set(known_names) - set(right_names)
    answer = right(summary, right_names, known_names)
    return answer | {"invented": sorted(n for n in wrong_names if n in summary)}


@judge.mistake(
    "Every name of the summary counts as invented: leave out the right ones."
)
def mentioned_as_invented(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    words = set(re.findall("[A-Za-z]+", summary))
    return answer | {"invented": sorted(words & {*right_names, *known_names})}


@judge.mistake(
    "Every right name counts as missing: leave out those that are mentioned."
)
def all_missing(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    return answer | {"missing": sorted(right_names)}


@judge.mistake(
    "All known names that are not mentioned count as missing: only right ones."
)
def known_missing(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    words = set(re.findall("[A-Za-z]+", summary))
    return answer | {"missing": sorted({*right_names, *known_names} - words)}


@judge.mistake(
    "All known names that are not right count as invented, mentioned or not."
)
def unmentioned_invented(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    return answer | {"invented": sorted(set(known_names) - set(right_names))}


@judge.mistake("A name that is mentioned twice is listed twice: name it once.")
def repeated(summary, right_names, known_names):
    words = re.findall("[A-Za-z]+", summary)
    invented = [w for w in words if w in known_names and w not in right_names]
    answer = right(summary, right_names, known_names)
    return answer | {"invented": sorted(invented)}


@judge.mistake("The missing names are right, but not sorted by the alphabet.")
def missing_unsorted(*case):
    return right(*case) | {"missing": unsorted(*case)["missing"]}


@judge.mistake("The invented names are right, but not sorted by the alphabet.")
def invented_unsorted(*case):
    return right(*case) | {"invented": unsorted(*case)["invented"]}


@judge.mistake("The invented names are right, but not sorted by the alphabet.")
def in_order_of_the_summary(summary, right_names, known_names):
    answer = right(summary, right_names, known_names)
    words = dict.fromkeys(re.findall("[A-Za-z]+", summary))
    return answer | {"invented": [w for w in words if w in answer["invented"]]}


@judge.mistake("Return the names themselves, not how many there are.")
def counted(*case):
    return {name: len(names) for name, names in right(*case).items()}
