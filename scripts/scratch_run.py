"""Train lesson 05's model from scratch, for longer, or with other choices.

    python -m scripts.scratch_run --out runs/scratch --seed 1
    python -m scripts.scratch_run --out runs/long --steps 20000 --optimizer muon \\
        --model '{"n_layer": 4}' --bfloat16 --evaluations 40 --save-steps 250 \\
        --replay course_utils/assets/replays/scratch_long.json

The recipe is the tiny profile's; each option changes one thing. A run that was stopped
goes on from its last checkpoint when started again with the same options. At the end
its last line tells the perplexity on the lesson's held-out blocks and the CPU seconds
of the training, its evaluations and samples included.
"""

import json
import math
import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from transformers import (
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    TrainerCallback,
    get_scheduler,
    set_seed,
)

from course_utils.data.tokens import pack
from course_utils.evaluation.counting import CountingModel, baseline_losses
from course_utils.evaluation.perplexity import perplexity
from course_utils.lesson.profile import Profile, get_profile
from course_utils.lesson.start_lesson import with_data
from course_utils.machine import runtime
from course_utils.machine.files import write_text
from course_utils.training.muon import muon
from course_utils.training.replay import save_replay
from course_utils.training.trainer import (
    Samples,
    last_checkpoint,
    make_trainer,
    save_model,
    training_arguments,
)

HELD_OUT = 128  # blocks, as in lesson 05
PROMPTS = 3
SHARES = (0.01, 0.03, 0.1, 0.3, 1)  # of the steps: where small checkpoints are kept


class Seconds(TrainerCallback):
    """The CPU seconds of a run, kept in its folder over all interruptions."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cpu_seconds.json"

    def on_train_begin(self, args, state, control, **kwargs):
        kept = json.loads(self.path.read_text()) if self.path.exists() else {}
        before = kept.get(str(state.global_step), 0)
        self.kept, self.began = kept, time.process_time() - before

    def on_save(self, args, state, control, **kwargs):
        self.kept[str(state.global_step)] = round(time.process_time() - self.began, 1)
        write_text(self.path, json.dumps(self.kept))

    @property
    def so_far(self) -> float:
        return time.process_time() - self.began


class KeptSamples(Samples):
    """Samples that are kept in the run's folder, over all interruptions."""

    def __init__(self, folder: Path, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.path = folder / "samples.json"

    def on_train_begin(self, args, state, control, **kwargs):
        kept = json.loads(self.path.read_text()) if self.path.exists() else []
        self.rows = [tuple(row) for row in kept if row[0] <= state.global_step]

    def on_evaluate(self, args, state, control, **kwargs):
        super().on_evaluate(args, state, control, **kwargs)
        write_text(self.path, json.dumps(self.rows))


class SmallCheckpoints(TrainerCallback):
    """The weights in float16 at some steps, to be read and never trained again."""

    def __init__(self, folder: Path, steps: set[int]) -> None:
        self.folder, self.steps = folder, steps

    def on_step_end(self, args, state, control, model, processing_class, **kwargs):
        if state.global_step in self.steps:
            config, weights = model.config, model.state_dict()
            copy = GPT2LMHeadModel(config)
            copy.load_state_dict(weights)
            name = f"step-{state.global_step}"
            save_model(copy.half(), processing_class, self.folder / name)


def changed(profile: Profile, options: Namespace) -> Profile:
    """Return the profile with the options that were given."""
    wanted = {
        "train_steps": options.steps,
        "scratch_batch_size": options.batch_size,
        "block_size": options.block_size,
        "scratch_learning_rate": options.learning_rate,
        "seed": options.seed,
    }
    changes: dict[str, Any] = {k: v for k, v in wanted.items() if v is not None}
    if options.model:
        changes["scratch_model"] = profile.scratch_model | json.loads(options.model)
    return replace(profile, **changes)


def run(options: Namespace) -> dict[str, Any]:
    """Train and return what came of it."""
    runtime.quiet_libraries()
    runtime.keep_freed_memory()
    torch.set_num_threads(1)
    profile = changed(with_data(get_profile("tiny")), options)
    tokenizer = AutoTokenizer.from_pretrained(profile.tokenizer)
    documents = load_dataset(**profile.language)
    documents = documents.filter(lambda row: row["text"].strip())
    train = pack(documents["train"], tokenizer, profile.block_size)
    held_out = pack(documents["validation"], tokenizer, 128).select(range(HELD_OUT))
    long = [text for text in documents["validation"]["text"] if len(text) > 200]
    prompts = [" ".join(text.split(" ")[:8]) for text in long[:PROMPTS]]

    set_seed(profile.seed)
    model = GPT2LMHeadModel(GPT2Config(**profile.scratch_model))
    steps, folder = profile.train_steps, Path(options.out)
    every = max(1, steps // options.evaluations)
    checkpoint = last_checkpoint(folder)
    arguments = training_arguments(
        folder,
        max_steps=steps,
        per_device_train_batch_size=profile.scratch_batch_size,
        learning_rate=profile.scratch_learning_rate,
        lr_scheduler_type="linear",
        adam_beta2=options.beta2,
        logging_steps=max(1, steps // 100),
        eval_strategy="steps",
        eval_steps=every,
        eval_on_start=checkpoint is None,
        save_steps=options.save_steps or steps,
        bf16=options.bfloat16,
        seed=profile.seed,
        disable_tqdm=True,
    )
    seconds = Seconds(folder)
    samples = KeptSamples(folder, prompts, strategy="top-k", temperature=0.8, seed=0)
    small = SmallCheckpoints(folder, {round(steps * share) for share in SHARES})
    trainer = make_trainer(
        model,
        tokenizer,
        arguments,
        train,
        held_out,
        callbacks=[seconds, samples] + ([small] if options.replay else []),
    )
    if options.optimizer == "muon":
        trainer.optimizer = muon(model)
        warmup = arguments.get_warmup_steps(steps)
        trainer.lr_scheduler = get_scheduler("linear", trainer.optimizer, warmup, steps)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    result = {
        "perplexity": round(perplexity(model, held_out), 2),
        "cpu_seconds": round(seconds.so_far, 1),
        "parameters": model.num_parameters(),
        "steps": steps,
        "tokens": trainer.state.num_input_tokens_seen,
        "curve": [
            (row["step"], round(math.exp(row["eval_loss"]), 1))
            for row in trainer.state.log_history
            if "eval_loss" in row
        ],
    }
    write_text(folder / "result.json", json.dumps(result | {"options": vars(options)}))
    if options.replay:
        text = train.with_format("numpy")["input_ids"][:].ravel()  # (tokens,)
        counted = CountingModel.fit(text, len(tokenizer), order=5)
        facts = {
            "title": "A longer run of lesson 05's recipe",
            "device": "one CPU thread" + (", bfloat16" if options.bfloat16 else ""),
            "versions": runtime.versions(),
            "parameters": result["parameters"],
            "layers": model.config.n_layer,
            "optimizer": options.optimizer,
            "data": {profile.sources["language"]: result["tokens"]},
            "epochs": round(result["tokens"] / (len(train) * profile.block_size), 2),
            "steps": steps,
            "cpu_seconds": result["cpu_seconds"],
            "perplexity": result["perplexity"],
            "opponents": baseline_losses(counted, held_out),
        }
        save_replay(options.replay, facts, trainer.state.log_history, samples.rows)
    return result


def main() -> None:
    """Read the options and run."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder of the run")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--block-size", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--beta2", type=float, default=0.99)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--model", help="JSON: fields of GPT2Config to change")
    parser.add_argument("--optimizer", choices=("adamw", "muon"), default="adamw")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--evaluations", type=int, default=8)
    parser.add_argument("--save-steps", type=int)
    parser.add_argument("--replay", help="JSON file to write for lesson 05")
    print(json.dumps(run(parser.parse_args())))


if __name__ == "__main__":
    main()
