import socket

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most
from rouge_score.rouge_scorer import RougeScorer

from course_utils.evaluation.rouge import (
    TYPES,
    Interval,
    Rouge,
    bootstrap,
    paired_difference,
    rouge,
    rouge_scores,
)
from course_utils.machine.errors import CourseError

PREDICTIONS = ["The cats were sitting on the mats.\nThey slept.", "", "a b c d"]
REFERENCES = ["A cat sat on the mat.\nIt slept well.", "something", "d c b a"]
WORDS = [
    "run",
    "running",
    "runs",
    "cat",
    "cats",
    "the",
    "nation",
    "national",
    "a",
    "b\n",
    ".",
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def own(prediction, references, stemmer):
    """rouge_score's own numbers."""
    scorer = RougeScorer(list(TYPES), use_stemmer=stemmer)
    scores = scorer.score_multi(references, prediction)
    return {name: 100 * scores[name].fmeasure for name in TYPES}


@settings(max_examples=80, deadline=None)
@given(texts, st.lists(texts, min_size=1, max_size=3), st.booleans())
def test_scores_are_rouge_scores_own(prediction, references, stemmer):
    scores = rouge_scores([prediction], [references], use_stemmer=stemmer)
    assert {k: v[0] for k, v in scores.items()} == own(prediction, references, stemmer)


def test_the_metric_is_the_mean_of_rouge_scores_own():
    means = {
        name: np.mean(
            [
                own(p, [r], True)[name]
                for p, r in zip(PREDICTIONS, REFERENCES, strict=True)
            ]
        )
        for name in TYPES
    }
    result = Rouge().compute(predictions=PREDICTIONS, references=REFERENCES)
    assert result == pytest.approx(means)
    assert 0 < result["rouge1"] < 100
    unstemmed = Rouge().compute(
        predictions=PREDICTIONS, references=REFERENCES, use_stemmer=False
    )
    assert unstemmed["rouge1"] < result["rouge1"]


def test_the_metric_gives_intervals_without_a_network(monkeypatch):
    def refuse(*arguments):
        raise AssertionError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    result = Rouge().compute(
        predictions=PREDICTIONS, references=REFERENCES, resamples=200
    )
    assert result == rouge(PREDICTIONS, REFERENCES, resamples=200)


def test_the_metric_takes_the_best_of_several_references():
    references = [["x", "a b"], ["c d", "y z"]]
    result = Rouge().compute(
        predictions=["a b", "c d"], references=references, types=["rouge2"]
    )
    assert result == {"rouge2": 100}


def test_the_metric_collects_batches():
    metric = Rouge()
    for prediction, reference in zip(PREDICTIONS, REFERENCES, strict=True):
        metric.add_batch(predictions=[prediction], references=[reference])
    whole = Rouge().compute(predictions=PREDICTIONS, references=REFERENCES)
    assert metric.compute() == whole


def test_intervals_surround_the_mean_and_repeat():
    first = rouge(PREDICTIONS * 30, REFERENCES * 30)
    assert first == rouge(PREDICTIONS * 30, REFERENCES * 30)
    assert first != rouge(PREDICTIONS * 30, REFERENCES * 30, seed=1)
    for name, interval in first.items():
        scores = rouge_scores(PREDICTIONS, REFERENCES, [name])[name]
        assert interval.value == pytest.approx(scores.mean())
        assert interval.low < interval.value < interval.high


def test_bootstrap_agrees_with_the_normal_interval():
    values = np.random.default_rng(1).normal(50, 10, size=800)
    interval = bootstrap(values, resamples=4000)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert interval.value == values.mean()
    assert interval.low == pytest.approx(values.mean() - half, abs=0.08)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.08)
    assert bootstrap(np.full(9, 3.0)) == pytest.approx(Interval(3, 3, 3))
    assert str(Interval(47.123, 45.94, 48.2)) == "47.1 [45.9, 48.2]"


def test_paired_difference_sees_what_unpaired_intervals_hide():
    rng = np.random.default_rng(0)
    b = rng.normal(50, 20, size=200)
    a = b + rng.normal(1, 1, size=200)
    assert bootstrap(a).low < bootstrap(b).high  # the two intervals overlap
    difference = paired_difference(a, b)
    assert difference.value == pytest.approx(np.mean(a - b))
    assert 0 < difference.low < difference.value < difference.high
    assert paired_difference(b, a).high == pytest.approx(-difference.low, abs=0.1)


def test_819_pairs_with_1000_resamples_in_under_5_seconds():
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}ing" for i in range(3000)])
    summaries = [" ".join(rng.choice(words, size=22)) for _ in range(2 * 819)]
    with at_most(5):
        rouge(summaries[:819], summaries[819:], resamples=1000)


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        (["a"], ["b", "c"], "1 predictions against 2 references"),
        ([], [], "at least one pair"),
        (["a", None], ["b", "c"], "pair 1"),
        (["a"], [None], "pair 0"),
        (["a"], [[]], "pair 0"),
        (["a"], [["b", 3]], "pair 0"),
        ("ab", ["a", "b"], "not one text"),
    ],
)
def test_bad_input_is_named(predictions, references, message):
    with pytest.raises(CourseError, match=message):
        rouge(predictions, references)
    with pytest.raises(CourseError, match=message):
        Rouge().compute(predictions=predictions, references=references)


def test_unknown_types_and_unequal_scores_are_named():
    with pytest.raises(CourseError, match="unknown ROUGE type"):
        rouge(["a"], ["b"], ["rouge-l"])
    with pytest.raises(CourseError, match="2 scores against 1"):
        paired_difference([1, 2], [1])
