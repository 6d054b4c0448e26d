"""Is a pretrained start worth it? Training on the real chats, from the base or not."""

import math
import tempfile
from typing import Any

from course_utils.data.sources import write_local_data
from course_utils.data.tokens import pack
from course_utils.lesson.profile import get_profile, local_data
from course_utils.model.gpt2 import load
from course_utils.training.trainer import make_trainer, training_arguments


def real_chats(
    steps: int = 200, every: int = 50, blocks: int = 200, seed: int = 0
) -> list[dict[str, Any]]:
    """Train the tiny model on the real chats from two starts, at one budget.

    Args:
        steps: optimizer steps, of `batch_size` blocks of `block_size` tokens.
        every: steps between two measurements.
        blocks: held-out blocks that perplexity is measured on.
        seed: of the order of the blocks, and of the random weights.

    Returns:
        One row a measurement: start ("scratch" or "pretrained"), step, and the
        perplexity per token on chats that neither start has seen.
    """
    from datasets import load_dataset
    from transformers import set_seed

    write_local_data(local_data())
    profile = get_profile("tiny")
    data = load_dataset(**profile.language)
    rows = []
    for start in ("scratch", "pretrained"):
        set_seed(seed)
        model, tokenizer = load(profile.pretrained, from_scratch=start == "scratch")
        train = pack(data["train"], tokenizer, profile.block_size)
        held_out = pack(data["test"], tokenizer, profile.block_size)
        with tempfile.TemporaryDirectory() as folder:
            arguments = training_arguments(
                folder,
                max_steps=steps,
                learning_rate=profile.learning_rate,
                per_device_train_batch_size=profile.batch_size,
                eval_strategy="steps",
                eval_steps=every,
                eval_on_start=True,
                save_strategy="no",
                seed=seed,
            )
            trainer = make_trainer(
                model, tokenizer, arguments, train, held_out.select(range(blocks))
            )
            trainer.train()
        rows += [
            {
                "start": start,
                "step": log["step"],
                "perplexity": math.exp(log["eval_loss"]),
            }
            for log in trainer.state.log_history
            if "eval_loss" in log
        ]
    return rows
