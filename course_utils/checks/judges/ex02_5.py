"""Judge of 2.5, one merge of byte pair encoding."""

from collections import Counter
from itertools import pairwise
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


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

    mistakes = [
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
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
