"""Probe of 6.5, learn the new, keep the old."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex05_watch import Watch
from course_utils.checks.probes.ex06_model import MODEL, new_model
from course_utils.checks.weights import weights_of

if TYPE_CHECKING:
    import torch

FOLLOWERS = (0.55, 0.25, 0.15, 0.05)  # how probable a token's four followers are


def make_inputs(seed: int) -> Inputs:
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


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the weights after the answer has fine-tuned a pretrained model.

    The start and what was seen of the loop help with hints alone.
    """
    import torch

    pretraining = inputs["pretraining"]
    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    try:
        weights = pretrained(inputs["model_seed"], pretraining.tobytes())
        model.load_state_dict(weights)
        watch = Watch(model)
        new, old = inputs["new_blocks"], pretraining[:128]
        tuned = target(model, torch.from_numpy(new), torch.from_numpy(old))
    finally:
        torch.set_num_threads(threads)
    if not isinstance(tuned, torch.nn.Module):
        return {"returned": type(tuned).__name__}
    start = {name: tensor.numpy() for name, tensor in weights.items()}
    seen = watch.summary(model, tuned)
    return {"weights": weights_of(tuned), "start": start, "seen": seen}


QUESTION = Question(
    id="ex06_5",
    name="fine_tune",
    points=3,
    title="learn the new, keep the old",
    inputs=make_inputs,
    probe=probe,
    allowed=("torch.optim.AdamW", "torch.utils.data.DataLoader"),
    forbidden=("transformers.Trainer.train",),
    errors={
        "does not require grad": (
            "The loss carries no gradient: no torch.no_grad(), and something has "
            "to be left to train."
        ),
        "backward through the graph a second time": (
            "Compute the loss anew for every batch, inside the loop."
        ),
        "Sizes of tensors must match": (
            "Both sets have rows of 32 tokens: join them along dimension 0."
        ),
        "index out of range": (
            "The model has places for 32 tokens: join the blocks along dimension 0, "
            "so that no row grows longer."
        ),
    },
)
