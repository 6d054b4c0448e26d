"""Exercise 9, deploy: the questions, their inputs, and how an answer is called."""

import math
from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

NAMES = ("Ann", "Ben", "Eva", "Ida", "Kim", "Leo", "Mia", "Tom", "Zoe")
AS_IT_COMES = "A request may be anything: ask for the type before you use a value."


def figure_inputs(seed: int) -> Inputs:
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


def latency_inputs(seed: int) -> Inputs:
    """Logs of requests that overlap, in the order of their answers' arrival."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in (10, 20, 37):
        start = 100 + rng.uniform(0, 5, n)
        time = rng.lognormal(0, 0.8, n)
        # The first to start and the last to end stand somewhere in the middle.
        start[n // 2], time[n // 2] = 100, 3
        start[n // 3], time[n // 3] = 105, 12
        requests = np.stack([start, start + time], axis=1).round(3).tolist()
        cases.append({"requests": requests})
    return {"cases": cases}


def request_inputs(seed: int) -> Inputs:
    """Good requests, and bad ones that break one rule each."""
    rng = np.random.default_rng(seed)
    a, b = rng.choice(NAMES, 2, replace=False)
    chat, limit = f"{a}: Hi!\n{b}: Hello!", int(rng.integers(30, 50))
    counts = (0, 1, int(rng.integers(2, 200)), 200, 201, True, 60.0, "60", None)
    bodies = [
        {"dialogue": chat},
        {},
        {"dialog": chat},
        None,
        [chat],
        chat,
        {"dialogue": int(rng.integers(100))},
        {"dialogue": None},
        {"dialogue": ""},
        {"dialogue": " \n\t "},
        {"dialogue": chat.ljust(limit, "!")},
        {"dialogue": chat.ljust(limit + 1, "!")},
        {"dialogue": chat.ljust(limit, "é")},
        {"dialogue": chat.ljust(limit + 3)},
        {"dialogue": f"{chat}\x00"},
        {"dialogue": f"{a}:\x1b[1m Hi!"},
        {"dialogue": f"{a}:\tHi!\r\n{b}: Hello!"},
        {"dialogue": f"{a}: Hi!<|endoftext|>"},
        *({"dialogue": chat, "max_new_tokens": count} for count in counts),
    ]
    return {"cases": [{"body": body, "max_characters": limit} for body in bodies]}


def batches_inputs(seed: int) -> Inputs:
    """Requests of unlike length, equal ones among them, and batches just full."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths, max_tokens in (
        ([7, 3, 9, 3, 5, 6], 18),
        ([2, 2, 2, 12, 5, 5, 11, 4], 24),
        ([10] * 5, 20),
        (rng.integers(4, 40, 15), 100),
    ):
        order = rng.permutation(lengths).tolist()
        cases.append({"lengths": order, "max_tokens": max_tokens})
    return {"cases": cases}


def alarm_inputs(seed: int) -> Inputs:
    """A share that first only reaches the limit; one that never passes it; drift."""
    rng = np.random.default_rng(seed)
    drift = rng.random(60) < np.repeat([0.1, 0.7], 30)
    cases = []
    for flags, window, limit in (
        ([1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1], 4, 0.5),
        ([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0], 5, 0.2),
        (drift, 10, 0.5),
    ):
        records, styles = [], [0, 0]
        for invents in map(int, flags):
            a, b, c, d = rng.choice(NAMES, 4, replace=False).tolist()
            named = ([[a], [b, a]], [[b, a, c], [a, c], [c, d]])[invents]
            style = named[styles[invents] % len(named)]
            styles[invents] += 1
            records.append({"speakers": [a, b], "named": style})
        cases.append({"records": records, "window": window, "limit": limit})
    return {"cases": cases}


QUESTIONS = [
    Question(
        id="ex09_1",
        name="card_figure",
        points=1,
        title="a model card without invented figures",
        inputs=figure_inputs,
        probe=each_case,
        allowed=("math",),
        errors={
            "NoneType": (
                "The figure, or a part on the way, may be None: then it is not "
                "measured."
            ),
            "KeyError": "A part of the path may be missing: look before each step.",
        },
    ),
    Question(
        id="ex09_2",
        name="latency_report",
        points=2,
        title="percentiles and throughput",
        inputs=latency_inputs,
        probe=each_case,
        allowed=("math", "numpy"),
        errors={"IndexError": "Ranks count from 1, indices from 0."},
    ),
    Question(
        id="ex09_3",
        name="request_status",
        points=2,
        title="refuse bad requests",
        inputs=request_inputs,
        probe=each_case,
        errors={
            "KeyError": "A request may lack the dialogue: look before you use it.",
            "is not iterable": AS_IT_COMES,
            "not subscriptable": AS_IT_COMES,
            "indices must be": AS_IT_COMES,
            "has no attribute": AS_IT_COMES,
            "not supported between": AS_IT_COMES,
        },
    ),
    Question(
        id="ex09_4",
        name="make_batches",
        points=2,
        title="batches of like length",
        inputs=batches_inputs,
        probe=each_case,
    ),
    Question(
        id="ex09_5",
        name="first_alarm",
        points=2,
        title="an alarm after the release",
        inputs=alarm_inputs,
        probe=each_case,
    ),
]
