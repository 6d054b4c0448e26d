"""ROUGE with intervals, from the `rouge_score` package; it needs no network."""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

import datasets
import evaluate
import numpy as np
from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenize import tokenize
from rouge_score.tokenizers import Tokenizer

from course_utils.machine.errors import CourseError
from course_utils.machine.progress import progress_bar

TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

# One reference for each prediction, or several of them.
References = Sequence[str] | Sequence[Sequence[str]]


class Interval(NamedTuple):
    """A mean with its bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


class Rouge(evaluate.Metric):
    """ROUGE-1, -2, -L and -Lsum as an `evaluate` metric, 0 to 100.

    It is used like `evaluate.load("rouge")`, which downloads its code from the Hub and
    runs it: `Rouge().compute(predictions=..., references=...)`.

    Source: Lin, "ROUGE" (2004).
    """

    def __init__(self, **options) -> None:
        # In memory: a few thousand short texts need no file in a cache folder.
        super().__init__(**({"keep_in_memory": True} | options))

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=self.__doc__,
            citation="Lin, Chin-Yew. ROUGE: A Package for Automatic Evaluation of "
            "Summaries. Text Summarization Branches Out, 2004.",
            features=[
                datasets.Features(
                    {"predictions": text, "references": datasets.List(text)}
                ),
                datasets.Features({"predictions": text, "references": text}),
            ],
        )

    def compute(
        self,
        *,
        predictions: Sequence[str] | None = None,
        references: References | None = None,
        **options: Any,
    ) -> dict[str, "float | Interval"] | None:
        """Return the mean F-measures; with `resamples`, as intervals.

        Options: types, use_stemmer and resamples, as in `rouge`.

        Raises:
            CourseError: see `rouge_scores`.
        """
        if predictions is not None and references is not None:
            _check(predictions, references, options.get("types", TYPES))
        return super().compute(
            predictions=predictions, references=references, **options
        )

    def _compute(
        self,
        predictions: Sequence[str],
        references: References,
        types: Sequence[str] = TYPES,
        use_stemmer: bool = True,
        resamples: int = 0,
    ) -> dict[str, "float | Interval"]:
        scores = rouge_scores(predictions, references, types, use_stemmer=use_stemmer)
        return {
            name: bootstrap(x, resamples) if resamples else float(x.mean())
            for name, x in scores.items()
        }


def rouge(
    predictions: Sequence[str],
    references: References,
    types: Sequence[str] = TYPES,
    *,
    use_stemmer: bool = True,
    resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, Interval]:
    """Return the mean F-measures, 0 to 100, with 95 % bootstrap intervals.

    Args:
        predictions: one text a pair.
        references: one text a pair, or several, of which the best counts.
        types: "rouge1" to "rouge9", "rougeL", "rougeLsum".
        use_stemmer: count "walks" and "walking" as one word.
        resamples: how many times the pairs are drawn again, with replacement.
        seed: the seed of these draws.
        progress: show a bar if it takes over two seconds.

    Raises:
        CourseError: see `rouge_scores`.

    Example:
        >>> print(rouge(["Ann is late."], ["Ann is ill."], ["rouge1"])["rouge1"])
        66.7 [66.7, 66.7]

    Source: percentile bootstrap, Efron and Tibshirani (1993), chapter 13.
    """
    scores = rouge_scores(
        predictions, references, types, use_stemmer=use_stemmer, progress=progress
    )
    return {name: bootstrap(x, resamples, seed) for name, x in scores.items()}


def rouge_scores(
    predictions: Sequence[str],
    references: References,
    types: Sequence[str] = TYPES,
    *,
    use_stemmer: bool = True,
    progress: bool = False,
) -> dict[str, np.ndarray]:
    """Return the F-measure of each pair, from 0 to 100.

    Args:
        predictions: as in `rouge`.
        references: as in `rouge`.
        types: as in `rouge`.
        use_stemmer: as in `rouge`.
        progress: as in `rouge`.

    Returns:
        Type -> float64 array of shape (pairs,).

    Raises:
        CourseError: the lengths differ, there are no pairs, a type is unknown, or a
            prediction or reference is not a text.

    Example:
        >>> types = ("rouge1", "rouge2")
        >>> scores = rouge_scores(["Ann is late."], ["Ann is ill."], types)
        >>> {name: values.round(1).tolist() for name, values in scores.items()}
        {'rouge1': [66.7], 'rouge2': [50.0]}
    """
    several = _check(predictions, references, types)
    scorer = RougeScorer(list(types), tokenizer=_CachedTokenizer(use_stemmer))
    rows = []
    with progress_bar(len(several), "ROUGE", show=progress) as advance:
        for prediction, targets in zip(predictions, several, strict=True):
            scores = scorer.score_multi(targets, prediction)
            rows.append([100 * scores[name].fmeasure for name in types])
            advance(1)
    return dict(zip(types, np.array(rows, dtype=float).T, strict=True))


def bootstrap(values: np.ndarray, resamples: int = 1000, seed: int = 0) -> Interval:
    """Return the mean of `values`, shape (n,), with its 95 % percentile interval.

    Example:
        >>> print(bootstrap(np.arange(100.0)))
        49.5 [44.0, 55.3]
    """
    n = len(values)
    # How often each value is drawn, rather than which one: one matrix product then
    # gives all the means.
    draws = np.random.default_rng(seed).multinomial(n, [1 / n] * n, size=resamples)
    low, high = np.percentile(draws @ values / n, [2.5, 97.5])
    return Interval(float(np.mean(values)), float(low), float(high))


def paired_difference(
    scores_a: Sequence[float],
    scores_b: Sequence[float],
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the mean of a - b over the same examples, with its 95 % interval.

    An interval without 0 speaks for a real difference. Both scores of an example are
    drawn together, so that what is hard for both systems cancels out.

    Args:
        scores_a: one score for each example, as from `rouge_scores`.
        scores_b: the other system's scores, in the same order.
        resamples: how many times the examples are drawn again, with replacement.
        seed: the seed of these draws.

    Raises:
        CourseError: the lengths differ, or there are no scores.

    Example:
        >>> paired_difference([60.0, 70.0, 80.0], [59.0, 69.0, 79.0])
        Interval(value=1.0, low=1.0, high=1.0)

    Source: Koehn, "Statistical Significance Tests for Machine Translation" (2004).
    """
    if len(scores_a) != len(scores_b) or len(scores_a) == 0:
        raise CourseError(
            f"{len(scores_a)} scores against {len(scores_b)}: give both systems' "
            "scores on the same examples, at least one."
        )
    difference = np.asarray(scores_a, float) - np.asarray(scores_b, float)
    return bootstrap(difference, resamples, seed)


class _CachedTokenizer(Tokenizer):
    """rouge_score's default tokenizer, which stems each word only once."""

    def __init__(self, use_stemmer: bool) -> None:
        self.stemmer = self if use_stemmer else None

    @cached_property
    def stem(self):
        return cache(PorterStemmer().stem)

    def tokenize(self, text: str) -> list[str]:
        return tokenize(text, self.stemmer)


def _check(
    predictions: Sequence[str], references: References, types: Sequence[str]
) -> list[list[str]]:
    """Return the references as lists, or say what is wrong with the input."""
    names = [f"rouge{n}" for n in range(1, 10)] + ["rougeL", "rougeLsum"]
    unknown = [name for name in types if name not in names]
    if unknown or not types:
        raise CourseError(
            f"unknown ROUGE type {unknown}: choose from {', '.join(names)}."
        )
    if isinstance(predictions, str) or isinstance(references, str):
        raise CourseError("give lists of texts, not one text.")
    if len(predictions) != len(references) or len(predictions) == 0:
        raise CourseError(
            f"{len(predictions)} predictions against {len(references)} references: "
            "give one entry a pair, and at least one pair."
        )
    several = [
        [r] if isinstance(r, str) else list(r) if isinstance(r, Sequence) else []
        for r in references
    ]
    for i, (prediction, targets) in enumerate(zip(predictions, several, strict=True)):
        if not targets or not all(isinstance(t, str) for t in [prediction, *targets]):
            raise CourseError(f"pair {i} is not a text with its reference texts.")
    return several
