"""Exercise 5, train: the questions, their inputs, and how an answer is called."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Question, each_case
from course_utils.checks.weights import weights_of

if TYPE_CHECKING:
    import torch

Inputs = dict[str, Any]

# The model of 5.5: 0.03 million weights, a second of training on one core.
MODEL = {
    "vocab_size": 32,
    "n_positions": 32,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 2,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "activation_function": "gelu_pytorch_tanh",
}
FOLLOWERS = (0.55, 0.25, 0.15, 0.05)  # how probable a token's four followers are


def steps_inputs(seed: int) -> Inputs:
    """Block counts that divide by the effective batch, leave 1 over, and lack 1."""
    rng = np.random.default_rng(seed)
    cases = []
    for left_over in (0, 1, -1):
        sizes = {
            "batch_size": int(rng.choice([4, 8, 16])),
            "accumulation": int(rng.integers(2, 6)),
            "processes": int(rng.integers(2, 5)),
        }
        full_steps = int(rng.integers(5, 30))
        n_blocks = math.prod(sizes.values()) * full_steps + left_over
        cases.append({"n_blocks": n_blocks, **sizes})
    return {"cases": cases}


def loss_inputs(seed: int) -> Inputs:
    """A case small enough to read, and one whose rows have unlike numbers of -100."""
    rng = np.random.default_rng(seed)
    small, big = [
        {
            "logits": rng.normal(0, 2, shape).astype(np.float32).round(1),
            "labels": rng.integers(0, shape[2], shape[:2]),
        }
        for shape in ((1, 4, 3), (2, 8, 11))
    ]
    small["labels"][0, 2] = big["labels"][0, :2] = big["labels"][1, 4:] = -100
    return {"cases": [small, big]}


def loss_probe(target: Any, inputs: Inputs) -> Any:
    """Return each loss, and whether a gradient can flow from it."""
    import torch

    losses, trainable = [], []
    for case in inputs["cases"]:
        logits = torch.from_numpy(case["logits"]).requires_grad_()
        loss = target(logits, torch.from_numpy(case["labels"]))
        losses.append(loss)
        trainable.append(bool(getattr(loss, "requires_grad", False)))
    return {"losses": losses, "trainable": trainable}


def schedule_inputs(seed: int) -> Inputs:
    """Steps of a short warm-up, of a long one, and of none."""
    rng = np.random.default_rng(seed)
    cases = []
    for warmup in (int(rng.integers(10, 20)), int(rng.integers(30, 60)), 0):
        total = int(rng.integers(150, 300))
        peak = float(rng.choice([3e-4, 6e-4, 2e-3]))
        for step in sorted({0, 1, warmup // 2, *range(warmup, total, 37), total}):
            case = {"step": step, "warmup_steps": warmup, "total_steps": total}
            cases.append({**case, "peak": peak})
    return {"cases": cases}


def perplexity_inputs(seed: int) -> Inputs:
    """Runs of an evaluation: batches of unlike size and padding; the first is small."""
    rng = np.random.default_rng(seed)
    cases = []
    for time, rows in ((3, (2, 1)), (6, (3, 3, 1))):
        batches = []
        for scale, n_rows in enumerate(rows, start=2):
            labels = rng.integers(0, 5, (n_rows, time))
            labels[0, 2:] = -100
            labels[-1, 0] = 0  # 0 is a token like any other
            losses = rng.uniform(0.5, scale, labels.shape).astype(np.float32).round(1)
            losses[labels == -100] = 0.0  # as cross_entropy(reduction="none") does
            batches.append({"losses": losses, "labels": labels})
        cases.append({"batches": batches})
    return {"cases": cases}


def perplexity_probe(target: Any, inputs: Inputs) -> Any:
    """Call it with a list of (losses, labels) pairs of tensors."""
    import torch

    def pairs(case: Inputs) -> Any:
        return [
            (torch.from_numpy(batch["losses"]), torch.from_numpy(batch["labels"]))
            for batch in case["batches"]
        ]

    return [target(pairs(case)) for case in inputs["cases"]]


def train_inputs(seed: int) -> Inputs:
    """512 blocks of 32 tokens of a made-up language; 256 more, hidden, to judge with.

    Each of the 32 tokens has four possible followers, so that a model that has
    learned the language reaches a loss of 1.11, and guessing gives ln(32) = 3.47.
    """
    rng = np.random.default_rng(seed)
    size = MODEL["vocab_size"]
    # Each column is a permutation, so that all tokens are equally frequent.
    shifts = rng.choice(size, 4, replace=False)
    followers = rng.permutation(size)[(np.arange(size)[:, None] + shifts) % size]

    def sample(n_blocks: int) -> np.ndarray:
        blocks = np.empty((n_blocks, MODEL["n_positions"]), dtype=np.int64)
        blocks[:, 0] = rng.integers(0, size, n_blocks)
        for t in range(1, blocks.shape[1]):
            choice = rng.choice(4, n_blocks, p=FOLLOWERS)
            blocks[:, t] = followers[blocks[:, t - 1], choice]
        return blocks

    return {
        "model_seed": int(rng.integers(2**31)),
        "blocks": sample(512),
        "hidden": {"blocks": sample(256)},
    }


def new_model(seed: int) -> "torch.nn.Module":
    """Return the untrained model of 5.5: the same weights for the same seed."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**MODEL))
    model.loss_type = "ForCausalLM"  # or the first loss prints a warning
    return model


def train_probe(target: Any, inputs: Inputs) -> Any:
    """Return the trained weights; the gradient left behind only helps with a hint."""
    import torch

    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    try:
        trained = target(model, torch.from_numpy(inputs["blocks"]))
    finally:
        torch.set_num_threads(threads)
    if not isinstance(trained, torch.nn.Module):
        return {"returned": type(trained).__name__}
    gradients = [p.grad.norm() for p in trained.parameters() if p.grad is not None]
    gradient = float(torch.stack(gradients).norm()) if gradients else 0.0
    return {"weights": weights_of(trained), "gradient": gradient}


QUESTIONS = [
    Question(
        id="ex05_1",
        name="steps_per_epoch",
        points=1,
        title="effective batch size and steps",
        inputs=steps_inputs,
        probe=each_case,
        allowed=("math",),
    ),
    Question(
        id="ex05_2",
        name="causal_loss",
        points=2,
        title="labels, shift and loss",
        inputs=loss_inputs,
        probe=loss_probe,
        allowed=("torch.nn.functional.cross_entropy",),
        forbidden=("transformers.loss.loss_utils.ForCausalLMLoss",),
        errors={
            "out of bounds": "-100 is no index: leave those positions out first.",
            "to match target": "Cut logits and labels to the same time - 1 positions.",
            "target size": (
                "cross_entropy wants logits (n, vocabulary) and labels (n,): "
                "flatten both."
            ),
            "view size": "A cut tensor is not contiguous: flatten it with reshape.",
        },
    ),
    Question(
        id="ex05_3",
        name="learning_rate_at",
        points=2,
        title="warm-up and cosine",
        inputs=schedule_inputs,
        probe=each_case,
        allowed=("math",),
        forbidden=("transformers.optimization.get_cosine_schedule_with_warmup",),
        errors={
            "ZeroDivisionError": (
                "warmup_steps may be 0: then there is no warm-up to divide by."
            ),
        },
    ),
    Question(
        id="ex05_4",
        name="perplexity",
        points=2,
        title="perplexity over padding",
        inputs=perplexity_inputs,
        probe=perplexity_probe,
        allowed=("math", "torch"),
        errors={
            "OverflowError": "exp of a sum overflows: take the mean over tokens first.",
        },
    ),
    Question(
        id="ex05_5",
        name="train",
        points=3,
        title="the training loop",
        inputs=train_inputs,
        probe=train_probe,
        allowed=("torch.optim.AdamW", "torch.utils.data.DataLoader"),
        forbidden=("transformers.Trainer.train",),
        errors={
            "to match target": (
                "labels has the shape of input_ids: the model shifts them itself."
            ),
            "does not require grad": (
                "The loss carries no gradient: no torch.no_grad(), .item() or "
                ".detach() before backward()."
            ),
            "backward through the graph a second time": (
                "Compute the loss anew for every batch, inside the loop."
            ),
        },
    ),
]
