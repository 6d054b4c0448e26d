"""Probe of 13.5, a curve over the number of chats."""

from typing import Any

from course_utils.checks.contract import Inputs, Question

RUN = ("start", "pairs", "seed", "rouge1", "made")
PLACE = ("pairs", "scratch", "pretrained", "difference", "decision")


def make_inputs(seed: int) -> Inputs:
    """Nothing: the runs are the student's own, and shipped ones."""
    return {}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return what is asked for, with columns of a data set as lists."""
    target = target() if callable(target) else target
    runs = []
    for run in target["runs"]:
        kept = {name: run[name] for name in RUN}
        if run["made"] == "here":
            kept["texts"] = list(run["texts"])
            kept["log_history"] = run["log_history"]
        runs.append(kept)
    return {
        "points": target["points"],
        "dialogues": list(target["dialogues"]),
        "references": list(target["references"]),
        "vocab_size": target["vocab_size"],
        "runs": runs,
        "curve": [{name: place[name] for name in PLACE} for place in target["curve"]],
    }


QUESTION = Question(
    id="ex13_5",
    name="experiment",
    points=4,
    title="a curve over the number of chats",
    inputs=make_inputs,
    probe=probe,
    is_function=False,
    errors={
        "KeyError": "Give `experiment`, its runs and the places of its curve all keys "
        "that 13.5 lists; runs made here have texts and a log."
    },
)
