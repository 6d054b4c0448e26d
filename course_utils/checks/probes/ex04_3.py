"""Probe of 4.3, the checkpoint to resume from."""

import numpy as np

from course_utils.checks.contract import Inputs, Question, each_case

FILES = ("model.safetensors", "optimizer.pt")
MARK = "complete.txt"


def make_inputs(seed: int) -> Inputs:
    """Folders of a run: numbers of unlike length, and several that are of no use.

    In each case the last in the list, the last in the alphabet and the highest step
    are other folders than the right one, or one of them is.
    """
    rng = np.random.default_rng(seed)

    def steps(n: int, low: int = 100, high: int = 990) -> list[int]:
        return sorted(rng.choice(np.arange(low, high), n, replace=False).tolist())

    def whole(*more: str) -> list[str]:
        return rng.permutation([*FILES, MARK, "trainer_state.json", *more]).tolist()

    def folders(*steps: int) -> dict[str, list[str]]:
        return {f"checkpoint-{step}": whole() for step in steps}

    a, b = steps(2)
    begun = folders(a) | {f"checkpoint-{b}": [FILES[0]]}
    [a, b], [c] = steps(2, 200), steps(1, 1000, 2000)
    long = folders(b, c, a)  # one step on, the number has a digit more
    long[f"checkpoint-{a}"] = whole("scheduler.pt", "rng_state.pth")
    a, b, c, d = steps(4)
    unmarked = folders(b, d, c, a) | {f"checkpoint-{d}": [*FILES, "incomplete.txt"]}
    a, b, c = steps(3)
    only_weights = folders(b, c, a) | {f"checkpoint-{c}": [FILES[0], MARK]}
    a, b, c = steps(3)
    cut_short = folders(c, b, a) | {f"checkpoint-{c}": [*FILES]}
    a, b, c = steps(3)
    temporary = folders(a, c, b) | {
        f"checkpoint-{c}": [FILES[0], MARK, "optimizer.pt.tmp"]
    }
    a, b = steps(2)
    named = {"runs": [], **folders(b, a), "checkpoint-best": whole()}
    a, b, c = steps(3)
    old = {**folders(b, a), f"old-checkpoint-{c}": whole()}
    a, b, c = steps(3)
    copied = {**folders(b, a), f"checkpoint-{c}-copy": whole()}
    nothing = {"runs": [], f"checkpoint-{steps(1)[0]}": [FILES[0]]}
    cases = [begun, long, cut_short, unmarked, only_weights, temporary]
    cases += [named, old, copied, nothing, {}]
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
