"""Fine-tune the tiny base on TinyChats: the summariser that ships with the course.

    python -m scripts.finetune_summariser --out course_utils/assets/tiny-summariser

The same fine-tuning as in lesson 07, with more steps, and on chats some of which have
lines of real chats around them.
"""

from argparse import ArgumentParser
from pathlib import Path

from transformers import set_seed

from course_utils.data.chats import tinychats
from course_utils.data.small_talk import with_small_talk
from course_utils.lesson.summariser import finetune
from course_utils.machine import runtime
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import load


def main() -> None:
    """Read the options, fine-tune, and write the summariser."""
    from scripts.pretrain_base import save_small
    from scripts.pretraining_corpus import real_chats

    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", type=Path, default=ASSETS / "tiny-base")
    parser.add_argument("--out", type=Path, default=ASSETS / "tiny-summariser")
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    runtime.set_threads()
    runtime.keep_freed_memory()
    set_seed(args.seed)
    model, tokenizer = load(args.base)
    trainer = finetune(
        model,
        tokenizer,
        with_small_talk(tinychats(args.pairs, args.seed), real_chats(), seed=args.seed),
        steps=args.steps,
        learning_rate=args.learning_rate,
        seed=args.seed,
        people=True,
    )
    save_small(model, tokenizer, args.out)
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    print(f"loss {losses[-1]:.3f}")


if __name__ == "__main__":
    main()
