"""Probe of 9.1, a model card without invented figures."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Figures that are there, that are 0, and that nobody measured."""
    rng = np.random.default_rng(seed)
    # Thousandths that are no tie: .1f and other ways of rounding agree.
    whole = rng.integers(100, 600, 3)
    rest = [rng.choice([63, 87]), rng.choice([12, 38]), rng.choice([12, 87])]
    rouge, share, speed = (whole / 10 + np.array(rest) / 1000).round(3).tolist()
    report = {
        "test": {"rouge1": rouge, "rouge2": 0.0, "rougeL": None},
        "monitor": {"invented": {"planned": 0, "unplanned": share}},
        "drift": None,
        "perplexity": math.nan,
        "seconds": math.inf,
        "per_second": speed,
        "gain": -speed,
        "steps": int(rng.integers(100, 1000)),
        "loss": -math.inf,
    }
    paths = (
        "test.rouge1",
        "test.rouge3",
        "test.rougeL",
        "test.rouge2",
        "monitor.invented.planned",
        "monitor.invented.unplanned",
        "drift.week.share",
        "steps.each",  # a number on the way
        "safety.toxic",
        "perplexity",
        "seconds",
        "per_second",
        "gain",
        "steps",
        "loss",
    )
    return {"cases": [{"report": report, "path": path} for path in paths]}


QUESTION = Question(
    id="ex09_1",
    name="card_figure",
    points=1,
    title="a model card without invented figures",
    inputs=make_inputs,
    probe=each_case,
    allowed=("math",),
    errors={
        "NoneType": (
            "The figure, or a part on the way, may be None: then it is not measured."
        ),
        "'int' object": (
            "A part on the way may be a number, and nothing lies below it: ask "
            "isinstance(value, dict)."
        ),
        "type 'int'": (
            "A part on the way may be a number, and nothing lies below it: ask "
            "isinstance(value, dict)."
        ),
        "KeyError": "A part of the path may be missing: look before each step.",
        "values to unpack": "Paths have one or more parts: go through them in a loop.",
        "cannot convert float": "NaN and infinity are no figures: ask math.isfinite.",
    },
)
