"""ROUGE with intervals, over the `rouge_score` package; no network."""

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

    `evaluate.load("rouge")` fetches and runs code from the Hub; this class is in your
    hands: `Rouge().compute(predictions=..., references=...)`.

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
        resamples: how often the pairs are drawn anew, with replacement.
        seed: of these draws.
        progress: show a bar if it takes over two seconds.

    Raises:
        CourseError: see `rouge_scores`.

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
    """Return the F-measure of each pair, 0 to 100: type -> shape (pairs,).

    Raises:
        CourseError: lengths that differ, no pairs, an unknown type, or a prediction or
            reference that is no text.
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
    """Return the mean of `values`, shape (n,), with its 95 % percentile interval."""
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

    An interval without 0 speaks for a real difference. Pairs are drawn together, so
    what is hard for both systems cancels out.

    Args:
        scores_a: one score an example, as from `rouge_scores`.
        scores_b: the other system's, in the same order.
        resamples: how often the examples are drawn anew.
        seed: of these draws.

    Raises:
        CourseError: lengths that differ, or no scores.

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
    several = [[r] if isinstance(r, str) else list(r) for r in references]
    for i, (prediction, targets) in enumerate(zip(predictions, several, strict=True)):
        is_list = isinstance(targets, Sequence) and len(targets) > 0
        if not is_list or not all(isinstance(t, str) for t in [prediction, *targets]):
            raise CourseError(f"pair {i} is not a text with its reference texts.")
    return several
