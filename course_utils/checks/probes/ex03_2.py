"""Probe of 3.2, a configuration that is heard."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question

FIELDS = (
    *("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"),
    *("eos_token_id", "bos_token_id"),
)


def make_inputs(seed: int) -> Inputs:
    """Configurations that can be built, and one whose heads do not share evenly."""
    rng = np.random.default_rng(seed)
    cases = []
    for heads, width in ((4, 0), (7, 0), (3, 1)):
        case = {
            "vocab_size": int(rng.integers(200, 900)),
            "block_size": int(rng.integers(32, 500)),
            "width": int(heads * rng.integers(8, 30)) + width,
            "layers": int(rng.integers(2, 9)),
            "heads": heads,
        }
        cases.append({**case, "eos": int(rng.integers(1, 99))})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return each configuration's fields, or "ValueError" if it was refused."""
    from transformers import GPT2Config

    answers: list[Any] = []
    for case in inputs["cases"]:
        try:
            config = target(*case.values())
        except ValueError:
            answers.append("ValueError")
            continue
        if isinstance(config, GPT2Config):
            answers.append({field: getattr(config, field) for field in FIELDS})
        else:
            answers.append(type(config).__name__)
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
)
