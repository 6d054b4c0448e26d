"""Judge of 1.2, word counts and ties."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The commonest words, ties in alphabetical order."""

    def count(case: Case, pattern: str = r"[\w']+", once: bool = False) -> Counter:
        found = [re.findall(pattern, text.lower()) for text in case["texts"]]
        return Counter(
            word for words in found for word in (set(words) if once else words)
        )

    def ranked(
        case: Case,
        counts: Counter | None = None,
        key: Callable[[tuple[str, int]], Any] = lambda item: (-item[1], item[0]),
    ) -> list[list[Any]]:
        counts = count(case) if counts is None else counts
        return [list(item) for item in sorted(counts.items(), key=key)[: case["n"]]]

    def as_written(case: Case) -> list[list[Any]]:
        text = " ".join(case["texts"])
        return ranked(case, Counter(re.findall(r"[\w']+", text)))

    mistakes = [
        (
            lambda case: ranked(case, key=lambda item: -item[1]),
            "Words of equal count stand in the order of their first occurrence, which "
            "another order of the documents would change: sort ties alphabetically.",
        ),
        (
            lambda case: ranked(case, key=lambda item: (-item[1], _backward(item[0]))),
            "Ties stand in reverse: reverse=True turns the alphabet round, too. Sort "
            "by (-count, word).",
        ),
        (
            lambda case: sorted(ranked(case, key=lambda item: -item[1]), key=_by_count),
            "Ties are cut before they are sorted: sort all the words first, then take "
            "n of them.",
        ),
        (
            as_written,
            "`The` and `the` are counted apart: lowercase for counting.",
        ),
        (
            lambda case: ranked(case, count(case, r"\S+")),
            "Punctuation sticks to the words: find them with the pattern [\\w']+.",
        ),
        (
            lambda case: ranked(case, count(case, r"\w+")),
            "The apostrophe cuts words in two: it belongs to a word here.",
        ),
        (
            lambda case: ranked(case, count(case, r"[a-z']+")),
            "Letters such as ü, digits and _ belong to a word: the pattern is [\\w']+.",
        ),
        (
            lambda case: ranked({**case, "texts": ["".join(case["texts"])]}),
            "The last word of a text runs into the first of the next: go through them "
            "one by one, or join them with a space.",
        ),
        (
            lambda case: ranked({**case, "n": None}),
            "These are all the words: return the first n pairs.",
        ),
        (
            lambda case: [pair[::-1] for pair in ranked(case)],
            "The pairs stand the other way round: (word, count).",
        ),
        (
            lambda case: ranked({**case, "texts": case["texts"][-1:]}),
            "Only the last text is counted: add up over all of them.",
        ),
        (
            lambda case: ranked({**case, "texts": case["texts"][:1]}),
            "Only the first text is counted: add up over all of them.",
        ),
        (
            lambda case: sorted(ranked(case)),
            "The words are right and stand in alphabetical order: the highest count "
            "comes first.",
        ),
        (
            lambda case: ranked(case, key=lambda item: item[0]),
            "The words are sorted by the alphabet alone: the highest count comes "
            "first.",
        ),
        (
            lambda case: ranked(case, key=lambda item: (-len(item[0]), item[0])),
            "The words are sorted by their length: sort by their count.",
        ),
        (
            lambda case: ranked(case, count(case, once=True)),
            "These are the numbers of documents with a word: count every occurrence.",
        ),
        (
            lambda case: ranked(case, key=lambda item: (item[1], item[0])),
            "These are the rarest words: sort from the highest count down.",
        ),
        (
            lambda case: [word for word, _ in ranked(case)],
            "Return pairs of a word and its count.",
        ),
    ]
    otherwise = (
        "Return n pairs (word, count): the highest count first, and words of equal "
        "count in alphabetical order."
    )

    def of_the_parts(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say whether words, counts or their order are at fault."""
        if any(len(g) != len(e) for g, e in zip(got, expected, strict=True)):
            return ""
        counts = [count(case) for case in cases]
        pairs = [(c, w, n) for g, c in zip(got, counts, strict=True) for w, n in g]
        if any(word not in counted for counted, word, _ in pairs):
            return (
                "There are words in it that the pattern [\\w']+ does not find in the "
                "text in lower case."
            )
        if all(0 < n < 1 for _, _, n in pairs):
            return "These are shares: return counts."
        if any(counted[word] != n for counted, word, n in pairs):
            return (
                "These are words of the texts, and their counts are not right: count "
                "each time that the pattern [\\w']+ finds one, over all the texts."
            )
        return (
            "Each word has its right count, and others belong there, or in another "
            "order: sort all of them by (-count, word) first, then take n."
        )

    looks = [(of_the_parts, "")]
    return judge_cases(data, inputs["cases"], ranked, mistakes, otherwise, looks)


def _backward(word: str) -> list[int]:
    return [-ord(letter) for letter in word] + [1]  # as reverse=True sorts words


def _by_count(item: list[Any]) -> tuple[int, str]:
    return -item[1], item[0]
