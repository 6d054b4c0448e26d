"""Exercise 11, SAMSum: the questions, their inputs, and how an answer is called."""

import random
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Question, each_case
from course_utils.checks.weights import weights_or_type
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast

Inputs = dict[str, Any]

# GPT-2's 124 million weights as float16, its tied head counted twice: 326 MB.
GPT2_BYTES = 400 * 2**20

# The task of 11.4. A dialogue is small talk, where each token has a usual follower,
# with a topic somewhere in it. The summary is the topic's own words, and the end.
END, CUE = 0, 1
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


@cache
def tokenizer() -> "PreTrainedTokenizerFast":
    """Return the tiny tokenizer, which ships with the course, in every profile."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")


def chats(seed: int, n: int) -> list[tuple[str, str]]:
    """Return pairs of a dialogue and its summary."""
    from course_utils.data.chats import chat

    rng = random.Random(seed)
    return [(made.dialogue, made.summary) for made in (chat(rng) for _ in range(n))]


def clean_inputs(seed: int) -> Inputs:
    """Rows as a CSV file gives them; the first case is small, the second has it all."""
    rng = np.random.default_rng(seed)
    pairs = chats(int(rng.integers(2**31)), 12)

    def row(place: int, ends: str = "\r\n", around: str = "") -> dict[str, Any]:
        dialogue, summary = pairs[place]
        text = around + dialogue.replace("\n", ends) + around
        return {"id": str(rng.integers(10**8)), "dialogue": text, "summary": summary}

    small = [row(0), {**row(1), "dialogue": None}]
    big = [
        row(2, around=" \r\n"),
        {**row(3), "summary": None},
        row(4, ends="\n"),
        {**row(5), "dialogue": " \r\n"},
        {**row(6), "summary": ""},
        row(7, ends="\r"),
        {**row(8), "summary": f" {pairs[8][1]}\r\n"},
        row(4, ends="\n"),  # the same chat twice is no reason to drop it
        row(9),
    ]
    return {"cases": [{"rows": small}, {"rows": big}]}


def encode_inputs(seed: int) -> Inputs:
    """A row that fits exactly, and others whose dialogue is cut."""
    rng = np.random.default_rng(seed)
    cases = []
    for spare, (dialogue, summary) in zip(
        (0, 40, -1, -20), chats(int(rng.integers(2**31)), 4), strict=True
    ):
        text = f"{dialogue}\nTL;DR: {summary}"
        length = len(tokenizer()(text)["input_ids"]) + 1 + spare
        cases.append({"dialogue": dialogue, "summary": summary, "max_length": length})
    return {"cases": cases}


def encode_probe(target: Any, inputs: Inputs) -> Any:
    """Return input_ids and labels of each case; other keys are the student's own."""
    answers = []
    for case in inputs["cases"]:
        row = target(case["dialogue"], case["summary"], tokenizer(), case["max_length"])
        answers.append({name: row[name] for name in ("input_ids", "labels")})
    return answers


def collate_inputs(seed: int) -> Inputs:
    """Batches whose rows end in eos, which is also the token that fills up."""
    rng = np.random.default_rng(seed)
    cases = []
    for lengths in ((5, 3), (6, 9, 4, 9)):
        rows = []
        for length in lengths:
            ids = [*map(int, rng.integers(1, 100, length - 1)), END]
            labels = [-100] * (length - 2) + ids[-2:]
            rows.append({"input_ids": ids, "labels": labels})
        rows[0]["input_ids"][0] = END  # a real token, though the same as the padding
        cases.append({"rows": rows, "pad_token_id": END})
    return {"cases": cases}


def collate_probe(target: Any, inputs: Inputs) -> Any:
    """Return each batch, and whether all of it are integer tensors."""
    import torch

    batches, tensors = [], []
    for case in inputs["cases"]:
        batch = target(*case.values())
        names = ("input_ids", "attention_mask", "labels")
        batches.append({name: batch[name] for name in names})
        values = [batch[name] for name in names]
        tensors.append(
            all(isinstance(v, torch.Tensor) and v.dtype == torch.int64 for v in values)
        )
    return {"batches": batches, "tensors": tensors}


def finetune_inputs(seed: int) -> Inputs:
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


def finetune_probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights after training."""
    import torch

    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    try:
        trained = target(model, inputs["rows"], **TRAINING)
    finally:
        torch.set_num_threads(threads)
    return weights_or_type(trained)


def summariser_inputs(seed: int) -> Inputs:
    """Nothing for the student's side: 60 new dialogues, hidden, to judge with."""
    from course_utils.data.chats import tinychats

    rows = tinychats(60, seed=seed, split="test_slots").to_list()
    order = int(np.random.default_rng(seed).integers(2**31))  # of SAMSum's test split
    return {"hidden": {"rows": rows, "order": order}}


def summariser_probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights of a model, or of the model that a function returns."""
    import torch

    if not isinstance(target, torch.nn.Module) and callable(target):
        target = target()
    return weights_or_type(target)


QUESTIONS = [
    Question(
        id="ex11_1",
        name="clean_rows",
        points=1,
        title="empty rows and line ends",
        inputs=clean_inputs,
        probe=each_case,
        errors={
            "NoneType": "A dialogue or a summary may be None: ask before you use it.",
        },
    ),
    Question(
        id="ex11_2",
        name="encode_pair",
        points=3,
        title="prompt, mask and end of a row",
        inputs=encode_inputs,
        probe=encode_probe,
        allowed=("tokenizer",),
        forbidden=(
            "course_utils.data.summaries.encode",
            "course_utils.data.summaries.encode_summaries",
        ),
        errors={
            "KeyError": 'Return a dict with the keys "input_ids" and "labels".',
        },
    ),
    Question(
        id="ex11_3",
        name="collate",
        points=2,
        title="a batch of rows of differing length",
        inputs=collate_inputs,
        probe=collate_probe,
        allowed=("torch",),
        errors={
            "expected sequence of length": (
                "Rows differ in length: fill them up before you stack them."
            ),
            "KeyError": 'Return "input_ids", "attention_mask" and "labels".',
        },
    ),
    Question(
        id="ex11_4",
        name="finetune",
        points=3,
        title="fine-tuning",
        inputs=finetune_inputs,
        probe=finetune_probe,
        allowed=("transformers.Trainer", "torch.optim.AdamW"),
        forbidden=("course_utils.lesson.summariser.finetune",),
        errors={
            "expected sequence of length": (
                "Rows differ in length: pass your collate as data_collator."
            ),
            "excessive nesting": (
                "Rows differ in length: pass your collate as data_collator."
            ),
            "does not require grad": (
                "The loss carries no gradient: no torch.no_grad() around it."
            ),
        },
    ),
    Question(
        id="ex11_5",
        name="tuned",
        points=4,
        title="the real run",
        inputs=summariser_inputs,
        probe=summariser_probe,
        is_function=False,
        max_bytes=GPT2_BYTES,
    ),
]
