"""Train a GPT-2 on real text for some minutes of a GPU, and keep what it did.

    python -m scripts.gpu_replay --texts texts.json.gz --out gpt2-124m.json

Through the course's Trainer, in bfloat16, compiled. The text is the chats of the pip
package, and what `--texts` holds: {"addresses": {name: text}, "plays": {name: text}}.
The result is a replay (course_utils.training.replay): loss, losses by kind of text,
samples.
"""

import gzip
import json
import time
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from transformers import GPT2LMHeadModel, TrainerCallback, set_seed

from course_utils.data.tokens import blocks, gpt2_tokenizer, token_ids
from course_utils.machine import runtime
from course_utils.model.gpt2 import preset
from course_utils.training.chunked_loss import loss_in_chunks
from course_utils.training.replay import save_replay
from course_utils.training.trainer import Samples, make_trainer, training_arguments

PROMPTS = ["A: Hi! How was your", "Fellow citizens of the", "KING:\nMy lord, the"]
HELD_OUT_BLOCKS = 32  # of each kind of text


def texts(path: Path | None) -> dict[str, tuple[list[str], list[str]]]:
    """Return kind -> (texts to train on, texts held out)."""
    from course_utils.data.sources import write_local_data
    from course_utils.lesson.profile import local_data

    files = write_local_data(local_data())["chitchat"]
    kinds = {
        "chats": tuple(
            list(Dataset.from_parquet(files[split])["text"])
            for split in ("train", "validation")
        )
    }
    if path is None:
        return kinds
    with gzip.open(path, "rt", encoding="utf-8") as file:
        others = json.load(file)
    # Every twentieth address is held out, and the last tenth of the plays.
    named = list(others["addresses"].values())
    kinds["addresses"] = (
        [text for i, text in enumerate(named) if i % 20 != 19],
        named[19::20],
    )
    (plays,) = others["plays"].values()
    cut = plays.index("\n\n", 9 * len(plays) // 10)
    kinds["plays"] = ([plays[:cut]], [plays[cut + 2 :]])
    return kinds


class Deadline(TrainerCallback):
    """Ends a run in time, with an evaluation of what there is."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def on_step_end(self, args, state, control, **kwargs):
        if time.monotonic() > self.end:
            control.should_evaluate = control.should_training_stop = True


class KeepAsItGoes(TrainerCallback):
    """Writes the replay at each evaluation, so that a run cut short is kept too."""

    def __init__(self, path: Path, facts: dict, samples: Samples) -> None:
        self.path, self.facts, self.samples = path, facts, samples
        self.begun = time.monotonic()

    def on_log(self, args, state, control, **kwargs):
        seconds = time.monotonic() - self.begun
        self.facts |= {"seconds": round(seconds, 1), "steps_done": state.global_step}
        rows = list(dict.fromkeys(self.samples.rows))  # one evaluation a kind of text
        save_replay(self.path, self.facts, state.log_history, rows)


def main() -> None:
    """Read the options, train, and write the replay."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--preset", default="gpt2")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--heads", type=int)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--block-size", type=int, default=1024)
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--evaluations", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--plain", action="store_true", help="do not compile")
    options = parser.parse_args()
    begun = time.monotonic()
    runtime.quiet_libraries()
    set_seed(0)
    tokenizer = gpt2_tokenizer()
    kinds = texts(options.texts)
    train = {k: token_ids(pair[0], tokenizer) for k, pair in kinds.items()}
    held_out = {
        k: blocks(token_ids(pair[1], tokenizer), options.block_size)
        for k, pair in kinds.items()
    }
    held_out = {
        k: rows.select(range(min(HELD_OUT_BLOCKS, len(rows))))
        for k, rows in held_out.items()
    }
    shape = {
        "n_layer": options.layers,
        "n_embd": options.width,
        "n_head": options.heads,
    }
    given = {key: value for key, value in shape.items() if value}
    for kind in ("resid_pdrop", "embd_pdrop", "attn_pdrop"):
        given[kind] = options.dropout
    config = preset(options.preset, **given)
    model = GPT2LMHeadModel(config)
    loss_in_chunks(model, chunks=1)
    cuda = torch.cuda.is_available()
    every = max(1, options.steps // options.evaluations)
    arguments = training_arguments(
        options.out.parent / f"{options.out.stem}-run",
        max_steps=options.steps,
        per_device_train_batch_size=options.rows,
        gradient_accumulation_steps=options.passes,
        per_device_eval_batch_size=16,
        learning_rate=options.learning_rate,
        logging_steps=max(1, options.steps // 100),
        eval_strategy="steps",
        eval_steps=every,
        eval_on_start=True,
        save_strategy="no",
        dataloader_drop_last=True,
        include_num_input_tokens_seen="no",
        bf16=cuda,
        torch_compile=cuda and not options.plain,
        disable_tqdm=True,
    )
    samples = Samples(PROMPTS, strategy="top-p", seed=0)
    facts = {
        "title": f"GPT-2 with {model.num_parameters():,} parameters, from scratch",
        "device": torch.cuda.get_device_name() if cuda else "cpu",
        "versions": runtime.versions(),
        "model": {key: getattr(config, key) for key in shape},
        "parameters": model.num_parameters(),
        "dropout": options.dropout,
        "data": {kind: len(ids) for kind, ids in train.items()},
        "block_size": options.block_size,
        "tokens_per_step": options.rows * options.passes * options.block_size,
        "steps": options.steps,
        "learning_rate": options.learning_rate,
    }
    left = options.seconds - (time.monotonic() - begun)
    trainer = make_trainer(
        model,
        tokenizer,
        arguments,
        blocks(np.concatenate(list(train.values())), options.block_size),
        held_out,
        callbacks=[samples, Deadline(left), KeepAsItGoes(options.out, facts, samples)],
    )
    trainer.train()
    print(options.out.name, facts["steps_done"], "steps", facts["seconds"], "s")


if __name__ == "__main__":
    main()
