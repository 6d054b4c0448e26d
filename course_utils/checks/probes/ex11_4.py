"""Probe of 11.4, fine-tuning."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex05_watch import Watch
from course_utils.checks.probes.ex11_token_ids import CUE, END
from course_utils.checks.weights import weights_or_type

if TYPE_CHECKING:
    import torch

TOPICS, TALK, WORDS = range(2, 10), range(10, 24), range(24, 40)
MODEL = {
    "vocab_size": 40,
    "n_positions": 32,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 2,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "bos_token_id": END,
    "eos_token_id": END,
    "pad_token_id": END,
    "activation_function": "gelu_pytorch_tanh",
}
TRAINING = {"steps": 200, "learning_rate": 5e-3, "batch_size": 16}


def make_inputs(seed: int) -> Inputs:
    """512 rows of a made-up task of summaries; 256 more, hidden, to judge with."""
    rng = np.random.default_rng(seed)
    follower = dict(zip(TALK, rng.permutation(TALK), strict=True))
    summaries = {
        topic: rng.choice(WORDS, 2 + index % 4, replace=False)
        for index, topic in enumerate(TOPICS)
    }

    def row() -> dict[str, list[int]]:
        talk = [int(rng.choice(TALK))]
        for _ in range(int(rng.integers(3, 14))):
            usual = rng.random() < 0.9
            talk.append(int(follower[talk[-1]] if usual else rng.choice(TALK)))
        topic = int(rng.choice(TOPICS))
        talk.insert(int(rng.integers(len(talk) + 1)), topic)
        prompt, answer = [*talk, CUE], [*map(int, summaries[topic]), END]
        labels = [-100] * len(prompt) + answer
        return {"input_ids": prompt + answer, "labels": labels}

    return {
        "model_seed": int(rng.integers(2**31)),
        "rows": [row() for _ in range(512)],
        "hidden": {"rows": [row() for _ in range(256)]},
    }


def new_model(seed: int) -> "torch.nn.Module":
    """Return the untrained model of 11.4: the same weights for the same seed."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**MODEL))
    model.loss_type = "ForCausalLM"  # or the first loss prints a warning
    return model


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights after training, and what was seen of the run."""
    import torch

    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    watch = Watch(model)
    try:
        trained = target(model, inputs["rows"], **TRAINING)
    finally:
        torch.set_num_threads(threads)
    seen = watch.summary(model, trained)
    kept = ("same_model", "passes", "rows_a_pass", "different_blocks", "backwards")
    kept += ("steps", "left_over", "uphill", "first_ids", "first_gradient")
    return weights_or_type(trained) | {"seen": {name: seen[name] for name in kept}}


QUESTION = Question(
    id="ex11_4",
    name="finetune",
    points=3,
    title="fine-tuning",
    inputs=make_inputs,
    probe=probe,
    allowed=("transformers.Trainer", "torch.optim.AdamW"),
    forbidden=("course_utils.lesson.summariser.finetune",),
    errors={
        "expected sequence of length": (
            "Rows differ in length: pass your collate as data_collator."
        ),
        "excessive nesting": (
            "Rows differ in length: pass your collate as data_collator."
        ),
        "missing 1 required positional argument: 'pad_token_id'": (
            "Trainer calls data_collator with the rows alone: give it a function that "
            "fills in pad_token_id."
        ),
        "does not require grad": (
            "The loss carries no gradient: no torch.no_grad() around it."
        ),
    },
)
