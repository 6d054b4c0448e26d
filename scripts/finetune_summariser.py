"""Fine-tune the tiny base on TinyChats: the summariser that ships with the course.

    python -m scripts.finetune_summariser --out course_utils/assets/tiny-summariser

The same fine-tuning as in lesson 07, with more steps, and on chosen chats, some of
which have lines of real chats around them.
"""

import random
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import set_seed

from course_utils.data.chats import tinychats
from course_utils.data.small_talk import with_small_talk
from course_utils.lesson.summariser import finetune
from course_utils.machine import runtime
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import load
from scripts.pretraining_corpus import real_chats

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel, PreTrainedTokenizerFast, Trainer

PAIRS, STEPS, LEARNING_RATE = 16_000, 1000, 2e-3
OF_THREE = 0.4  # the share of chats in which three people write; in TinyChats 0.15
DRAWN = 3  # chats for each one that is taken: enough of three people


def pairs_to_learn(pairs: int, seed: int) -> "Dataset":
    """Return chats of TinyChats whose summaries name everybody who writes.

    When a summary of TinyChats leaves somebody out, that is a rule of its generator,
    and chats from elsewhere do not follow it.

    Args:
        pairs: how many.
        seed: decides which ones.
    """
    drawn = tinychats(DRAWN * pairs, seed)
    places: dict[int, list[int]] = {2: [], 3: []}
    columns = zip(drawn["dialogue"], drawn["names"], strict=True)
    for place, (dialogue, names) in enumerate(columns):
        writers = {line.split(": ")[0] for line in dialogue.split("\n")}
        if writers <= set(names):
            places[len(writers)].append(place)
    of_three = round(OF_THREE * pairs)
    taken = places[3][:of_three] + places[2][: pairs - of_three]
    random.Random(seed).shuffle(taken)
    return drawn.select(taken)


def finetune_summariser(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    *,
    pairs: int = PAIRS,
    steps: int = STEPS,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
) -> "Trainer":
    """Train a model by the summariser's recipe; return the trainer, after its run."""
    chats = with_small_talk(pairs_to_learn(pairs, seed), real_chats(), seed=seed)
    return finetune(
        model,
        tokenizer,
        chats,
        steps=steps,
        learning_rate=learning_rate,
        seed=seed,
        people=True,
    )


def main() -> None:
    """Read the options, fine-tune, and write the summariser."""
    from scripts.pretrain_base import save_small

    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", type=Path, default=ASSETS / "tiny-base")
    parser.add_argument("--out", type=Path, default=ASSETS / "tiny-summariser")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    runtime.set_threads()
    runtime.keep_freed_memory()
    set_seed(args.seed)
    model, tokenizer = load(args.base)
    trainer = finetune_summariser(
        model,
        tokenizer,
        pairs=args.pairs,
        steps=args.steps,
        learning_rate=args.learning_rate,
        seed=args.seed,
    )
    save_small(model, tokenizer, args.out)
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    print(f"loss {losses[-1]:.3f}")


if __name__ == "__main__":
    main()
