"""Probe of 3.2, a configuration that is heard."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question

FIELDS = (
    *("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"),
    *("eos_token_id", "bos_token_id"),
)


def make_inputs(seed: int) -> Inputs:
    """Configurations that can be built, and one whose heads do not share evenly.

    No two numbers are equal, and none is a default, so that each tells where it went.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for heads, width in ((4, 0), (7, 0), (3, 1)):
        case = {
            "vocab_size": int(rng.integers(600, 900)),
            "block_size": int(rng.integers(300, 590)),
            "width": int(heads * rng.integers(8, 28)) + width,
            "layers": int(rng.choice([2, 5, 6, 8, 9])),
            "heads": heads,
        }
        # The heads share the longest text evenly where they cannot share the width.
        rest = case["block_size"] % heads
        case["block_size"] += -rest if width else int(rest == 0)
        cases.append({**case, "eos": int(rng.integers(200, 300))})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each configuration's fields, or "refused" if it was."""
    from transformers import GPT2Config

    answers: list[Any] = []
    for case in inputs["cases"]:
        try:
            config = target(*case.values())
        except ValueError:
            if case["width"] % case["heads"] == 0:
                raise  # no refusal, but an error to be shown
            answers.append("refused")
            continue
        if isinstance(config, GPT2Config):
            answers.append({field: getattr(config, field) for field in FIELDS})
            inner = config.n_inner or 4 * config.n_embd
            if inner != 4 * config.n_embd:  # nothing was said of it
                answers[-1]["n_inner"] = inner
        else:
            answers.append(f"a {type(config).__name__}")
    return answers


QUESTION = Question(
    id="ex03_2",
    name="make_config",
    points=2,
    title="a configuration that is heard",
    inputs=make_inputs,
    probe=probe,
    allowed=("transformers.GPT2Config",),
    forbidden=("course_utils.model.gpt2.preset",),
    errors={
        "only keyword arguments": (
            "GPT2Config takes its sizes by name: GPT2Config(n_embd=width, ...)."
        ),
        "StrictDataclass": (
            "GPT2Config wants whole numbers: / gives a float, // does not."
        ),
        "Exception: ": "Raise a ValueError, and no other exception.",
        "AssertionError": "Raise a ValueError: an assert is for what cannot happen.",
        "ValueError": (
            "The heads share this width evenly, so nothing is to be refused. Either "
            "your own test is wrong, or GPT2Config refuses a value."
        ),
    },
)
