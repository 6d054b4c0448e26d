"""Fine-tune the tiny base on TinyChats: the summariser that ships with the course.

    python -m scripts.finetune_summariser --out course_utils/assets/tiny-summariser

The same fine-tuning as in lesson 07, with more steps.
"""

import tempfile
from argparse import ArgumentParser
from pathlib import Path

from datasets import Dataset
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast, set_seed

from course_utils import runtime
from course_utils.data.chats import tinychats
from course_utils.data.summaries import SummaryCollator, encode_summaries
from course_utils.model import ASSETS, load
from course_utils.training import make_trainer, training_arguments


def finetune(
    model: GPT2LMHeadModel,
    tokenizer: PreTrainedTokenizerFast,
    chats: Dataset,
    *,
    steps: int,
    learning_rate: float = 2e-3,
    batch_size: int = 16,
    seed: int = 0,
    keep_embeddings: bool = True,
) -> float:
    """Train `model` on dialogues with summaries; return the last loss, in nats.

    With `keep_embeddings`, the token embeddings of a pretrained model stay as they are.
    They are also its output layer, where every step lowers the tokens that are not in
    the batch: names that no pair contains would be unlearnt.
    """
    model.transformer.wte.weight.requires_grad_(not keep_embeddings)
    rows, _ = encode_summaries(chats, tokenizer, model.config.n_positions)
    with tempfile.TemporaryDirectory() as folder:
        arguments = training_arguments(
            folder,
            max_steps=steps,
            learning_rate=learning_rate,
            per_device_train_batch_size=batch_size,
            train_sampling_strategy="group_by_length",
            save_strategy="no",
            seed=seed,
        )
        trainer = make_trainer(
            model, tokenizer, arguments, rows, data_collator=SummaryCollator(tokenizer)
        )
        trainer.train()
    return [row["loss"] for row in trainer.state.log_history if "loss" in row][-1]


def main() -> None:
    """Read the options, fine-tune, and write the summariser."""
    from scripts.pretrain_base import save_small

    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", type=Path, default=ASSETS / "tiny-base")
    parser.add_argument("--out", type=Path, default=ASSETS / "tiny-summariser")
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    runtime.set_threads()
    set_seed(args.seed)
    model, tokenizer = load(args.base)
    loss = finetune(
        model,
        tokenizer,
        tinychats(args.pairs, args.seed),
        steps=args.steps,
        learning_rate=args.learning_rate,
        seed=args.seed,
    )
    save_small(model, tokenizer, args.out)
    print(f"loss {loss:.3f}")


if __name__ == "__main__":
    main()
