"""Make the runs that the fine-tuning laboratory ships: a row a run, as JSON lines.

    OMP_NUM_THREADS=1 nice -n 10 python -m scripts.fine_tuning_runs --out runs.jsonl

A run is a fine-tuning of the tiny profile, a quarter as long as lesson 07's. Rates are
chosen first, with one seed, on chats that nothing else is measured on. Rows that the
file holds already are not made again, so a run that was stopped goes on.
"""

import json
import time
from argparse import ArgumentParser
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
from course_utils.model.gpt2 import load

SEEDS = range(3)
SIZES = (50, 200, 1000, ALL := 6000)
RANKS = (1, 8, 64)
# The rates that are tried for each way to train; the best one serves all its seeds.
RATES = {
    "all": (1e-3, 2e-3, 4e-3),
    "scratch": (2e-3, 4e-3, 8e-3),
    "last": (2e-3, 4e-3, 8e-3),
    "lora": (3e-3, 1e-2, 3e-2),
}
DEFAULTS = {
    "method": "all",
    "pairs": ALL,
    "rank": 0,
    "mask": True,
    "embeddings": True,
    "seed": 0,
}
CHOOSING, MEASURING = range(60), range(60, 160)  # chats of the validation split

profile = with_data(get_profile("tiny"))
steps = profile.finetune_steps // 4
tokenizer = AutoTokenizer.from_pretrained(profile.pretrained)
chats = load_dataset(**profile.summaries)


def prepared(method: str, rank: int, embeddings: bool) -> Any:
    """Return the model before its run, with what stays as it is frozen."""
    model, _ = load(profile.pretrained, from_scratch=method == "scratch")
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


def run(settings: dict[str, Any]) -> dict[str, Any]:
    """Train and measure one row."""
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
        batch_size=profile.batch_size,
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
        "choosing": scores(model, validation.select(CHOOSING)),
        "tinychats": scores(model, validation.select(MEASURING)),
        "elsewhere": scores(model, development_chats().select(range(100))),
        "own_text": round(perplexity(model, own_text()), 2),
    }
    return settings | {"steps": steps} | result | {
        "train_seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def own_text() -> Dataset:
    """Return 64 blocks of a kind of text that the base was trained on."""
    documents = load_dataset(**profile.language)["validation"]
    return pack(documents, tokenizer, profile.block_size).select(range(64))


def choose(done: list[dict], rates: tuple[float, ...], **settings: Any) -> float:
    """Return the rate with the best ROUGE-1 on the choosing chats, with seed 0."""
    rows = {row["learning_rate"]: row for row in done if _is_run(row, settings)}
    return max(rates, key=lambda rate: rows[rate]["choosing"]["rouge1"])


def _is_run(row: dict, settings: dict) -> bool:
    return all(row[name] == value for name, value in settings.items())


def main() -> None:
    """Make the rows that are missing, the rates' first."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    path = parser.parse_args().out
    runtime.quiet_libraries()
    runtime.set_threads()
    lines = path.read_text().splitlines() if path.exists() else []
    done = [json.loads(line) for line in lines]

    def make(**settings: Any) -> None:
        settings = DEFAULTS | settings
        if any(_is_run(row, settings) for row in done):
            return
        done.append(run(settings) | {"versions": runtime.versions()})
        with path.open("a") as file:
            file.write(json.dumps(done[-1]) + "\n")
        print(json.dumps(done[-1]), flush=True)

    def best(method: str, pairs: int = ALL, rank: int = 0) -> float:
        settings = DEFAULTS | {"method": method, "pairs": pairs, "rank": rank}
        for rate in RATES[method]:
            make(**settings, learning_rate=rate)
        return choose(done, RATES[method], **settings)

    few = {method: best(method, pairs=200) for method in ("all", "scratch")}
    many = {method: best(method) for method in ("all", "scratch", "last")}
    many["lora"] = best("lora", rank=8)
    for seed in SEEDS:
        for method in ("all", "scratch"):
            for pairs in SIZES:
                rate = few[method] if pairs <= 200 else many[method]
                make(seed=seed, method=method, pairs=pairs, learning_rate=rate)
        for rank in RANKS:
            make(seed=seed, method="lora", rank=rank, learning_rate=many["lora"])
        make(seed=seed, method="last", learning_rate=many["last"])
        make(seed=seed, mask=False, learning_rate=many["all"])
        make(seed=seed, embeddings=False, learning_rate=many["all"])


if __name__ == "__main__":
    main()
