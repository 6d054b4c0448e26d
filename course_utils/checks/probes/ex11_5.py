"""Probe of 11.5, trials on development chats."""

from typing import Any

from course_utils.checks.contract import Inputs, Question

RUN = ("name", "seed", "steps", "settings", "texts", "score")


def make_inputs(seed: int) -> Inputs:
    """Nothing: the runs are the student's own."""
    return {}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return what is asked for, with columns of a data set as lists."""
    target = target() if callable(target) else target
    runs = [{name: run[name] for name in RUN} for run in target["runs"]]
    return {
        "dialogues": list(target["dialogues"]),
        "references": list(target["references"]),
        "near": target["near"],
        "runs": [run | {"texts": list(run["texts"])} for run in runs],
        "chosen": target["chosen"],
    }


QUESTION = Question(
    id="ex11_5",
    name="trials",
    points=3,
    title="trials on development chats",
    inputs=make_inputs,
    probe=probe,
    is_function=False,
    errors={"KeyError": "Give `trials` and each of its runs all the keys of 11.5."},
)
