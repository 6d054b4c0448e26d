"""Probe of 12.1, a batch of continuations."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex12_chats import chats
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def summariser() -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return the model of 12.1, the same in every profile: it ships with the course."""
    from course_utils.model.gpt2 import load

    model, tokenizer = load(ASSETS / "tiny-summariser")
    return model.eval(), tokenizer


def make_inputs(seed: int) -> Inputs:
    """Prompts of unlike length: two for whole summaries, eight that are cut off."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, length in ((2, 30), (8, 12)):
        made = [f"{dialogue}\nTL;DR:" for dialogue, _ in chats(rng, 24)]
        made.sort(key=len)
        prompts = [made[i] for i in np.linspace(0, 23, n).astype(int)]
        prompts = prompts[1:] + prompts[:1]  # in no order of length
        cases.append({"prompts": prompts, "max_new_tokens": length})
    return {"cases": cases}


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the texts of each case, and how the model was asked for them."""
    model, tokenizer = summariser()
    calls: list[dict[str, Any]] = []
    generate = model.generate

    def noted(*arguments: Any, **named: Any) -> Any:
        ids = named.get("input_ids", named.get("inputs", *arguments[:1]))
        settings = named.get("generation_config") or model.generation_config
        calls.append(
            {
                "rows": len(ids) if ids is not None else 0,
                "samples": bool(named.get("do_sample", settings.do_sample)),
                "beams": int(named.get("num_beams", settings.num_beams) or 1),
            }
        )
        return generate(*arguments, **named)

    model.generate = noted
    answers = []
    for case in inputs["cases"]:
        calls.clear()
        texts = target(model, tokenizer, *case.values())
        answers.append({"texts": texts, "calls": list(calls)})
    return answers


QUESTION = Question(
    id="ex12_1",
    name="continue_prompts",
    points=3,
    title="a batch of continuations",
    inputs=make_inputs,
    probe=probe,
    allowed=("model.generate",),
    forbidden=(
        "course_utils.evaluation.generation.generate",
        "course_utils.evaluation.generation.summarise",
    ),
    errors={
        "Unable to create tensor": "Prompts differ in length: pad them.",
        "expected sequence of length": "Prompts differ in length: pad them.",
        "max_length": "max_length counts the prompt too: give max_new_tokens.",
    },
)
