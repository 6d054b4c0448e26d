"""Exercise 1, collect data: the references, and the mistakes known by their values."""

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]
Rows = list[list[int]]

STAMP = r"\[\d\d\.\d\d\.\d\d, \d\d:\d\d\] "


def verify_lengths(data: Any, inputs: Inputs) -> Verdict:
    """Documents, words, median and 95th percentile, exact."""

    def lengths(case: Case) -> list[int]:
        return [len(text.split()) for text in case["texts"] if text and text.strip()]

    def figures(counts: list[int]) -> dict[str, Any]:
        at = math.ceil(0.95 * len(counts)) - 1
        return {
            "documents": len(counts),
            "words": sum(counts),
            "median": float(np.median(counts)),
            "p95": sorted(counts)[at],
        }

    def right(case: Case) -> dict[str, Any]:
        return figures(lengths(case))

    def changed(**change: Callable[[list[int]], Any]) -> Callable[[Case], Any]:
        [(key, value)] = change.items()
        return lambda case: {**right(case), key: value(lengths(case))}

    mistakes = [
        (
            lambda case: figures([len((text or "").split()) for text in case["texts"]]),
            "Rows without a word count as documents of length 0, which pulls the "
            "median down: leave them out.",
        ),
        (
            lambda case: {**right(case), "documents": len(case["texts"])},
            "Rows without a word are counted as documents: leave them out there too.",
        ),
        (
            lambda case: figures(
                [len(t.split(" ")) for t in case["texts"] if t and t.strip()]
            ),
            'split(" ") cuts at each single space and at no line break: call split() '
            "without an argument.",
        ),
        (
            lambda case: figures([len(t) for t in case["texts"] if t and t.strip()]),
            "These are lengths in characters: count words.",
        ),
        (
            changed(p95=lambda counts: np.percentile(counts, 95)),
            "This p95 lies between two lengths. Return a length that occurs: the "
            "smallest that at least 95 % of the documents do not exceed.",
        ),
        (
            changed(p95=lambda counts: sorted(counts)[int(0.95 * len(counts))]),
            "p95 is one place too far where 95 % of the documents is a whole number: "
            "places count from 0.",
        ),
        (
            changed(p95=lambda counts: counts[math.ceil(0.95 * len(counts)) - 1]),
            "Sort the lengths before you take one by its place.",
        ),
        (
            changed(p95=lambda counts: 0.95 * max(counts)),
            "This is 95 % of the greatest length. p95 is about 95 % of the documents.",
        ),
        (
            changed(median=lambda counts: sorted(counts)[len(counts) // 2]),
            "With an even number of documents the median is the mean of the two in "
            "the middle.",
        ),
        (
            changed(median=np.mean),
            "This is the mean: the median is the length in the middle.",
        ),
    ]
    otherwise = (
        "Return a dict with the keys documents, words, median and p95, all over the "
        "documents that have at least one word."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_words(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(2, data, inputs["cases"], ranked, mistakes, otherwise)


def _backward(word: str) -> list[int]:
    return [-ord(letter) for letter in word] + [1]  # as reverse=True sorts words


def _by_count(item: list[Any]) -> tuple[int, str]:
    return -item[1], item[0]


def verify_export(data: Any, inputs: Inputs) -> Verdict:
    """Pairs of name and text, exact."""

    def parsed(
        case: Case,
        start: str = STAMP,
        name: str = r"(.*?): ",
        text: str = "(.*)",
        go_on: Callable[[str, str], str] = "{}\n{}".format,
        notices: bool = False,
        stripped: bool = True,
    ) -> list[list[str]]:
        export = case["export"].replace("\r\n", "\n")
        messages: list[list[str]] = []
        for line in (export.rstrip("\n") if stripped else export).split("\n"):
            stamp = re.match(start, line)
            message = re.match(start + name + text, line)
            if message:
                messages.append(list(message.groups()))
            elif not stamp and messages:
                messages[-1][1] = go_on(messages[-1][1], line)
            elif notices:
                messages.append(["", line[stamp.end() :] if stamp else line])
        return messages

    mistakes = [
        (
            lambda case: parsed(case, go_on=lambda text, line: text),
            "Lines without a time stamp are lost: each goes on with the message above "
            "it.",
        ),
        (
            lambda case: parsed(case, go_on="{} {}".format),
            "Keep the line breaks inside a message: they are the only sign of where "
            "a thought ends.",
        ),
        (
            lambda case: parsed(case, go_on="{}{}".format),
            "The lines of a message run into each other: put the line break back.",
        ),
        (
            lambda case: parsed(
                case, go_on=lambda text, line: f"{text}\n{line}" if line else text
            ),
            "An empty line inside a message belongs to it.",
        ),
        (
            lambda case: parsed(case, stripped=False),
            "The last message ends in a line break: that one ends the file's last "
            "line, and is no part of the text.",
        ),
        (
            lambda case: parsed(case, start=r"\[.*?\] ?"),
            "A line that starts with a bracket need not start with a time stamp: ask "
            "for the digits.",
        ),
        (
            lambda case: parsed(case, text="(.*?)(?:: .*)?$"),
            "The text after a second colon is lost: cut at the first `: ` only.",
        ),
        (
            lambda case: parsed(case, name="(.*): "),
            "Cut at the first `: `, not at the last: a message may have one too.",
        ),
        (
            lambda case: parsed(case, name=r"(.*?): ?"),
            "A time such as 18:30 is no end of a name: cut at `: `, a colon and a "
            "space.",
        ),
        (
            lambda case: parsed(case, name=r"(\w+): "),
            "A name may have spaces, brackets or be a telephone number: take all up "
            "to the first `: `.",
        ),
        (
            lambda case: parsed(case, notices=True),
            "Notices by the app, which have no name, are not messages: leave them out.",
        ),
    ]
    otherwise = (
        "Return a list of pairs (name, text), one a message. A message starts at a "
        "time stamp and goes on until the next one."
    )
    if "\\r" in str(data):
        otherwise = "Texts hold \\r: turn the line ends \\r\\n into \\n first."
    return judge_cases(3, data, inputs["cases"], parsed, mistakes, otherwise)


def verify_split(data: Any, inputs: Inputs) -> Verdict:
    """Chats on one side each, the right number of them, repeatable and random."""
    for answer, case in zip(data, inputs["cases"], strict=True):
        for split in answer:
            split[:] = [sorted(np.asarray(part).tolist()) for part in split]
            hint = _split_mistake(split, case)
            if hint:
                return wrong(hint, got=split, **case)
    # In the last case there are millions of splits: no two are equal by chance.
    first, again, restarted, *others = answer
    hint, got = "", [first, again]
    if again != first:
        hint = (
            "The same seed gives another split the second time: draw with "
            "random.Random(seed), anew in each call."
        )
    elif restarted != first:
        hint = (
            "The split depends on the order of a set, which is another one each time "
            "Python starts: sort the chats before you draw."
        )
        got = [first, restarted]
    elif all(other == first for other in others):
        hint = (
            "Every seed gives the same test chats: draw them at random. Chats are "
            "often sorted by date or topic, and then the last ones are not like the "
            "rest."
        )
    return wrong(hint, got=got, **case) if hint else Verdict(3)


def _split_mistake(split: Rows, case: Case) -> str:
    chats, n_rows = case["chats"], len(case["chats"])
    if len(split) != 2 or not all(
        isinstance(row, int) for part in split for row in part
    ):
        return "Return two lists of row numbers: train, then test."
    train, test = split
    if sorted({*train, *test}) != list(range(n_rows)) or len(train + test) > 2 * n_rows:
        return "Some rows are in neither list: every message belongs to one of the two."
    sides = {chats[row] for row in train}, {chats[row] for row in test}
    if sides[0] & sides[1]:
        return (
            "A chat has messages on both sides: the model would be tested on the rest "
            "of chats it has trained on. Draw chats, not messages."
        )
    wanted = round(case["test_share"] * len(set(chats)))
    if len(sides[1]) == wanted:
        return "" if len(train + test) == n_rows else "Some rows occur more than once."
    if len(sides[0]) == wanted:
        return "The lists are in the other order: train, then test."
    return (
        "The test has too few or too many chats: it gets test_share of the different "
        "chats, rounded. Long chats are not drawn more often than short ones."
    )


VERIFY = {
    "ex01_1": verify_lengths,
    "ex01_2": verify_words,
    "ex01_3": verify_export,
    "ex01_4": verify_split,
}
