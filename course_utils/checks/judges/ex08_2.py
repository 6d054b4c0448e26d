"""Judge of 8.2, ROUGE-1 with several references."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """ROUGE-1 of the best reference."""

    def words(text: str, lower: bool = True, pattern: str = "[A-Za-z0-9]+") -> Counter:
        return Counter(re.findall(pattern, text.lower() if lower else text))

    def f_measure(shared: int, written: int, wanted: int) -> float:
        return 200 * shared / (written + wanted)

    def common(a: Counter, b: Counter) -> int:
        return (a & b).total()

    def score(
        case: Case,
        f: Callable = f_measure,
        shared: Callable[[Counter, Counter], int] = common,
        best: Callable = max,
        references: Callable = list,
        **how: Any,
    ) -> float:
        a = words(case["prediction"], **how)
        scores = []
        for reference in references(case["references"]):
            b = words(reference, **how)
            scores.append(f(shared(a, b), a.total(), b.total()))
        return float(best(scores))

    def of_sets(case: Case) -> float:
        once = [
            Counter(set(words(text)))
            for text in (case["prediction"], *case["references"])
        ]
        return max(
            f_measure(common(once[0], b), len(once[0]), len(b)) for b in once[1:]
        )

    mistakes = [
        (
            lambda case: score(case, lower=False, pattern=r"\S+"),
            "The text is neither lowercased nor freed from punctuation.",
        ),
        (
            lambda case: score(case, pattern=r"\S+"),
            "Punctuation sticks to the words: take runs of letters and digits.",
        ),
        (lambda case: score(case, lower=False), "Lowercase both texts first."),
        (
            lambda case: score(
                case, shared=lambda a, b: sum(n for word, n in a.items() if word in b)
            ),
            "A word that is repeated in the prediction is shared too often: as often "
            "as in the text that has it less often.",
        ),
        (
            of_sets,
            "A repeated word counts once here: with sets, repetition disappears. "
            "Count words, not different words.",
        ),
        (
            lambda case: score(case, shared=lambda a, b: len(a & b)),
            "This counts how many different words are shared: a word that is twice in "
            "both is shared twice.",
        ),
        (
            lambda case: score(case, lambda shared, a, b: 100 * shared / b),
            "This is the recall: return the harmonic mean of precision and recall.",
        ),
        (
            lambda case: score(case, lambda shared, a, b: 100 * shared / a),
            "This is the precision: return the harmonic mean of precision and recall.",
        ),
        (
            lambda case: score(
                case, lambda shared, a, b: 50 * shared * (1 / a + 1 / b)
            ),
            "This is the arithmetic mean of precision and recall: take the harmonic "
            "one.",
        ),
        (
            lambda case: score(case, references=lambda texts: texts[:1]),
            "Only the first reference is looked at: the best one counts.",
        ),
        (
            lambda case: score(case, best=np.mean),
            "This is the mean over the references: the best one counts.",
        ),
        (
            lambda case: score(case, references=lambda texts: [" ".join(texts)]),
            "The references are joined to one text: score each of them alone.",
        ),
        (lambda case: score(case) / 100, "The score goes from 0 to 100."),
    ]
    otherwise = (
        "For each reference: shared words (the smaller count of each), precision, "
        "recall, 100 x their harmonic mean. Return the highest."
    )
    return judge_cases(data, inputs["cases"], score, mistakes, otherwise)
