"""Judge of 8.1, names that are missing or invented."""

import re
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Missing and invented names, exact."""

    def names(case: Case) -> set[str]:
        return {*case["right_names"], *case["known_names"]}

    def whole_words(case: Case) -> set[str]:
        return set(re.findall("[A-Za-z]+", case["summary"])) & names(case)

    def answer(
        case: Case, mentioned: Callable[[Case], set[str]] = whole_words
    ) -> dict[str, list[str]]:
        found, right = mentioned(case), set(case["right_names"])
        return {"missing": sorted(right - found), "invented": sorted(found - right)}

    def lowercased(case: Case) -> set[str]:
        words = re.findall("[a-z]+", case["summary"].lower())
        return {name for name in names(case) if name.lower() in words}

    def stripped(case: Case) -> set[str]:
        return {word.strip(".,!?") for word in case["summary"].split()} & names(case)

    def unsorted(case: Case) -> dict[str, list[str]]:
        errors = answer(case)
        return {
            "missing": [n for n in case["right_names"] if n in errors["missing"]],
            "invented": [n for n in case["known_names"] if n in errors["invented"]],
        }

    mistakes = [
        (
            lambda case: answer(
                case, lambda case: {n for n in names(case) if n in case["summary"]}
            ),
            "A name is found as part of a longer word: compare whole words.",
        ),
        (
            lambda case: answer(case, lowercased),
            "A name begins with a capital: don't lowercase, or the verb counts as the "
            "name.",
        ),
        (
            lambda case: answer(
                case, lambda case: set(case["summary"].split()) & names(case)
            ),
            "Names next to punctuation are not found: take runs of letters as words.",
        ),
        (
            lambda case: answer(case, stripped),
            "A possessive is not found: the name ends before the apostrophe.",
        ),
        (
            lambda case: answer(
                case, lambda case: set(re.findall("[A-Z][a-z]+", case["summary"]))
            ),
            "Not every word with a capital is a name: look among known_names.",
        ),
        (
            lambda case: dict(
                zip(("invented", "missing"), answer(case).values(), strict=True)
            ),
            "The two lists are exchanged.",
        ),
        (unsorted, "The names are right, but not sorted by the alphabet."),
    ]
    otherwise = (
        "Return a dict: missing, the right names that are no word of the summary, and "
        "invented, the known names that are a word of it and not right; both sorted."
    )
    return judge_cases(data, inputs["cases"], answer, mistakes, otherwise)
