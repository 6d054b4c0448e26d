"""Exercise 7, summarise: the questions, their inputs, and how an answer is called."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

RAGGED = {
    "expected sequence of length": (
        "Rows differ in length: fill them up to the longest one first."
    ),
}


def some_ids(rng: np.random.Generator, n: int) -> list[int]:
    """Return n token ids, none of them 0."""
    return rng.integers(1, 100, n).tolist()


def row_inputs(seed: int) -> Inputs:
    """Prompts and summaries of a few tokens."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {
                "prompt_ids": some_ids(rng, n),
                "summary_ids": some_ids(rng, k),
                "eos": 100,
            }
            for n, k in ((4, 2), (9, 5), (3, 6))
        ]
    }


def prompt_inputs(seed: int) -> Inputs:
    """Dialogues that are too long, short, of just the right length; and no room."""
    rng = np.random.default_rng(seed)
    cases = []
    for room, too_many in ((4, 3), (9, -3), (6, 0), (7, 1), (0, 5), (8, 30)):
        n_cue, answer_length = int(rng.integers(2, 4)), int(rng.integers(4, 8))
        cases.append(
            {
                "dialogue_ids": some_ids(rng, room + too_many),
                "cue_ids": some_ids(rng, n_cue),
                "answer_length": answer_length,
                "max_length": room + n_cue + answer_length,
            }
        )
    return {"cases": cases}


def collate_inputs(seed: int) -> Inputs:
    """Rows of unlike length that end in a token with the padding's id."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in (((2, 1), (3, 3)), ((4, 2), (2, 3), (6, 4))):
        pad = int(rng.integers(100, 110))
        rows = []
        for n_prompt, n_summary in lengths:
            prompt, answer = some_ids(rng, n_prompt), [*some_ids(rng, n_summary), pad]
            labels = [-100] * n_prompt + answer
            rows.append({"input_ids": prompt + answer, "labels": labels})
        cases.append({"rows": rows, "pad": pad})
    return {"cases": cases}


def left_pad_inputs(seed: int) -> Inputs:
    """Prompts of unlike length; one begins with a token that has the padding's id."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in ((2, 4), (5, 2, 1, 3)):
        pad = int(rng.integers(100, 110))
        prompts = [some_ids(rng, n) for n in lengths]
        prompts[0] = [pad, *prompts[0]]
        cases.append({"prompts": prompts, "pad": pad})
    return {"cases": cases}


def new_tokens_inputs(seed: int) -> Inputs:
    """Rows that end early, at once, or not at all; the padding is the end, or not."""
    rng = np.random.default_rng(seed)
    cases = []
    for prompts, answers, n_new, pad in (
        ((3, 1), (2, 4), 4, 100),
        ((2, 4, 1, 3), (3, 0, 5, 4), 5, 101),
    ):
        width = max(prompts)
        outputs = np.full((len(prompts), width + n_new), pad)
        mask = np.zeros((len(prompts), width), dtype=int)
        for i, (n, k) in enumerate(zip(prompts, answers, strict=True)):
            mask[i, width - n :] = 1
            outputs[i, width - n : width + k] = some_ids(rng, n + k)
            outputs[i, width + k : width + k + 1] = 100
        cases.append({"output_ids": outputs, "attention_mask": mask, "eos": 100})
    return {"cases": cases}


def new_tokens_probe(target: Any, inputs: Inputs) -> Any:
    """Call it with tensors."""
    import torch

    return [
        target(
            torch.from_numpy(case["output_ids"]),
            torch.from_numpy(case["attention_mask"]),
            case["eos"],
        )
        for case in inputs["cases"]
    ]


QUESTIONS = [
    Question(
        id="ex07_1",
        name="build_row",
        points=1,
        title="mask the prompt, keep the end",
        inputs=row_inputs,
        probe=each_case,
    ),
    Question(
        id="ex07_2",
        name="fit_prompt",
        points=2,
        title="truncate the right part",
        inputs=prompt_inputs,
        probe=each_case,
    ),
    Question(
        id="ex07_3",
        name="collate",
        points=2,
        title="a batch to train on",
        inputs=collate_inputs,
        probe=each_case,
        allowed=("torch.nn.utils.rnn.pad_sequence",),
        errors=RAGGED,
    ),
    Question(
        id="ex07_4",
        name="left_pad",
        points=2,
        title="a batch to generate from",
        inputs=left_pad_inputs,
        probe=each_case,
        allowed=("torch.nn.utils.rnn.pad_sequence",),
        errors=RAGGED,
    ),
    Question(
        id="ex07_5",
        name="continuations",
        points=2,
        title="cut the summary out",
        inputs=new_tokens_inputs,
        probe=new_tokens_probe,
        errors={
            "is not in list": (
                "A row without an end gives all of its new tokens: look whether there "
                "is an end before you search for it."
            ),
        },
    ),
]
