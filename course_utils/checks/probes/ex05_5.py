"""Probe of 5.5, the training loop."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question
from course_utils.checks.probes.ex05_model import MODEL, new_model
from course_utils.checks.probes.ex05_watch import Watch
from course_utils.checks.weights import weights_of

FOLLOWERS = (0.55, 0.25, 0.15, 0.05)  # how probable a token's four followers are


def make_inputs(seed: int) -> Inputs:
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


def probe(target: Any, inputs: Inputs) -> Any:
    """Return the trained weights; what was seen of the loop only helps with a hint."""
    import torch

    model = new_model(inputs["model_seed"])
    torch.manual_seed(inputs["model_seed"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more can be many times slower on so small a model
    watch = Watch(model)
    try:
        trained = target(model, torch.from_numpy(inputs["blocks"]))
    finally:
        torch.set_num_threads(threads)
    if not isinstance(trained, torch.nn.Module):
        return {"returned": type(trained).__name__}
    return {"weights": weights_of(trained), "seen": watch.summary(model, trained)}


QUESTION = Question(
    id="ex05_5",
    name="train",
    points=3,
    title="the training loop",
    inputs=make_inputs,
    probe=probe,
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
)
