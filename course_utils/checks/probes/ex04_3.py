"""Probe of 4.3, the checkpoint to resume from."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

FILES = ("model.safetensors", "optimizer.pt")
MARK = "complete.txt"


def make_inputs(seed: int) -> Inputs:
    """Folders of a run: numbers of unlike length, and several that are no use."""
    rng = np.random.default_rng(seed)
    every = int(rng.integers(2, 5)) * 100
    low = 999 // every  # one step on, the number has a digit more
    whole = [*FILES, MARK]

    def folders(steps: list[int]) -> dict[str, list[str]]:
        return {f"checkpoint-{step * every}": whole for step in steps}

    begun = folders([2, 3])
    begun[f"checkpoint-{3 * every}"] = [FILES[0]]
    long = folders([low, low + 1, low - 1])
    unmarked = folders([9, 12, 10, 11])
    unmarked[f"checkpoint-{12 * every}"] = list(FILES)
    only_weights = folders([7, 9, 8])
    only_weights[f"checkpoint-{9 * every}"] = [FILES[0], MARK]
    named = {"runs": [], **folders([6, 11]), "checkpoint-best": whole}
    nothing = {"runs": [], f"checkpoint-{every}": [FILES[0]]}
    cases = [begun, long, unmarked, only_weights, named, nothing, {}]
    return {"cases": [{"folders": case} for case in cases]}


QUESTION = Question(
    id="ex04_3",
    name="resume_from",
    points=2,
    title="the checkpoint to resume from",
    inputs=make_inputs,
    probe=each_case,
    errors={
        "invalid literal": (
            "Not every folder is checkpoint- and a number: skip the others."
        ),
        "IndexError": "There may be no such folder: return None then.",
        "empty": "There may be no such folder: return None then.",
    },
)
