"""Make the runs that lesson 11 ships: short trainings, a row each in a JSON lines file.

    python -m scripts.laboratory_runs --lab rate,warmup

A row that is there already is not made again, so the script can be stopped and started.
A run takes 2 to 15 CPU seconds with one thread; `--list` only counts what is left.
"""

import json
import random
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, load_dataset
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, set_seed

from course_utils.data.cleaning import clean
from course_utils.data.quality import damaged, quality_filter
from course_utils.data.sources import _split_by_id, chitchat
from course_utils.data.tokens import pack
from course_utils.lesson.profile import get_profile
from course_utils.lesson.start_lesson import with_data
from course_utils.machine import runtime
from course_utils.model.planner import flops_per_token
from course_utils.training import laboratory
from course_utils.training.muon import muon

SEEDS = (0, 1, 2)
STEPS, BATCH, WIDTH = 200, 8, 64
MEASURED = 64  # blocks of each split
POOL, DIRT, LABELLED = 1000, 0.5, 200  # texts, share of damaged ones, known ones
RATES = (1e-3, 2e-3, 4e-3, 8e-3, 16e-3, 32e-3)
BASE = {
    "learning_rate": 4e-3,
    "warmup_steps": 0.05,
    "lr_scheduler_type": "linear",
    "lr_scheduler_kwargs": None,
    "per_device_train_batch_size": BATCH,
    "max_steps": STEPS,
}
# Of warm-up, stable, decay, Transformers has to be told how long the last one is.
SCHEDULES = {"cosine": None, "warmup_stable_decay": {"num_decay_steps": STEPS // 5}}
# Where the best rate was the last of its list, the list has been made longer.
BATCHES = {2: (2e-3, 4e-3, 8e-3), 32: (4e-3, 8e-3, 16e-3)}
SIZES = {8: (16e-3, 32e-3, 64e-3), 16: (8e-3, 16e-3, 32e-3),
         32: (4e-3, 8e-3, 16e-3, 32e-3), 64: (4e-3, 8e-3, 16e-3),
         128: (2e-3, 4e-3, 8e-3)}  # fmt: skip
LADDER = (32, 64, 128)


def settings() -> Iterator[dict[str, Any]]:
    """Yield every run: all of the first seed, then all of the next."""
    for seed in SEEDS:
        for experiment in EXPERIMENTS:
            for row in experiment():
                yield {"lab": experiment.__name__, **row, "seed": seed}


Settings = Iterator[dict[str, Any]]


def rate() -> Settings:
    """Yield the peak learning rates."""
    yield from ({"learning_rate": one} for one in RATES)


def warmup() -> Settings:
    """Yield runs without a warm-up; those with it are in `rate`."""
    for one in RATES[1:]:
        yield {"warmup_steps": 0, "learning_rate": one}


def schedule() -> Settings:
    """Yield other schedules; the linear ones are in `rate`."""
    for kind, arguments in SCHEDULES.items():
        for one in RATES[1:4]:
            yield {"lr_scheduler_type": kind, "lr_scheduler_kwargs": arguments,
                   "learning_rate": one}  # fmt: skip


def optimizer() -> Settings:
    """Yield Muon's runs; AdamW's are in `rate`."""
    for one in RATES[2:5]:
        yield {"optimizer": "Muon", "learning_rate": one}


def batch() -> Settings:
    """Yield batches at equal tokens; those of 8 are in `rate`."""
    for size, rates in BATCHES.items():
        for one in rates:
            yield {"per_device_train_batch_size": size, "learning_rate": one,
                   "max_steps": STEPS * BATCH // size}  # fmt: skip


def sizes() -> Settings:
    """Yield widths at equal compute, as a share of the base run's."""
    for share in (0.25, 0.5):
        for width, rates in SIZES.items():
            for one in rates:
                yield {"width": width, "compute": share, "learning_rate": one}


def ladder() -> Settings:
    """Yield rates for each width, by the usual rules and by those of muP."""
    for rules in ("usual", "muP"):
        for width in LADDER[rules == "muP" :]:
            for one in RATES:
                yield {"rules": rules, "width": width, "learning_rate": one,
                       "max_steps": 100, "per_device_train_batch_size": 4}  # fmt: skip


def cleaning() -> Settings:
    """Yield real chats as they come, and cleaned."""
    yield from ({"data": data, "max_steps": 100} for data in ("raw", "cleaned"))


def repeats() -> Settings:
    """Yield how often each block is seen, at equal steps."""
    for often in (1, 10, 100):
        yield {"repeats": often, "max_steps": 100}


def packing() -> Settings:
    """Yield short documents in blocks, with and without a mask between them."""
    yield from ({"mask": mask, "max_steps": 100} for mask in ("none", "document"))


def quality() -> Settings:
    """Yield ways to choose from texts of which half are damaged."""
    for data in ("as found", "rules", "classifier", "truth"):
        yield {"data": data, "max_steps": 100}


EXPERIMENTS = (rate, warmup, schedule, optimizer, cleaning, repeats, packing, quality,
               ladder, batch, sizes)  # fmt: skip


class Data:
    """The tiny profile's texts, as each experiment wants them; each is made once."""

    def __init__(self) -> None:
        self.profile = with_data(get_profile("tiny"))
        self.tokenizer = AutoTokenizer.from_pretrained(self.profile.tokenizer)
        self.texts = load_dataset(**self.profile.language)

    @cache  # noqa: B019
    def held_out(self) -> dict[str, Dataset]:
        size = self.profile.block_size
        return {
            split: pack(self.texts[split], self.tokenizer, size).select(range(MEASURED))
            for split in ("validation", "test")
        }

    @cache  # noqa: B019
    def chats(self) -> Dataset:
        return pack(self.texts["train"], self.tokenizer, self.profile.block_size)

    @cache  # noqa: B019
    def documents(self) -> dict[str, Any]:
        end, size = self.tokenizer.eos_token_id, self.profile.block_size
        chats = load_dataset(**self.profile.summaries)
        packed = pack(chats["train"], self.tokenizer, size, column="dialogue")
        ids = np.array(packed["input_ids"][:])
        positions = laboratory.restarting_positions(ids, end)
        masked = packed.add_column("position_ids", list(positions))
        texts = {s: chats[s]["dialogue"][:100] for s in ("validation", "test")}
        tokens = {s: self.tokenizer(t)["input_ids"] for s, t in texts.items()}
        alone = {s: [{"input_ids": [*x, end]} for x in t] for s, t in tokens.items()}
        # After an end, as packed blocks have it; the same tokens are scored.
        later = {
            s: [{"input_ids": [end, *x, end], "labels": [-100, -100, *x[1:], end]}
                for x in t]
            for s, t in tokens.items()
        }  # fmt: skip
        return {"none": (packed, later), "document": (masked, alone)}

    @cache  # noqa: B019
    def pool(self, data: str) -> Dataset:
        rng, chats = random.Random(0), self.texts["train"]["text"][:POOL]
        is_good = [rng.random() > DIRT for _ in chats]
        found = [
            text if good else damaged(text, rng)
            for text, good in zip(chats, is_good, strict=True)
        ]
        texts = Dataset.from_dict({"text": found})
        keep = {"as found": [True] * len(found), "truth": is_good}
        if data == "classifier":
            judge = quality_filter(found[:LABELLED], is_good[:LABELLED])
            keep["classifier"] = list(judge(found) > 0.5)
        if data == "rules":
            texts, _ = clean(texts, threshold=None)
        else:
            texts = texts.select([i for i, good in enumerate(keep[data]) if good])
        return pack(texts, self.tokenizer, self.profile.block_size)

    @cache  # noqa: B019
    def raw(self, data: str) -> Dataset:
        # Split by id, as the cleaned chats are: no held-out chat is among them.
        found = _split_by_id(chitchat())["train"].select(range(1500))
        if data == "cleaned":
            found, _ = clean(found)
        return pack(found, self.tokenizer, self.profile.block_size)


def model_of(profile: Any, width: int) -> GPT2LMHeadModel:
    """Return lesson 05's model in another width, with heads of at most 32."""
    heads = {"n_embd": width, "n_head": max(1, width // 32)}
    return GPT2LMHeadModel(GPT2Config(**profile.scratch_model | heads))


def run(setting: dict[str, Any], data: Data) -> dict[str, Any]:
    """Make one run; return its row."""
    profile, seed = data.profile, setting["seed"]
    arguments = BASE | {k: v for k, v in setting.items() if k in BASE} | {"seed": seed}
    set_seed(seed)
    model = model_of(profile, setting.get("width", WIDTH))
    chats, held_out = data.chats(), data.held_out()
    if setting["lab"] == "sizes":
        unit = flops_per_token(model_of(profile, WIDTH).config, profile.block_size)
        cost = flops_per_token(model.config, profile.block_size)
        arguments["max_steps"] = round(STEPS * setting["compute"] * unit / cost)
        setting |= {"flops": cost * arguments["max_steps"] * BATCH * profile.block_size}
    if setting["lab"] == "repeats":
        seen = arguments["max_steps"] * BATCH
        chats = chats.select(range(seen // setting["repeats"]))
    if setting["lab"] == "quality":
        chats = data.pool(setting["data"])
    if setting["lab"] == "cleaning":
        chats = data.raw(setting["data"])
    if setting["lab"] == "packing":
        documents = data.documents()
        chats, held_out = documents[setting["mask"]]
    own = None
    if setting.get("optimizer") == "Muon":
        own = muon(model, setting["learning_rate"], embedding_rate=4e-3)
    if setting.get("rules") == "muP":
        own = laboratory.mup(model, setting["learning_rate"], base_width=32)
    row = laboratory.short_run(model, chats, held_out, own, **arguments)
    if setting["lab"] == "repeats":
        some = chats.select(range(min(16, len(chats))))
        row["verbatim"] = laboratory.verbatim_share(model, some)
        fresh = held_out["test"].select(range(16))
        row["verbatim_unseen"] = laboratory.verbatim_share(model, fresh)
    del row["runs"]
    facts = {"parameters": model.num_parameters(), "profile": profile.name}
    facts |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
    return setting | rounded | facts


def main() -> None:
    """Make what is missing."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lab", help="experiments, such as rate,warmup; default: all")
    parser.add_argument("--list", action="store_true", help="count what is left")
    parser.add_argument(
        "--out", type=Path, default=laboratory.FOLDER / "training.jsonl"
    )
    options = parser.parse_args()
    runtime.quiet_libraries()
    runtime.keep_freed_memory()
    torch.set_num_threads(1)
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    done = [json.loads(line) for line in lines]
    wanted = [
        setting
        for setting in settings()
        if not options.lab or setting["lab"] in options.lab.split(",")
        if not any(setting.items() <= row.items() for row in done)
    ]
    print(f"{len(wanted)} runs to make")
    if options.list:
        return
    data = Data()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for setting in wanted:
        row = run(dict(setting), data)
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(row["lab"], row["seed"], row["test"], row["cpu_seconds"], flush=True)


if __name__ == "__main__":
    main()
