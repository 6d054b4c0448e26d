"""Exercise 6, fine-tune: the questions, their inputs, and how an answer is called."""

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Question, each_case
from course_utils.checks.weights import weights_of

if TYPE_CHECKING:
    import torch

Inputs = dict[str, Any]

SMALL = {
    "vocab_size": 64,
    "n_positions": 32,
    "n_head": 2,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "activation_function": "gelu_pytorch_tanh",
}
# The model of 6.5: 0.03 million weights.
MODEL = {**SMALL, "n_embd": 32, "n_layer": 2}
FOLLOWERS = (0.55, 0.25, 0.15, 0.05)  # how probable a token's four followers are


def new_model(seed: int, **changes: int) -> "torch.nn.Module":
    """Return an untrained GPT-2: the same weights for the same seed."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**{**MODEL, **changes}))
    model.loss_type = "ForCausalLM"  # or the first loss prints a warning
    return model


def budget_inputs(seed: int) -> Inputs:
    """Budgets that divide evenly, that leave a little over, and that lack a little."""
    rng = np.random.default_rng(seed)
    # In the first, steps differ by a whole factor, so that floats are exact too.
    plans = (((4, 8), 2, 0, 0), ((5, 7), 6, 0.05, 0.45), ((5, 7), 7, 0.55, 0.95))
    cases = []
    for batch_sizes, accumulation, low, high in plans:
        run = {
            "batch_size": int(rng.choice([16, 32])),
            "accumulation": int(rng.integers(2, 5)),
            "block_size": int(rng.choice([128, 256])),
        }
        other = {
            "batch_size": int(rng.choice(batch_sizes)),
            "accumulation": accumulation,
            "block_size": 64,
        }
        tokens, per_step = math.prod(run.values()), math.prod(other.values())
        steps = np.arange(100, 2_000)
        rest = steps * tokens % per_step / per_step
        steps = int(rng.choice(steps[(low <= rest) & (rest <= high)]))
        cases.append({"run": {"steps": steps, **run}, "other": other})
    return {"cases": cases}


def choice_inputs(seed: int) -> Inputs:
    """Runs whose training, validation and test perplexities disagree."""
    rng = np.random.default_rng(seed)
    tables = [
        # forgotten (nats), train, validation, test; best are rows 3, 0 and none
        [
            (0.01, 8.0, 9.0, 8.5),
            (0.04, 7.5, 8.0, 7.0),
            (0.06, 5.0, 7.5, 7.2),
            (0.0975, 6.0, 7.0, 7.6),
            (0.16, 4.0, 6.0, 6.5),
            (0.5, 3.0, 6.5, 6.0),
        ],
        [
            (0.02, 6.0, 5.0, 7.0),
            (0.05, 5.0, 6.0, 5.0),
            (0.09, 4.0, 7.0, 6.0),
            (0.2, 3.0, 4.0, 4.0),
        ],
        [(0.2, 6.0, 5.0, 5.5), (0.4, 5.0, 4.5, 5.0), (0.8, 4.0, 4.8, 5.2)],
    ]
    cases = []
    for table in tables:
        base_old = round(float(rng.uniform(20, 40)), 2)
        scale = rng.uniform(1, 3)
        runs = [
            {
                "learning_rate": float(rate),
                "train": round(scale * train, 3),
                "validation": round(scale * validation, 3),
                "test": round(scale * test, 3),
                "old": round(base_old * np.exp(forgotten), 3),
            }
            for rate, (forgotten, train, validation, test) in zip(
                (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3), table, strict=False
            )
        ]
        order = rng.permutation(len(runs))
        cases.append(
            {
                "old_before": base_old,
                "runs": [runs[i] for i in order],
                "most_forgotten": 0.1,
            }
        )
    return {"cases": cases}


def freeze_inputs(seed: int) -> Inputs:
    """Models of 12 blocks: the name of block 1 is how that of block 10 begins."""
    rng = np.random.default_rng(seed)
    counts = (int(rng.integers(2, 5)), 0, int(rng.integers(5, 10)))
    return {
        "cases": [
            {"n_embd": int(8 * rng.integers(1, 4)), "n_blocks": n} for n in counts
        ]
    }


def freeze_probe(target: Any, inputs: Inputs) -> Any:
    """Return the names that are still trained, and the count that it returns."""
    answers = []
    for case in inputs["cases"]:
        model = new_model(0, n_embd=case["n_embd"], n_layer=12)
        returned = target(model, case["n_blocks"])
        trained = [name for name, p in model.named_parameters() if p.requires_grad]
        answers.append({"trained": trained, "returned": returned})
    return answers


def groups_inputs(seed: int) -> Inputs:
    """Two sizes of weight decay."""
    rng = np.random.default_rng(seed)
    return {
        "cases": [
            {"n_layer": n, "weight_decay": round(float(rng.uniform(0.05, 0.2)), 3)}
            for n in (1, 2)
        ]
    }


def groups_probe(target: Any, inputs: Inputs) -> Any:
    """Give the groups to AdamW; return what it holds: [names, weight decay] a group."""
    import torch

    answers = []
    for case in inputs["cases"]:
        model = new_model(0, n_layer=case["n_layer"])
        groups = target(model, case["weight_decay"])
        names = {id(p): name for name, p in model.named_parameters()}
        optimizer = torch.optim.AdamW(groups, lr=1e-3)
        answers.append(
            [
                [
                    [names.get(id(p), "none of the model's") for p in group["params"]],
                    group["weight_decay"],
                ]
                for group in optimizer.param_groups
            ]
        )
    return answers


def tune_inputs(seed: int) -> Inputs:
    """Blocks of an old and of a new made-up language, and more of both to judge with.

    They share a third of their tokens, with other followers, so that learning the new
    one undoes the old one. Knowing either perfectly is a loss of 1.11.
    """
    rng = np.random.default_rng(seed)

    def language(tokens: np.ndarray) -> Any:
        size = len(tokens)
        shifts = rng.choice(size, 4, replace=False)
        followers = rng.permutation(size)[(np.arange(size)[:, None] + shifts) % size]

        def sample(n_blocks: int) -> np.ndarray:
            places = np.empty((n_blocks, MODEL["n_positions"]), dtype=np.int64)
            places[:, 0] = rng.integers(0, size, n_blocks)
            for t in range(1, places.shape[1]):
                choice = rng.choice(4, n_blocks, p=FOLLOWERS)
                places[:, t] = followers[places[:, t - 1], choice]
            return tokens[places]

        return sample

    old, new = language(np.arange(32)), language(np.arange(22, 54))
    return {
        "model_seed": int(rng.integers(2**31)),
        "pretraining": old(512),
        "new_blocks": new(256),
        "hidden": {"old": old(128), "new": new(128)},
    }


@cache
def pretrained(model_seed: int, content: bytes) -> dict[str, "torch.Tensor"]:
    """Return the weights of a model that has learned the old language."""
    import torch

    blocks = torch.from_numpy(np.frombuffer(content, dtype=np.int64).copy())
    blocks = blocks.reshape(-1, MODEL["n_positions"])
    model = new_model(model_seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(5):
        for rows in torch.randperm(len(blocks)).split(16):
            model(input_ids=blocks[rows], labels=blocks[rows]).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return model.state_dict()


def tune_probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights after the answer has fine-tuned a pretrained model."""
    import torch

    pretraining = inputs["pretraining"]
    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    try:
        weights = pretrained(inputs["model_seed"], pretraining.tobytes())
        model.load_state_dict(weights)
        new, old = inputs["new_blocks"], pretraining[:128]
        tuned = target(model, torch.from_numpy(new), torch.from_numpy(old))
    finally:
        torch.set_num_threads(threads)
    if not isinstance(tuned, torch.nn.Module):
        return {"returned": type(tuned).__name__}
    return {"weights": weights_of(tuned)}


QUESTIONS = [
    Question(
        id="ex06_1",
        name="steps_for_same_tokens",
        points=1,
        title="a fair budget",
        inputs=budget_inputs,
        probe=each_case,
        allowed=("math",),
        errors={
            "'steps'": "`other` has no steps yet: they are what you compute.",
        },
    ),
    Question(
        id="ex06_2",
        name="best_learning_rate",
        points=2,
        title="choose among runs",
        inputs=choice_inputs,
        probe=each_case,
        allowed=("math",),
        errors={
            "empty": "No run may be good enough: return None then.",
            "IndexError": "No run may be good enough: return None then.",
        },
    ),
    Question(
        id="ex06_3",
        name="freeze",
        points=2,
        title="freeze the lower blocks",
        inputs=freeze_inputs,
        probe=freeze_probe,
        errors={
            "no attribute 'h'": "The blocks are in `model.transformer.h`.",
            "no attribute 'wte'": "The embeddings are in `model.transformer`.",
        },
    ),
    Question(
        id="ex06_4",
        name="parameter_groups",
        points=2,
        title="what weight decay leaves alone",
        inputs=groups_inputs,
        probe=groups_probe,
        errors={
            "more than one parameter group": (
                "A parameter is in two groups. The output layer shares the token "
                "embedding's weights, so state_dict() lists them twice; "
                "named_parameters() does not."
            ),
        },
    ),
    Question(
        id="ex06_5",
        name="fine_tune",
        points=3,
        title="learn the new, keep the old",
        inputs=tune_inputs,
        probe=tune_probe,
        allowed=("torch.optim.AdamW", "torch.utils.data.DataLoader"),
        forbidden=("transformers.Trainer.train",),
        errors={
            "does not require grad": (
                "The loss carries no gradient: no torch.no_grad(), and something has "
                "to be left to train."
            ),
            "Sizes of tensors must match": (
                "Both sets have rows of 32 tokens: join them along dimension 0."
            ),
        },
    ),
]
