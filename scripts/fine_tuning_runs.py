"""Make the runs that the fine-tuning laboratory ships: a row a run, as JSON lines.

    OMP_NUM_THREADS=1 nice -n 10 python -m scripts.fine_tuning_runs --out runs.jsonl

A run is a fine-tuning of the tiny profile, of an eighth of lesson 07's pairs. Rates are
chosen first, with one seed, on chats that nothing else is measured on: the lowest one
within two points of the best ROUGE-1. Rows that the file holds already are not made
again, so a run that was stopped goes on.
"""

import json
import time
from argparse import ArgumentParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset
from transformers import AutoTokenizer, set_seed

from course_utils.data.handwritten import development_chats
from course_utils.data.people import with_placeholders
from course_utils.data.summaries import encode_summaries
from course_utils.data.tokens import pack
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.perplexity import perplexity
from course_utils.evaluation.summary_scores import summary_scores
from course_utils.lesson.profile import get_profile
from course_utils.lesson.start_lesson import with_data
from course_utils.lesson.summariser import finetune
from course_utils.machine import runtime
from course_utils.machine.files import write_text
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import load

SEEDS = range(3)
SIZES = (50, 200, 1000, ALL := 6000)
RANKS = (1, 8, 64)
# The rates that are tried for each way to train; the best one serves all its seeds.
RATES = {
    "all": (1e-3, 2e-3, 4e-3),
    "familiar": (1e-3, 2e-3, 4e-3),
    "scratch": (2e-3, 4e-3, 8e-3),
    "last": (2e-3, 4e-3),
    "lora": (3e-3, 1e-2, 3e-2),
}
BY_SIZE = ("all", "familiar")  # the ways that have another rate for few pairs
DEFAULTS = {
    "method": "all",
    "pairs": ALL,
    "rank": 0,
    "mask": True,
    "embeddings": True,
    "seed": 0,
}
CHOOSING, MEASURING = range(80), range(80, 160)  # chats of the validation split
NEAR = 2.0  # points of ROUGE-1

SHIPPED = ASSETS / "laboratory" / "fine_tuning.json"

profile = with_data(get_profile("tiny"))
steps = profile.finetune_steps // 4
batch_size = profile.batch_size // 2
tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
chats = load_dataset(**profile.summaries)


def prepared(method: str, rank: int, embeddings: bool) -> Any:
    """Return the model before its run, with what stays as it is frozen.

    `familiar` trains all weights too, of the base that has read TinyChats before.
    """
    start = "tiny-familiar" if method == "familiar" else profile.pretrained
    model, _ = load(start, from_scratch=method == "scratch")
    if method == "last":
        model.requires_grad_(False)
        for part in (*model.transformer.h[-2:], model.transformer.ln_f):
            part.requires_grad_(True)
    if method == "lora":
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=rank,
            lora_alpha=16,
            target_modules=["c_attn", "c_proj", "c_fc"],
            fan_in_fan_out=True,
            task_type="CAUSAL_LM",
        )
        model = get_peft_model(model, config)
    if not embeddings:
        model.transformer.wte.requires_grad_(False)
    return model


def scores(model: Any, rows: Dataset) -> dict[str, float]:
    """Return ROUGE-1 and the share of right people, 0 to 100, and the perplexity."""
    texts = summarise(model, tokenizer, rows["dialogue"], progress=False)
    found = summary_scores(texts, rows)
    encoded, _ = encode_summaries(with_placeholders(rows), tokenizer, 256)
    return {
        "rouge1": round(found["rouge1"], 2),
        "people": round(found["names"], 1),
        "perplexity": round(perplexity(model, encoded), 4),
    }


def run(settings: dict[str, Any], is_trial: bool) -> dict[str, Any]:
    """Train and measure one row; a trial is to choose a rate."""
    began = time.process_time()
    set_seed(settings["seed"])
    model = prepared(settings["method"], settings["rank"], settings["embeddings"])
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    finetune(
        model,
        tokenizer,
        chats["train"].shuffle(seed=settings["seed"]).select(range(settings["pairs"])),
        steps=steps,
        learning_rate=settings["learning_rate"],
        batch_size=batch_size,
        seed=settings["seed"],
        people=True,
        mask=settings["mask"],
    )
    seconds = time.process_time() - began
    if settings["method"] == "lora":
        model = model.merge_and_unload()
    model.eval()
    validation = chats["validation"]
    result = {
        "trainable": trainable,
        "choosing": scores(model, validation.select(CHOOSING)) if is_trial else None,
        "tinychats": scores(model, validation.select(MEASURING)),
        "elsewhere": scores(model, development_chats().select(range(80))),
        "own_text": round(perplexity(model, own_text()), 2),
    }
    return settings | {"steps": steps, "batch_size": batch_size} | result | {
        "train_seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def own_text() -> Dataset:
    """Return 64 blocks of a kind of text that the base was trained on."""
    documents = load_dataset(**profile.language)["validation"]
    return pack(documents, tokenizer, profile.block_size).select(range(64))


def choose(done: list[dict], rates: tuple[float, ...], **settings: Any) -> float:
    """Return the lowest rate that is near the best ROUGE-1 on the choosing chats."""
    found = {
        row["learning_rate"]: row["choosing"]["rouge1"]
        for row in done
        if _is_run(row, settings) and row["choosing"]
    }
    return min(rate for rate in rates if found[rate] >= max(found.values()) - NEAR)


def ship(done: list[dict]) -> None:
    """Write the rows as the laboratory reads them; `kept` are those of chosen rates."""
    few = {way: choose(done, RATES[way], **trial(way, 200)) for way in BY_SIZE}
    rates = {method: choose(done, RATES[method], **trial(method)) for method in RATES}
    rows = []
    for row in done:
        is_few = row["method"] in BY_SIZE and row["pairs"] <= 200
        rate = (few if is_few else rates)[row["method"]]
        row = row | {"kept": row["learning_rate"] == rate}
        row["known"] = row.pop("tinychats")
        rows.append({name: row[name] for name in row if name != "versions"})
    shipped = {
        "made_by": "python -m scripts.fine_tuning_runs",
        "profile": "tiny",
        "versions": done[-1]["versions"] | {"peft": version("peft")},
        "cpu_seconds": round(sum(row["cpu_seconds"] for row in rows)),
        "rows": rows,
    }
    write_text(SHIPPED, json.dumps(shipped, indent=1))


def trial(method: str, pairs: int = ALL) -> dict[str, Any]:
    """Return the settings of the runs that a method's rate is chosen by."""
    rank = 8 if method == "lora" else 0
    return DEFAULTS | {"method": method, "pairs": pairs, "rank": rank}


def _is_run(row: dict, settings: dict) -> bool:
    return all(row[name] == value for name, value in settings.items())


def main() -> None:
    """Make the rows that are missing, the rates' first."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--ship", action="store_true", help="write the asset, train none"
    )
    arguments = parser.parse_args()
    path = arguments.out
    runtime.quiet_libraries()
    runtime.set_threads()
    lines = path.read_text().splitlines() if path.exists() else []
    done = [json.loads(line) for line in lines]
    if arguments.ship:
        ship(done)
        return

    def make(is_trial: bool = False, **settings: Any) -> None:
        settings = DEFAULTS | settings
        if any(_is_run(row, settings) for row in done):
            return
        done.append(run(settings, is_trial) | {"versions": runtime.versions()})
        with path.open("a") as file:
            file.write(json.dumps(done[-1]) + "\n")
        print(json.dumps(done[-1]), flush=True)

    def best(method: str, pairs: int = ALL) -> float:
        settings = trial(method, pairs)
        for rate in RATES[method]:
            make(True, **settings, learning_rate=rate)
        return choose(done, RATES[method], **settings)

    few = {way: best(way, pairs=200) for way in BY_SIZE}
    rates = {method: best(method) for method in ("all", "familiar", "scratch", "lora")}
    for seed in SEEDS:
        make(seed=seed, learning_rate=rates["all"])
        make(seed=seed, mask=False, learning_rate=rates["all"])
        make(seed=seed, embeddings=False, learning_rate=rates["all"])
        make(seed=seed, method="lora", rank=8, learning_rate=rates["lora"])
    rates["last"] = best("last")
    for seed in SEEDS:
        for pairs in SIZES:
            for way in BY_SIZE:
                rate = (few if pairs <= 200 else rates)[way]
                make(seed=seed, method=way, pairs=pairs, learning_rate=rate)
            rate = rates["scratch"]
            make(seed=seed, method="scratch", pairs=pairs, learning_rate=rate)
        make(seed=seed, method="last", learning_rate=rates["last"])
        for rank in RANKS:
            make(seed=seed, method="lora", rank=rank, learning_rate=rates["lora"])


if __name__ == "__main__":
    main()
