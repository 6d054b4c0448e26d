"""The tiny base's recipe against others: the same tokens, then the same fine-tuning.

    python -m benchmarks.tiny_base [VARIANT ...]

Each variant changes one thing of the recipe. A table row is printed as it is known.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast, set_seed

from course_utils.data.chats import tinychats
from course_utils.data.tokens import train_bpe
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.summary_scores import summary_scores
from course_utils.lesson.summariser import finetune
from course_utils.machine import runtime
from scripts import pretrain_base as base
from scripts.pretraining_corpus import COPYING, SHARES, document, echo, real_pieces
from scripts.train_tokenizer import SHARES as CHATTY
from scripts.train_tokenizer import name_lists

TOKENS = 3e6
STEPS = 250
CHATS = 100


@dataclass(frozen=True)
class Variant:
    """What differs from the recipe.

    Attributes:
        vocab_size: of the tokenizer, trained as the course's is.
        shape: fields of the model.
        texts: makes a part of the corpus.
        batches: makes its batches.
    """

    vocab_size: int = 2048
    shape: dict[str, int] = field(default_factory=dict)
    texts: Callable[..., list[str]] = base.texts_of_part
    batches: Callable[..., Iterator[Any]] = base.batches


def packed(texts, tokenizer, rng, size: int = 128) -> Iterator[Any]:
    """Yield batches of whole blocks, the documents one after another."""
    ids = [
        i for t in texts for i in [*tokenizer(t)["input_ids"], tokenizer.eos_token_id]
    ]
    rows = torch.tensor(ids[: len(ids) // size * size]).view(-1, size)
    for start in range(0, len(rows), base.BATCH_TOKENS // size):
        block = rows[start : start + base.BATCH_TOKENS // size]
        yield block, block


def without(*kinds: str, stages: bool = True) -> Callable[..., list[str]]:
    """Return a maker of the corpus without some kinds of documents, or its stages."""
    shares = {kind: share for kind, share in SHARES.items() if kind not in kinds}

    def texts(rng: random.Random, real: list[str], done: float) -> list[str]:
        if stages and done < COPYING and "echo" not in kinds:
            return [echo(rng, short=True) for _ in range(base.PART)]
        return [document(rng, real, shares) for _ in range(base.PART)]

    return texts


VARIANTS = {
    "the recipe": Variant(),
    "vocabulary 1,024": Variant(vocab_size=1024, shape={"vocab_size": 1024}),
    "vocabulary 4,096": Variant(vocab_size=4096, shape={"vocab_size": 4096}),
    "2 layers, 192 wide": Variant(shape={"n_layer": 2, "n_embd": 192}),
    "8 layers, 96 wide": Variant(shape={"n_layer": 8, "n_embd": 96}),
    "packed rows": Variant(batches=packed),
    "no games and quizzes": Variant(texts=without("game", "quiz")),
    "no echoes, games and quizzes": Variant(texts=without("echo", "game", "quiz")),
    "all from the start": Variant(texts=without(stages=False)),
}


def tokenizer_of(vocab_size: int) -> PreTrainedTokenizerFast:
    """Train a tokenizer on what the course's own is trained on, a part of it."""
    rng, real = random.Random("tokenizer"), real_pieces()
    texts = [document(rng, real, CHATTY) for _ in range(6000)]
    return train_bpe(texts + name_lists(0, 300), vocab_size)


def measure(variant: Variant, seed: int = 0) -> dict[str, Any]:
    """Pretrain, fine-tune and score one variant; CPU seconds of both trainings."""
    set_seed(seed)
    tokenizer = tokenizer_of(variant.vocab_size)
    model = base.initial_model(**variant.shape)
    parameters = model.num_parameters()
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        base.train(
            model,
            tokenizer,
            TOKENS,
            3e-3,
            seed,
            Path(folder, "checkpoint.pt"),
            variant.texts,
            variant.batches,
        )
    pretraining = time.process_time() - start
    start = time.process_time()
    finetune(model, tokenizer, tinychats(6000, seed), steps=STEPS, seed=seed)
    finetuning = time.process_time() - start
    row = {"parameters": parameters, "seconds": (pretraining, finetuning)}
    for split in ("test_slots", "test_paraphrases", "test_names"):
        rows = tinychats(CHATS, seed, split)
        texts = summarise(model, tokenizer, rows["dialogue"][:], progress=False)
        row[split] = summary_scores(texts, rows)
    return row


def main() -> None:
    """Print a Markdown table of the variants asked for, or of all."""
    runtime.quiet_libraries()
    runtime.set_threads()
    runtime.keep_freed_memory()
    lines = []
    for name in sys.argv[1:] or VARIANTS:
        row = measure(VARIANTS[name])
        scores = " | ".join(
            f"{row[split]['rouge1']:.0f} / {row[split]['names']:.0f}"
            for split in ("test_slots", "test_paraphrases", "test_names")
        )
        seconds = " + ".join(f"{s:.0f}" for s in row["seconds"])
        line = f"| {name} | {row['parameters'] / 1e6:.2f} M | {seconds} | {scores} |"
        lines.append(line)
        print(line, flush=True)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
