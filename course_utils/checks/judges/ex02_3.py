"""Judge of 2.3, near copies."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from itertools import combinations
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Pairs of similar texts, exact."""

    def pairs(
        case: Case,
        words: Callable[[str], Collection[str]] = lambda t: re.findall(
            r"\w+", t.lower()
        ),
        size: int = 0,
        last: int = 1,
        whole: bool = True,
        like: Callable[[Counter, Counter], float] | None = None,
        above: Callable[[float, float], bool] = float.__ge__,
    ) -> list[list[int]]:
        size = size or case["size"]

        def shingles(text: str) -> Counter:
            found = list(words(text))
            if len(found) < size and whole:
                return Counter([tuple(found)])
            places = range(len(found) - size + last)
            return Counter(tuple(found[i : i + size]) for i in places)

        sets = [shingles(text) for text in case["texts"]]
        return [
            [i, j]
            for i, j in combinations(range(len(sets)), 2)
            if above(float((like or jaccard)(sets[i], sets[j])), case["threshold"])
        ]

    def first_of_each(found: list[list[int]], side: int) -> list[list[int]]:
        """Return the pairs whose left (0) text is new, or that hold no copy yet (1)."""
        kept: list[list[int]] = []
        for pair in found:
            if side == 0 and any(pair[0] == other[0] for other in kept):
                continue
            if side == 1 and any(text in pair for text in {j for _, j in kept}):
                continue
            kept.append(pair)
        return kept

    def jaccard(a: Counter, b: Counter) -> float:
        return len(a.keys() & b.keys()) / max(1, len(a.keys() | b.keys()))

    def shared(a: Counter, b: Counter) -> int:
        return len(a.keys() & b.keys())

    def letters(case: Case) -> list[list[int]]:
        return pairs(case, words=lambda t: re.findall(r"[a-z]+", t.lower()))

    def glued(case: Case) -> list[list[int]]:
        """Compare shingles whose words are joined without a border."""
        size, sets = case["size"], []
        for text in case["texts"]:
            words = re.findall(r"\w+", text.lower())
            places = range(max(1, len(words) - size + 1))
            sets.append(Counter("".join(words[i : i + size]) for i in places))
        return [
            [i, j]
            for i, j in combinations(range(len(sets)), 2)
            if jaccard(sets[i], sets[j]) >= case["threshold"]
        ]

    mistakes = [
        (
            glued,
            "The words of a shingle run together, so that unlike ones look alike: keep "
            "a border, as a tuple does.",
        ),
        (
            lambda case: pairs(case, words=lambda t: re.findall(r"\w+", t)),
            "Capitals make copies differ: find the words in the text in lower case.",
        ),
        (
            lambda case: pairs(case, words=lambda t: re.findall(r"[\w']+", t.lower())),
            "The pattern is \\w+ here: an apostrophe is no part of a word.",
        ),
        (
            letters,
            "The pattern \\w+ finds digits, too: texts that differ in them differ.",
        ),
        (
            lambda case: pairs({**case, "threshold": 0.5}),
            "The threshold is always 0.5: use the argument.",
        ),
        (
            lambda case: pairs({**case, "size": 2}),
            "The shingles are always pairs: use the argument `size`.",
        ),
        (
            lambda case: pairs({**case, "size": 3}),
            "The shingles are always triples: use the argument `size`.",
        ),
        (
            lambda case: pairs(case, size=case["size"] + 1),
            "A shingle has one word too many: words[i : i + size] are `size` words.",
        ),
        (
            lambda case: pairs(case, size=max(1, case["size"] - 1)),
            "The shingles have one word too few: words[i : i + size] are `size` words.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: shared(a, b) / max(1, max(len(a), len(b)))
            ),
            "Shared shingles are divided by those of the longer text: divide by all "
            "that occur in either.",
        ),
        (
            lambda case: sorted([*pairs(case), *([j, i] for i, j in pairs(case))]),
            "Every pair comes twice: only (i, j) with i < j.",
        ),
        (
            lambda case: [[j, i] for i, j in pairs(case)],
            "The places stand in the wrong order: (i, j) with i < j.",
        ),
        (
            lambda case: sorted(pairs(case), key=lambda pair: pair[::-1]),
            "The pairs are right, but not in sorted order: by i first, then by j.",
        ),
        (
            lambda case: [pair for pair in pairs(case) if pair[1] == pair[0] + 1],
            "Only texts that follow each other are compared: compare all pairs.",
        ),
        (
            lambda case: sorted(
                [*pairs(case), *([i, i] for i in range(len(case["texts"])))]
            ),
            "Each text is compared with itself, too: only pairs with i < j.",
        ),
        (
            lambda case: pairs(case, above=float.__le__),
            "These are the pairs that are not alike: keep those at or above threshold.",
        ),
        (
            lambda case: pairs(case, above=float.__gt__),
            "Pairs exactly at the threshold are missing: compare with >=.",
        ),
        (
            lambda case: pairs(case, words=lambda t: t.lower().split()),
            "Punctuation makes copies differ: find words with the pattern \\w+.",
        ),
        (
            lambda case: pairs(case, words=str.split),
            "Capitals and punctuation make copies differ: find \\w+ in the text in "
            "lower case.",
        ),
        (
            lambda case: pairs(case, words=str.lower),
            "These are shingles of characters: take sequences of words.",
        ),
        (
            lambda case: pairs(case, size=1),
            "Single words are compared, in any order: a shingle is a sequence of "
            "`size` words.",
        ),
        (
            lambda case: pairs(case, last=0),
            "The last shingle is missing: a text of n words has n - size + 1.",
        ),
        (
            lambda case: pairs(case, whole=False),
            "Texts shorter than `size` are like nothing: all their words make one "
            "shingle.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: shared(a, b) / max(1, min(len(a), len(b)))
            ),
            "Shared shingles are divided by those of the shorter text, so that any "
            "quotation counts as a copy: divide by all that occur in either.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: shared(a, b) / (len(a) + len(b))
            ),
            "The shared shingles are in the divisor twice: a union has each once.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: 2 * shared(a, b) / (len(a) + len(b))
            ),
            "This is Dice's measure, 2 x shared / (both sizes). Jaccard's is shared / "
            "union.",
        ),
        (
            lambda case: pairs(
                case,
                like=lambda a, b: shared(a, b) / max(1, len(a.keys() ^ b.keys())),
            ),
            "The shared shingles are divided by those that only one text has (^): "
            "divide by all that occur in either (|).",
        ),
        (
            lambda case: pairs(
                {**case, "threshold": 1 - case["threshold"]}, above=float.__gt__
            ),
            "The threshold is taken for that of a distance, 1 - similarity: compare "
            "the similarity with it.",
        ),
        (
            lambda case: first_of_each(pairs(case), 0),
            "A text is compared no further once a copy of it is found: compare all "
            "pairs.",
        ),
        (
            lambda case: first_of_each(pairs(case), 1),
            "A text that is a copy already is passed over: return all pairs.",
        ),
        (
            lambda case: [pair for pair in pairs(case) if pair[0] == 0],
            "Texts are compared with the first one only: compare all pairs.",
        ),
        (
            lambda case: [[case["texts"][i] for i in pair] for pair in pairs(case)],
            "These are the texts: return pairs of their places.",
        ),
        (
            lambda case: pairs(
                case, like=lambda a, b: (a & b).total() / max(1, (a | b).total())
            ),
            "A shingle that occurs twice is counted twice: compare sets.",
        ),
    ]
    otherwise = (
        "Return the sorted pairs (i, j), i < j, whose sets of word shingles have "
        "shared / union >= threshold."
    )
    return judge_cases(data, inputs["cases"], pairs, mistakes, otherwise)
