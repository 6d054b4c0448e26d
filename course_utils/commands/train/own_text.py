"""`course train`: GPT-2 on your own text, compared before and after."""

import json
import math
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.commands.train.run_folder import (
    check_folder,
    claim_folder,
    found_checkpoint,
)
from course_utils.lesson.profile import Profile, get_profile
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.files import content_key, room_to_write, write_text

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import GPT2Config, TrainingArguments

    from course_utils.data.shards import Shards
    from course_utils.model.planner import Plan

Say = Callable[[str], None]

EVAL_TOKENS = 50_000  # enough for a perplexity to within a few per cent
COUNTED = 10_000_000  # tokens: more takes gigabytes, and changes the counts little
LEAK = 0.5  # chats and poems repeat some lines by nature
PROMPTS, PROMPT_CHARACTERS = 3, 40
# Presets that share their name with weights on the Hub.
HUB_NAMES = {
    name: f"openai-community/{name}"
    for name in ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl")
}


@dataclass(frozen=True)
class Options:
    """What `course train` was asked to do.

    Attributes:
        train: path of the training text, a data set on the Hub, or a folder that
            `course prepare` has written.
        eval: the same for evaluation; None keeps a tenth of the training text.
        profile: "tiny", "colab", "full", or None for the best here.
        model: a preset, a shipped model, a folder or a Hub id; None means the profile's
            configuration with random weights.
        from_scratch: take the model's configuration only.
        out: the run's folder.
        resume: continue an interrupted run in `out`.
        strict: never fall back to the tiny profile.
        steps: optimizer steps; None means the profile's number.
        epochs: passes over the text, instead of steps.
        block_size: tokens of a block; None means the profile's number.
        column: what holds the text, in all but text files; None means "text".
        fields: of TrainingArguments, which win over the course's own.
    """

    train: str
    out: str
    eval: str | None = None
    profile: str | None = None
    model: str | None = None
    from_scratch: bool = False
    resume: bool = False
    strict: bool = False
    steps: int | None = None
    epochs: float | None = None
    block_size: int | None = None
    column: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """A model with its tokenizer, and both texts as blocks of its tokens."""

    model: Any
    tokenizer: Any
    train: "Dataset"
    eval: "Dataset"
    prompts: list[str]

    @property
    def block_size(self) -> int:
        """The tokens in a block."""
        return len(self.train[0]["input_ids"])

    def continuations(self) -> list[str]:
        """Return a sampled continuation of each prompt, the same for the same model."""
        from course_utils.evaluation.generation import generate

        # Greedy text of a small model falls into loops and shows little.
        return generate(
            self.model,
            self.tokenizer,
            self.prompts,
            strategy="top-p",
            seed=0,
            progress=False,
        )

    def perplexity(self) -> float:
        """Return the model's perplexity on the evaluation blocks."""
        from course_utils.evaluation.perplexity import perplexity

        return perplexity(self.model, self.eval)

    def counting(self) -> dict[str, float]:
        """Return the losses of models that only count the training text, in nats."""
        from course_utils.evaluation.counting import CountingModel, baseline_losses

        size = len(self.tokenizer)
        counted = self.train.select(
            range(min(len(self.train), COUNTED // self.block_size))
        )
        tokens = counted.with_format("numpy")["input_ids"][:]
        # The blocks are one text that was cut: n-grams may reach over the cuts.
        model = CountingModel.fit(tokens.ravel(), size)
        return baseline_losses(model, self.eval, ("unigram", "bigram", "5-gram"))

    def bits_per_byte(self, loss: float) -> float:
        """Return a loss on the evaluation blocks, in nats, as bits per byte."""
        from course_utils.evaluation.counting import bytes_per_token

        return loss / math.log(2) / bytes_per_token(self.eval, self.tokenizer)


def train_on_text(options: Options, say: Say = print) -> dict[str, Any]:
    """Train on a text file; write the model, loss.png and report.json to `options.out`.

    Args:
        options: what to do.
        say: the function that shows a line of progress.

    Returns:
        perplexity_before, perplexity_after, tokens, seconds, tokens_per_second,
        predicted_seconds, predicted_memory_gb, memory_gb (the most that was allocated
        on the GPU; without one, the most that the whole process held, libraries
        included), model_dir, samples, facts of the data,
        bits_per_byte_after, and counting: {"unigram": {"perplexity",
        "bits_per_byte"}, "bigram": ..., "5-gram": ...}, of models that only count the
        training text (its first 10 million tokens), on the same evaluation blocks.

    Raises:
        CourseError: bad input, or a folder that holds another run.
    """
    for name in filter(None, (options.train, options.eval)):
        if not (is_hub_id(name) or os.path.exists(name)):
            # Said before the libraries are loaded, which takes seconds.
            raise CourseError(f"no such file: {name}. Check the path.")

    from transformers import set_seed

    from course_utils.data.shards import is_prepared
    from course_utils.model.planner import process_memory
    from course_utils.training.tracking import keep_going, use_wandb
    from course_utils.training.trainer import Samples, StopAtNaN, make_trainer, train

    runtime.quiet_libraries()
    profile = get_profile(options.profile, strict=options.strict)
    shards = _shards(options) if is_prepared(options.train) else None
    texts = (
        read_texts(options.train, options.eval, say, options.column)
        if shards is None
        else {}
    )
    out = Path(options.out)
    recipe = _recipe(out, profile, options)
    runtime.set_threads()
    runtime.keep_freed_memory()
    set_seed(recipe["seed"])
    if shards is None:
        material = prepare(texts, profile, options)
    else:
        material = from_shards(shards, profile, options)
    content = texts if shards is None else shards.index["checksums"]
    wanted = asdict(options) | {"profile": profile.name}
    for name in ("train", "eval", "out", "resume", "strict"):
        del wanted[name]
    key = content_key(wanted, content)
    check_folder(out, key, options.resume, wanted)
    if options.resume and (out / "report.json").exists():
        say(f"the run in {out} is finished: this is its report")
        return json.loads((out / "report.json").read_text(encoding="utf-8"))
    _describe(material, profile, options, say)
    arguments = _arguments(out, material, recipe, options)
    steps = arguments.max_steps
    held = runtime.held_memory()
    planned = predicted_cost(material, arguments)
    memory = planned.memory["peak"]
    if material.model.device.type == "cpu":
        memory = process_memory(planned.memory, held)
    predicted = planned.seconds * (1 + evaluation_share(material, arguments))
    say(
        f"predicted: {predicted:,.0f} s for {steps} steps at "
        f"{planned.tokens_per_second:,.0f} tokens/s, "
        f"{memory / 1e9:.2f} GB at its peak"
    )

    def measured() -> dict[str, Any]:
        return {"perplexity": material.perplexity(), "texts": material.continuations()}

    before = measured()
    claim_folder(out, key, wanted)
    use_wandb(folder=os.environ.get("WANDB_DIR") or out)
    trainer = make_trainer(
        material.model,
        material.tokenizer,
        arguments,
        material.train,
        material.eval,
        callbacks=[StopAtNaN(), Samples(material.prompts)],
    )
    keep_going(trainer, say)
    start = time.perf_counter()
    with room_to_write(out):
        train(trainer, found_checkpoint(out, options.resume, say), say)
    seconds = time.perf_counter() - start
    if not trainer.is_world_process_zero():
        return {}
    after = measured()
    if not after["perplexity"] < before["perplexity"]:
        say("warning: training has made the model worse: lower --learning-rate.")
    report = {
        "perplexity_before": before["perplexity"],
        "perplexity_after": after["perplexity"],
        "tokens": trainer.state.num_input_tokens_seen,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(_speed(trainer.state.log_history)),
        "predicted_seconds": round(predicted, 1),
        "predicted_memory_gb": round(memory / 1e9, 3),
        "memory_gb": _held_gb(),
        "model_dir": str(out / "model"),
        "samples": [
            {"prompt": prompt, "before": old, "after": new}
            for prompt, old, new in zip(
                material.prompts, before["texts"], after["texts"], strict=True
            )
        ],
        "profile": profile.name,
        "parameters": material.model.num_parameters(),
        "steps": steps,
        "processes": trainer.args.world_size,
        "train_tokens": len(material.train) * material.block_size,
        "eval_tokens": len(material.eval) * material.block_size,
    }
    # Last, since it takes memory that is not the training's.
    losses = material.counting()
    report["bits_per_byte_after"] = material.bits_per_byte(
        math.log(after["perplexity"])
    )
    report["counting"] = {
        name: {
            "perplexity": math.exp(loss),
            "bits_per_byte": material.bits_per_byte(loss),
        }
        for name, loss in losses.items()
    }
    with room_to_write(out):
        _keep(out, material, trainer.state.log_history, losses, report, say)
    return report


def read_texts(
    train: str, evaluation: str | None, say: Say, column: str | None = None
) -> dict[str, list[str]]:
    """Return the documents of both texts; warn when they are largely the same.

    Each is a file of text, JSONL, CSV or Parquet, or a data set on the Hub
    ("owner/name:configuration"), whose validation split is for evaluation. Without an
    evaluation text, the last tenth of the training text is kept apart.

    Raises:
        CourseError: a file that cannot be read, no such column, an unknown data set, or
            a text too short to split.
    """
    texts = {"train": _documents(train, "train", column)}
    if evaluation is not None:
        texts["eval"] = _documents(evaluation, "validation", column)
        known = len(set(texts["train"]).intersection(texts["eval"]))
        share = known / len(set(texts["eval"]))
        if share > LEAK:
            say(
                f"warning: {share:.0%} of the evaluation text is in the training text: "
                "a leak, and the perplexity will flatter the model."
            )
        return texts
    whole = texts["train"]
    kept = max(1, len(whole) // 10)
    if len(whole) < 2:
        raise CourseError(
            f"{train} is one single paragraph, so no part of it can be kept apart: "
            "give --eval, or break the text into lines."
        )
    return {"train": whole[:-kept], "eval": whole[-kept:]}


def is_hub_id(name: str) -> bool:
    """Return whether this is a data set's name on the Hub, by its looks."""
    pattern = r"[\w-]+/[\w.-]+(:[\w.-]+)?"
    return bool(re.fullmatch(pattern, name)) and not name.endswith(".txt")


def _documents(name: str, split: str, column: str | None) -> list[str]:
    from course_utils.data.parts import table_documents
    from course_utils.data.sources import hub_text, text_file

    if (rows := table_documents(name, column)) is not None:
        return rows
    if is_hub_id(name) and not os.path.exists(name):
        return hub_text(name, split, column or "text")["text"][:]
    return text_file(name)["text"][:]


def prepare(
    texts: dict[str, list[str]], profile: Profile, options: Options
) -> Material:
    """Load or make the model, and cut both texts into blocks of its tokens.

    Raises:
        CourseError: no such model, or too little text for one block.
    """
    from transformers import GPT2LMHeadModel

    from course_utils.data.tokens import blocks, gpt2_tokenizer, token_ids, train_bpe
    from course_utils.model.gpt2 import load

    if options.model:
        model, tokenizer = load(options.model, from_scratch=options.from_scratch)
    else:
        vocab_size = profile.scratch_model["vocab_size"]
        # A small vocabulary is learnt from your text; GPT-2's own is a given.
        is_tiny = profile.name == "tiny"
        tokenizer = train_bpe(texts["train"], vocab_size) if is_tiny else None
        tokenizer = tokenizer or gpt2_tokenizer()
        model = GPT2LMHeadModel(_scratch_config(profile.scratch_model, options))
    block_size = _block_size(model, profile, options)
    packed = {}
    for split, documents in texts.items():
        ids = token_ids(documents, tokenizer)
        if len(ids) < block_size:
            raise CourseError(
                f"the {split} text has {len(ids)} tokens, too few for one block of "
                f"{block_size}: give more text."
            )
        packed[split] = blocks(ids, block_size)
    shown = [document[:PROMPT_CHARACTERS] for document in texts["eval"]]
    shown = [text.rsplit(" ", 1)[0] for text in shown if len(text) > 10] or shown
    return _material(model, tokenizer, packed["train"], packed["eval"], shown)


def _material(
    model: Any,
    tokenizer: Any,
    train: "Dataset",
    evaluation: "Dataset",
    prompts: list[str],
) -> Material:
    limit = max(1, EVAL_TOKENS // len(evaluation[0]["input_ids"]))
    return Material(
        model=model.to(runtime.device()),
        tokenizer=tokenizer,
        train=train,
        eval=evaluation.select(range(min(limit, len(evaluation)))),
        prompts=prompts[:PROMPTS],
    )


def _shards(options: Options) -> "Shards":
    """Return the shards to train on, once every file is known to be whole."""
    from course_utils.data.shards import open_shards

    if options.eval is not None:
        raise CourseError(
            f"{options.train} holds its own text to validate on: leave out --eval."
        )
    if options.column is not None:
        raise CourseError(f"{options.train} holds token ids: leave out --column.")
    shards = open_shards(options.train)
    shards.check()
    return shards


def from_shards(shards: "Shards", profile: Profile, options: Options) -> Material:
    """Load or make the model, and open both splits of the shards on disk.

    Raises:
        CourseError: no such model, one with another tokenizer than the shards', or too
            little text for one block.
    """
    from transformers import GPT2LMHeadModel

    from course_utils.model.gpt2 import load

    tokenizer = shards.tokenizer()
    if options.model:
        model, own = load(options.model, from_scratch=options.from_scratch)
        if own.get_vocab() != tokenizer.get_vocab():
            raise CourseError(
                f"the shards in {options.train} are of another tokenizer than that of "
                f"{options.model}: prepare them with its --tokenizer."
            )
    else:
        end = tokenizer.eos_token_id
        sizes = {"vocab_size": shards.index["vocab_size"]}
        sizes |= {"bos_token_id": end, "eos_token_id": end}
        model = GPT2LMHeadModel(_scratch_config(profile.model | sizes, options))
    block_size = _block_size(model, profile, options)
    evaluation = shards.blocks("validation", block_size)
    start = tokenizer.decode(
        [token for row in evaluation[:8]["input_ids"] for token in row]
    )
    shown = [text[:PROMPT_CHARACTERS] for text in start.split(tokenizer.eos_token)]
    shown = [text.rsplit(" ", 1)[0] for text in shown if len(text) > 10]
    return _material(
        model, tokenizer, shards.blocks("train", block_size), evaluation, shown
    )


def _scratch_config(sizes: dict[str, Any], options: Options) -> "GPT2Config":
    """Return the configuration of a start from scratch, with room for a block."""
    from transformers import GPT2Config

    room = max(sizes["n_positions"], options.block_size or 0)
    return GPT2Config(**sizes | {"n_positions": room})


def _block_size(model: Any, profile: Profile, options: Options) -> int:
    positions = model.config.n_positions
    if options.block_size and options.block_size > positions:
        raise CourseError(
            f"--block-size {options.block_size} is more than the {positions} positions "
            f"of {options.model}."
        )
    return options.block_size or min(profile.block_size, positions)


def predicted_cost(material: Material, arguments: "TrainingArguments") -> "Plan":
    """Predict the training's cost, from a short trial of the same configuration."""
    from course_utils.model.planner import plan

    flags = {"bf16": arguments.bf16, "fp16": arguments.fp16}
    return plan(
        material.model.config,
        batch_size=arguments.per_device_train_batch_size,
        block_size=material.block_size,
        steps=arguments.max_steps,
        accumulation=arguments.gradient_accumulation_steps,
        precision=runtime.precision_name(flags),
    )


def evaluation_share(material: Material, arguments: "TrainingArguments") -> float:
    """Return the time of the run's evaluations, as a share of its training's."""
    if arguments.eval_strategy != "steps":
        return 0.0
    steps = arguments.max_steps
    rows = arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps
    evaluations = steps // max(1, int(arguments.eval_steps))
    # Forward only: a third of a training pass.
    return evaluations * len(material.eval) / (steps * rows) / 3


def _is_finetuning(options: Options) -> bool:
    from course_utils.model.gpt2 import PRESETS

    return bool(options.model) and not (
        options.from_scratch or options.model in PRESETS
    )


def _recipe(out: Path, profile: Profile, options: Options) -> dict[str, Any]:
    """Return the fields of TrainingArguments, those of the user last."""
    recipe: dict[str, Any] = {
        "per_device_train_batch_size": profile.scratch_batch_size,
        "learning_rate": profile.scratch_learning_rate,
        "lr_scheduler_type": "linear",
        "adam_beta2": 0.99,  # small batches: a longer memory
    }
    if _is_finetuning(options):
        recipe = {
            "per_device_train_batch_size": profile.batch_size,
            "learning_rate": profile.adapt_learning_rate,
        }
    recipe |= {
        "max_steps": profile.finetune_steps
        if _is_finetuning(options)
        else profile.train_steps,
        "gradient_accumulation_steps": profile.accumulation,
        "seed": profile.seed,
        "report_to": "wandb",
        # wandb names its artifacts after the run, and takes no spaces there.
        "run_name": os.environ.get("WANDB_NAME")
        or re.sub(r"[^\w.-]+", "-", f"train-{out.name}"),
        **profile.precision,
        **options.fields,
    }
    if options.steps:
        recipe["max_steps"] = options.steps
    elif options.epochs:
        recipe |= {"max_steps": -1, "num_train_epochs": options.epochs}
    elif "num_train_epochs" in options.fields and "max_steps" not in options.fields:
        recipe["max_steps"] = -1
    return recipe


def _arguments(
    out: Path, material: Material, recipe: dict[str, Any], options: Options
) -> "TrainingArguments":
    """Return the run's arguments; epochs are counted in steps.

    Raises:
        CourseError: values that do not go together, or not on this machine.
    """
    from transformers.integrations import get_reporting_integration_callbacks

    from course_utils.training.trainer import training_arguments

    def made(**fields: Any) -> "TrainingArguments":
        try:
            arguments = training_arguments(out, **recipe | fields)
            for tracker in get_reporting_integration_callbacks(arguments.report_to):
                tracker()  # one that is missing says so
            return arguments
        except (ValueError, ImportError, RuntimeError) as error:
            line = " ".join(str(error).split())[:300]
            raise CourseError(f"these settings cannot be used: {line}") from error

    steps = recipe["max_steps"]
    if steps < 1:
        first = made()
        batches = math.ceil(len(material.train) / first.train_batch_size)
        passes = first.gradient_accumulation_steps * first.world_size
        steps = math.ceil(math.ceil(batches / passes) * first.num_train_epochs)
    every = max(1, steps // 8)
    usual = {
        "max_steps": steps,
        "eval_strategy": "steps",
        "eval_steps": every,
        "save_steps": every,
        "logging_steps": max(1, steps // 100),
    }
    given = options.fields.keys() - {"max_steps"}
    return made(**{name: usual[name] for name in usual if name not in given})


def _describe(material: Material, profile: Profile, options: Options, say: Say) -> None:
    size = material.block_size
    parameters = material.model.num_parameters()
    pretrained = _is_finetuning(options)
    say(
        f"profile {profile.name}: {parameters:,} parameters, "
        f"{'pretrained' if pretrained else 'random'} weights, "
        f"vocabulary {len(material.tokenizer):,}, on {material.model.device}"
    )
    if options.model in HUB_NAMES and not options.from_scratch:
        say(
            f"{options.model} is a size here. OpenAI's pretrained weights: "
            f"--model {HUB_NAMES[options.model]}"
        )
    for split in ("train", "eval"):
        count = len(getattr(material, split))
        say(f"{split}: {count:,} blocks of {size} = {count * size:,} tokens")


def _held_gb() -> float | None:
    import torch

    from course_utils.lesson.stopwatch import peak_memory

    on_gpu = runtime.device().type == "cuda"
    held = torch.cuda.max_memory_allocated() if on_gpu else peak_memory()
    return held and round(held / 1e9, 3)


def _speed(log_history: list[dict]) -> float:
    """Return the last logged tokens per second; a resumed run counts from its start."""
    key = "train_tokens_per_second"
    found = [row[key] for row in log_history if key in row]
    return found[-1] if found else 0.0


def _keep(
    out: Path,
    material: Material,
    log_history: list[dict],
    baselines: dict[str, float],
    report: dict[str, Any],
    say: Say = print,
) -> None:
    """Write the results, then drop the checkpoints that they replace."""
    import wandb

    from course_utils.evaluation.plots import loss_curve
    from course_utils.training.tracking import failures_told
    from course_utils.training.trainer import save_model

    save_model(material.model, material.tokenizer, out / "model")
    loss_curve(log_history, baselines=baselines).savefig(out / "loss.png")
    write_text(out / "report.json", json.dumps(report, indent=2))
    if wandb.run is not None:
        numbers = {k: v for k, v in report.items() if isinstance(v, int | float)}
        with failures_told(say):
            wandb.run.summary.update(numbers)
            wandb.finish()
    for folder in out.glob("checkpoint-*"):
        shutil.rmtree(folder, ignore_errors=True)
