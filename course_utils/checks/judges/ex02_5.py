"""Judge of 2.5, one merge of byte pair encoding."""

from collections import Counter
from itertools import combinations, pairwise
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong


def _reversed(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1][::-1], pair[0][::-1]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The chosen pair, and all words after its merge."""

    def counted(case: Case, weight: bool = True, once: bool = False) -> Counter:
        counts: Counter = Counter()
        for word, count in zip(case["words"], case["counts"], strict=True):
            pairs = list(pairwise(word))
            for pair in set(pairs) if once else pairs:
                counts[pair] += count if weight else 1
        return counts

    def best(counts: Counter) -> tuple[str, str]:
        return min(counts, key=lambda pair: (-counts[pair], pair))

    def merged(word: list[str], pair: tuple[str, str], step: int = 2) -> list[str]:
        new, i = [], 0
        while i < len(word):
            match = tuple(word[i : i + 2]) == pair
            new.append("".join(pair) if match else word[i])
            i += step if match else 1
        return new

    def right(
        case: Case, pair: tuple[str, str] | None = None, merge: Any = merged
    ) -> list[Any]:
        pair = pair or best(counted(case))
        return [list(pair), [merge(word, pair) for word in case["words"]]]

    def replaced(word: list[str], pair: tuple[str, str]) -> list[str]:
        return " ".join(word).replace(" ".join(pair), "".join(pair)).split(" ")

    def once(word: list[str], pair: tuple[str, str]) -> list[str]:
        at = [i for i, found in enumerate(pairwise(word)) if found == pair][:1]
        return [*word[: at[0]], "".join(pair), *word[at[0] + 2 :]] if at else word

    def across(case: Case, repeated: bool = True) -> Counter:
        """Count across the words, each written as often as it occurs, or once."""
        counts: Counter = Counter()
        weighted = zip(case["words"], case["counts"], strict=True)
        if repeated:
            stream = [piece for word, count in weighted for piece in word * count]
            counts.update(pairwise(stream))
        else:
            pieces = [(piece, count) for word, count in weighted for piece in word]
            for (first, count), (second, _) in pairwise(pieces):
                counts[first, second] += count
        return counts

    def joined_order(case: Case) -> tuple[str, str]:
        counts = counted(case)
        return min(counts, key=lambda pair: (-counts[pair], "".join(pair)))

    def from_the_right(word: list[str], pair: tuple[str, str]) -> list[str]:
        back = merged([piece[::-1] for piece in word[::-1]], _reversed(pair))
        return [piece[::-1] for piece in back[::-1]]

    def joined_only(word: list[str], pair: tuple[str, str]) -> list[str]:
        return ["".join(word)] if pair in pairwise(word) else word

    def letters(word: list[str], pair: tuple[str, str]) -> list[str]:
        new, i = [], 0
        while i < len(word):
            match = i + 1 < len(word) and word[i] + word[i + 1] == "".join(pair)
            new.append("".join(pair) if match else word[i])
            i += 2 if match else 1
        return new

    def without_the_last(word: list[str], pair: tuple[str, str]) -> list[str]:
        new = merged(word, pair)
        return new if tuple(word[-2:]) == pair else new[:-1]

    def of_the_words(got: Any, expected: Any, cases: list[Case]) -> str:
        words = [pair[1] for pair in got]
        if any(isinstance(word, str) for new in words for word in new):
            return "A word is a list of its pieces: these are texts."
        if [pair[0] for pair in got] != [pair[0] for pair in expected]:
            return ""
        if any(
            ["".join(word) for word in case["words"]] != ["".join(word) for word in new]
            for case, new in zip(cases, words, strict=True)
        ):
            return (
                "The pair is right, but letters of a word are lost or double: its "
                "pieces, joined, are the same word as before."
            )
        return (
            "The pair is right, and the words are cut at other places than they should "
            "be: join the pair from left to right, and leave each other piece alone."
        )

    def apart(case: Case) -> Counter:
        counts: Counter = Counter()
        for word, count in zip(case["words"], case["counts"], strict=True):
            for pair in combinations(word, 2):
                counts[pair] += count
        return counts

    def in_either_order(case: Case) -> Counter:
        counts: Counter = Counter()
        for pair, count in counted(case).items():
            counts[tuple(sorted(pair))] += count
        return counts

    def last_count(case: Case) -> dict[tuple[str, str], int]:
        words = zip(case["words"], case["counts"], strict=True)
        return {pair: count for word, count in words for pair in pairwise(word)}

    mistakes = [
        (
            lambda case: right(case, best(apart(case))),
            "Pieces count as a pair that do not stand next to each other: count "
            "neighbours only.",
        ),
        (
            lambda case: right(case, best(in_either_order(case))),
            "(a, b) and (b, a) are counted as one: they are two pairs.",
        ),
        (
            lambda case: right(case, best(last_count(case))),
            "The count of a pair's last word replaces the others: add them up.",
        ),
        (
            lambda case: right(case, merge=lambda w, p: merged(merged(w, p), p[::-1])),
            "The pair is merged in the other order, too: (b, a) is no (a, b).",
        ),
        (
            lambda case: right(case, merge=letters),
            "Other pieces with the same letters are merged too: (ab, c) is no (a, bc), "
            "so compare the pieces.",
        ),
        (
            lambda case: right(case, joined_order(case)),
            "Ties are sorted by the joined texts: Python sorts the tuples, piece by "
            "piece.",
        ),
        (
            lambda case: right(case, merge=lambda word, pair: list(word)),
            "The pair is right, and no word is merged: join it in every word.",
        ),
        (
            lambda case: ["".join(right(case)[0]), right(case)[1]],
            "The pair is joined: return its two pieces as a tuple.",
        ),
        (lambda case: right(case)[::-1], "First the pair, then the words."),
        (lambda case: right(case)[0], "The new words are missing: return two things."),
        (lambda case: right(case)[1], "The pair is missing: return two things."),
        (
            lambda case: right(case, merge=joined_only),
            "Whole words are joined: join only the two pieces of the pair.",
        ),
        (
            lambda case: [
                right(case)[0],
                [word for word in right(case)[1] if word not in case["words"]],
            ],
            "Words without the pair are lost: they stay as they are.",
        ),
        (
            lambda case: right(
                case, min(counted(case), key=lambda p: counted(case)[p])
            ),
            "This is the rarest pair: take the one with the highest count.",
        ),
        (
            lambda case: right(case, best(counted(case, weight=False))),
            "Each word counts once: a pair in a word that occurs 5 times occurs 5 "
            "times.",
        ),
        (
            lambda case: right(case, best(across(case, repeated=False))),
            "Pairs reach from one word into the next: count inside each word.",
        ),
        (
            lambda case: right(case, best(across(case))),
            "Pairs reach from one word into the next: count inside each word.",
        ),
        (
            lambda case: right(case, merge=without_the_last),
            "The last piece of a word is lost: after the loop it may still wait.",
        ),
        (
            lambda case: right(case, merge=from_the_right),
            "A run is merged from its end: go from left to right.",
        ),
        (
            lambda case: right(case, max(counted(case), key=counted(case).get)),
            "Among pairs of equal count the first one met is taken: take the first in "
            "alphabetical order, so that the order of the words doesn't matter.",
        ),
        (
            lambda case: right(case, max((n, p) for p, n in counted(case).items())[1]),
            "Among pairs of equal count the last in alphabetical order is taken: take "
            "the first.",
        ),
        (
            lambda case: right(case, counted(case, weight=False).most_common(1)[0][0]),
            "Each word counts once: a pair in a word that occurs 5 times occurs 5 "
            "times.",
        ),
        (
            lambda case: right(case, best(counted(case, once=True))),
            "A pair that stands twice in a word is counted once.",
        ),
        (
            lambda case: right(case, merge=replaced),
            "The merge tears pieces apart: replacing in a joined string also finds the "
            "pair at the end of a longer piece. Compare whole pieces.",
        ),
        (
            lambda case: right(case, merge=once),
            "Only the first place in each word is merged: go on to its end.",
        ),
        (
            lambda case: right(case, merge=lambda w, p: merged(w, p, step=1)),
            "The second piece of a merged pair is still there: skip both.",
        ),
    ]
    otherwise = (
        "Return the commonest pair of neighbours, weighted by the counts, and all "
        "words with each such pair joined into one piece."
    )
    looks = [(of_the_words, "")]
    cases = inputs["cases"]
    verdict = judge_cases(data["answers"], cases, right, mistakes, otherwise, looks)
    if verdict.right and data["words"] != [case["words"] for case in cases]:
        return wrong(
            "The answer is right, but `words` has changed: make new lists, since the "
            "caller still needs the old ones.",
            words=cases[0]["words"],
            afterwards=data["words"][0],
        )
    return verdict
