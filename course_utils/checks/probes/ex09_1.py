"""Probe of 9.1, a model card without invented figures."""

import math

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case


def make_inputs(seed: int) -> Inputs:
    """Figures that are there, that are 0, and that nobody measured."""
    rng = np.random.default_rng(seed)
    rouge, share, speed = rng.uniform(10, 60, 3).round(3).tolist()
    report = {
        "test": {"rouge1": rouge, "rouge2": 0.0, "rougeL": None},
        "monitor": {"invented": {"planned": 0, "unplanned": share}},
        "drift": None,
        "perplexity": math.nan,
        "seconds": math.inf,
        "per_second": speed,
    }
    paths = (
        "test.rouge1",
        "test.rouge3",
        "test.rougeL",
        "test.rouge2",
        "monitor.invented.planned",
        "monitor.invented.unplanned",
        "drift.week.share",
        "safety.toxic",
        "perplexity",
        "seconds",
        "per_second",
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
        "KeyError": "A part of the path may be missing: look before each step.",
    },
)
