"""Pretrain the tiny base: GPT-2 of a million parameters, from nothing.

    python -m scripts.pretrain_base --out course_utils/assets/tiny-base

The corpus is endless (`pretraining_corpus.py`), so no document is seen twice and the
budget is a number of tokens. One document is one row, from position 0, and rows of
like length share a batch. The corpus gets harder as the budget is used: first short
echoes, on which a model learns to copy soonest, then games of who said what.

A run that was stopped goes on from its last checkpoint when started again.
"""

import math
import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoTokenizer, GPT2LMHeadModel, logging, set_seed

from course_utils.data.chats import chat
from course_utils.evaluation.perplexity import evaluating, perplexity
from course_utils.machine import runtime
from course_utils.machine.files import atomic_path, content_key, write_text
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import preset
from course_utils.training.trainer import save_model
from scripts.pretraining_corpus import lesson, real_pieces, report

PART = 512  # documents made at a time
MAX_TOKENS = 200  # of a document
BATCH_TOKENS = 1024  # small batches: many steps matter more than even ones
SAVE_EVERY = 10  # parts
HEADING = """\
| tokens | minutes | loss | copied % | speakers % | perplexity of real chats |
|---|---|---|---|---|---|"""


def initial_model(**shape: int) -> GPT2LMHeadModel:
    """Return the tiny GPT-2, or one of another shape, its weights drawn for its size.

    GPT-2's standard deviation of 0.02 suits 768 dimensions. Here a matrix keeps the
    size of what it reads (1 / sqrt(inputs), less where it adds to the residual), and
    positions start as waves, from which "the token after" is easy to learn.
    """
    model = GPT2LMHeadModel(preset("tiny", **shape))
    width = model.config.n_embd
    with torch.no_grad():
        place = torch.arange(model.config.n_positions)[:, None]
        speed = torch.exp(-math.log(1000) * torch.arange(0, width, 2) / width)
        model.transformer.wpe.weight[:, 0::2] = 0.1 * torch.sin(place * speed)
        model.transformer.wpe.weight[:, 1::2] = 0.1 * torch.cos(place * speed)
        model.transformer.wte.weight.normal_(0, 0.1)
        for block in model.transformer.h:
            for layer in (block.attn.c_attn, block.mlp.c_fc):
                layer.weight.normal_(0, layer.weight.shape[0] ** -0.5)
            for layer in (block.attn.c_proj, block.mlp.c_proj):
                layer.weight.normal_(0, 0.35 * layer.weight.shape[0] ** -0.5)
    return model


def texts_of_part(rng: random.Random, real: list[str], done: float) -> list[str]:
    """Return one part of the corpus: PART documents, as due at the share `done`."""
    return [lesson(rng, real, done) for _ in range(PART)]


def batches(texts, tokenizer, rng) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield input_ids and labels, (rows, longest), about BATCH_TOKENS each."""
    eos = tokenizer.eos_token_id
    rows = [[*ids[:MAX_TOKENS], eos] for ids in tokenizer(texts)["input_ids"]]
    groups: list[list[list[int]]] = [[]]
    for ids in sorted(rows, key=len):
        if len(groups[-1]) * len(ids) + len(ids) > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(ids)
    for group in sorted(groups, key=lambda _: rng.random()):
        width = len(group[-1])
        yield (
            torch.tensor([ids + [eos] * (width - len(ids)) for ids in group]),
            torch.tensor([ids + [-100] * (width - len(ids)) for ids in group]),
        )


def examination(tokenizer, kind: str) -> list[dict[str, list[int]]]:
    """Return questions about 100 dialogues, with labels on the answer alone.

    Args:
        tokenizer: the base's.
        kind: "copying": repeat the line after its speaker's name; "speakers": name the
            speaker after the line.
    """
    rng = random.Random("examination")
    rows = []
    for _ in range(100):
        dialogue = chat(rng, "test_slots").dialogue
        who, line = random.Random(dialogue).choice(dialogue.split("\n")).split(": ", 1)
        copying = kind == "copying"
        asked = f"Tom: {report(who)}" if copying else f"Who said {line}?"
        prompt = tokenizer(f"{dialogue}\n{asked}")["input_ids"]
        answer = tokenizer(f" {line if copying else who}")["input_ids"]
        labels = [-100] * len(prompt) + answer
        rows.append({"input_ids": prompt + answer, "labels": labels})
    return rows


def accuracy(model, rows) -> float:
    """Return how many of the labelled tokens the model gets right, in per cent."""
    right = total = 0
    with evaluating(model):
        for row in rows:
            ids = torch.tensor([row["input_ids"]], device=model.device)
            labels = torch.tensor(row["labels"][1:], device=model.device)
            guess = model(input_ids=ids, use_cache=False).logits[0, :-1].argmax(-1)
            right += (guess == labels).sum().item()
            total += (labels >= 0).sum().item()
    return 100 * right / total


def learning_rate(peak: float, step: int, done: float) -> float:
    """Return a warm-up over 100 steps, then a cosine from `peak` to 5 % of it."""
    cosine = 0.05 + 0.95 * (1 + math.cos(math.pi * min(1, done))) / 2
    return peak * min(1, (step + 1) / 100) * cosine


def train(
    model,
    tokenizer,
    budget,
    peak,
    seed,
    checkpoint: Path,
    make_texts=texts_of_part,
    make_batches=batches,
) -> list[str]:
    """Train on `budget` tokens; return the log, a Markdown table.

    A part of the corpus and the order of its batches follow from seed and part number,
    so a run that goes on from `checkpoint` ends with the same weights.
    """
    device = runtime.device()
    model.to(device).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), betas=(0.9, 0.98), weight_decay=0.02, fused=True
    )
    state = {"part": 0, "step": 0, "tokens": 0, "seconds": 0.0, "log": [HEADING]}
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        state = saved["state"]
    real = real_pieces()
    unseen = tokenizer(real_pieces("validation")[:100])["input_ids"]
    unseen = [{"input_ids": ids[:MAX_TOKENS]} for ids in unseen]
    exams = [examination(tokenizer, kind) for kind in ("copying", "speakers")]
    while state["tokens"] < budget:
        start = time.monotonic()
        rng = random.Random(f"{seed} {state['part']}")
        texts = make_texts(rng, real, state["tokens"] / budget)
        losses = []
        for input_ids, labels in make_batches(texts, tokenizer, rng):
            rate = learning_rate(peak, state["step"], state["tokens"] / budget)
            for group in optimizer.param_groups:
                group["lr"] = rate
            logits = model(input_ids=input_ids.to(device), use_cache=False).logits
            targets = labels[:, 1:].to(device)
            loss = cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
            state["step"] += 1
            state["tokens"] += labels.numel()
        state["part"] += 1
        state["seconds"] += time.monotonic() - start
        if state["part"] % SAVE_EVERY == 0 or state["tokens"] >= budget:
            copied, speakers = (accuracy(model, rows) for rows in exams)
            row = (
                f"| {state['tokens'] / 1e6:.2f} M | {state['seconds'] / 60:.1f} "
                f"| {torch.stack(losses).mean():.2f} | {copied:.0f} | {speakers:.0f} "
                f"| {perplexity(model, unseen):.1f} |"
            )
            print(row, flush=True)
            state["log"].append(row)
            weights = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            with atomic_path(checkpoint) as temporary:
                torch.save(weights | {"state": state}, temporary)
    return state["log"]


def save_small(model, tokenizer, folder: Path) -> None:
    """Save as float16, half the size; it loads as float32, to be trained on."""
    save_model(model.half(), tokenizer, folder)
    config = folder / "config.json"
    text = config.read_text(encoding="utf-8")
    write_text(config, text.replace('"float16"', '"float32"'))


def main() -> None:
    """Read the options, train, and write model, tokenizer and log."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ASSETS / "tiny-base")
    parser.add_argument("--tokenizer", type=Path, default=ASSETS / "tiny-tokenizer")
    parser.add_argument("--tokens", type=float, default=14e6)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    runtime.set_threads()
    runtime.keep_freed_memory()
    logging.set_verbosity_error()
    set_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)
    model = initial_model()
    print(f"{model.num_parameters():,} parameters", HEADING, sep="\n", flush=True)
    settings = (args.tokens, args.learning_rate, args.seed)
    checkpoint = runtime.save_folder() / f"tiny-base-{content_key(settings)}.pt"
    log = train(model, tokenizer, *settings, checkpoint)
    save_small(model, tokenizer, args.out)
    write_text(args.out / "log.md", "\n".join(log) + "\n")


if __name__ == "__main__":
    main()
