"""Probe of 13.5, the two real runs."""

from typing import Any

from course_utils.checks.contract import Inputs, Question


def make_inputs(seed: int) -> Inputs:
    """Nothing: the runs are the student's own."""
    return {}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return what is asked for, with columns of a data set and intervals as lists."""
    target = target() if callable(target) else target
    runs = {
        name: {
            "log_history": target[name]["log_history"],
            "texts": list(target[name]["texts"]),
        }
        for name in ("scratch", "pretrained")
    }
    verdict = {
        name: target["verdict"][name]
        for name in ("scratch", "pretrained", "difference")
    }
    for name, interval in verdict.items():
        verdict[name] = list(interval) if isinstance(interval, tuple) else interval
    return {
        **runs,
        "dialogues": list(target["dialogues"]),
        "references": list(target["references"]),
        "vocab_size": target["vocab_size"],
        "verdict": verdict,
    }


QUESTION = Question(
    id="ex13_5",
    name="experiment",
    points=4,
    title="the two real runs",
    inputs=make_inputs,
    probe=probe,
    is_function=False,
    errors={"KeyError": "Give `experiment` all the keys that 13.5 lists."},
)
