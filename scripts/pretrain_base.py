"""Pretrain the tiny base: GPT-2 of a million parameters, from nothing.

    python -m scripts.pretrain_base --out course_utils/assets/tiny-base

The corpus is endless (`pretraining_corpus.py`), and the budget is a number of tokens.
One document is one row, and rows of like length share a batch. The corpus gets harder
as the budget is used: first short echoes, on which a model learns to copy soonest, then
games of who said what. No text is of TinyChats, on which lessons 06 to 08 fine-tune.
tiny-familiar has read such texts too, to show what that is worth:

    python -m scripts.pretrain_base --tinychats --out course_utils/assets/tiny-familiar

`--start FOLDER` goes on from a base that is there, with the whole mixture from the
first step on:

    python -m scripts.pretrain_base --start course_utils/assets/tiny-base \\
        --tokens 1.6e6 --batch-tokens 4096 --learning-rate 1.5e-3

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
from course_utils.data.people import PLACEHOLDERS
from course_utils.evaluation.perplexity import evaluating
from course_utils.machine import runtime
from course_utils.machine.files import atomic_path, content_key, write_text
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import load, preset
from course_utils.training.trainer import save_model
from scripts.pretraining_corpus import (
    Corpus,
    chats_to_read,
    invented_name,
    natural_turns,
    people_of,
    real_chats,
    report,
    text_of,
)

PART = 512  # documents made at a time
BATCH_TOKENS = 1024  # small: from nothing, many steps matter more than even ones
SAVE_EVERY = 20  # parts
HEADING = """\
| tokens | CPU minutes | loss | copied % | speakers % | first, worst loss | perplexity |
|---|---|---|---|---|---|---|"""


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


def batches(
    rows, eos: int, rng, tokens: int = BATCH_TOKENS
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield input_ids and labels, (rows, longest), about so many tokens each."""
    groups: list[list[list[int]]] = [[]]
    for ids in sorted(rows, key=len):
        if groups[-1] and len(groups[-1]) * len(ids) + len(ids) > tokens:
            groups.append([])
        groups[-1].append(ids)
    for group in sorted(groups, key=lambda _: rng.random()):
        width = len(group[-1])
        yield (
            torch.tensor([ids + [eos] * (width - len(ids)) for ids in group]),
            torch.tensor([ids + [-100] * (width - len(ids)) for ids in group]),
        )


def examination(
    corpus: Corpus, kind: str, placed: bool, natural: float = 1.0, count: int = 100
) -> list[dict[str, list[int]]]:
    """Return questions about dialogues, with labels on the answer alone.

    Args:
        corpus: of chats that the base has not read.
        kind: "copying": repeat the line after its speaker's name; "speakers": name the
            speaker after the line.
        placed: people are placeholders; otherwise they have names of no list.
        natural: the share of dialogues from real chats; the others are TinyChats'.
        count: of questions.
    """
    rng = random.Random("examination")
    rows = []
    while len(rows) < count:
        if rng.random() < natural:
            turns = natural_turns(rng, corpus.chats, 4, 10)
        else:
            lines = chat(rng, "test_slots").dialogue.split("\n")
            turns = [tuple(line.split(": ", 1)) for line in lines]
        order = people_of(turns)
        new = PLACEHOLDERS if placed else [invented_name(rng) for _ in order]
        names = dict(zip(order, new, strict=False))
        turns = [(names[who], line) for who, line in turns]
        who, line = turns[int(rng.random() * len(turns))]
        copying = kind == "copying"
        asked = f"{names[order[0]]}: {report(who)}" if copying else f"Who said {line}?"
        prompt, answer = corpus.tokenizer(
            [f"{text_of(turns)}\n{asked}", f" {line if copying else who}"]
        )["input_ids"]
        if len(prompt) + len(answer) <= corpus.longest:
            labels = [-100] * len(prompt) + answer
            rows.append({"input_ids": prompt + answer, "labels": labels})
    return rows


@torch.no_grad()
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


@torch.no_grad()
def loss_by_position(model, blocks: torch.Tensor) -> torch.Tensor:
    """Return the mean loss in nats of each position of packed blocks but the last."""
    with evaluating(model):
        losses = [
            cross_entropy(
                model(input_ids=part, use_cache=False).logits[:, :-1].transpose(1, 2),
                part[:, 1:],
                reduction="none",
            )
            for part in blocks.to(model.device).split(50)
        ]
    return torch.cat(losses).mean(0).cpu()


def learning_rate(peak: float, step: int, done: float) -> float:
    """Return a warm-up over 100 steps, then a cosine from `peak` to 5 % of it."""
    cosine = 0.05 + 0.95 * (1 + math.cos(math.pi * min(1, done))) / 2
    return peak * min(1, (step + 1) / 100) * cosine


def train(
    model,
    corpus,
    budget,
    peak,
    seed,
    checkpoint: Path,
    *,
    amp: bool = False,
    batch_tokens: int = BATCH_TOKENS,
    staged: bool = True,
) -> list[str]:
    """Train on `budget` tokens; return the log, a Markdown table.

    A part of the corpus and the order of its batches follow from seed and part number,
    so a run that goes on from `checkpoint` ends with the same weights.

    Args:
        model: a GPT-2, changed in place.
        corpus: its documents.
        budget: tokens, padding included.
        peak: learning rate.
        seed: of the corpus.
        checkpoint: where the run is kept.
        amp: compute in bfloat16 (the weights stay float32).
        batch_tokens: tokens of a step.
        staged: begin with what is learnt first; otherwise the whole mixture at once.
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
    measures = Measures(corpus.tokenizer, corpus.longest)
    while state["tokens"] < budget:
        start = time.process_time()
        rng = random.Random(f"{seed} {state['part']}")
        made = corpus.documents(rng, state["tokens"] / budget if staged else 1.0, PART)
        losses = []
        rows = [ids for _, ids in made]
        eos = corpus.tokenizer.eos_token_id
        for input_ids, labels in batches(rows, eos, rng, batch_tokens):
            rate = learning_rate(peak, state["step"], state["tokens"] / budget)
            for group in optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast(device.type, torch.bfloat16, enabled=amp):
                logits = model(input_ids=input_ids.to(device), use_cache=False).logits
            targets = labels[:, 1:].to(device)
            loss = cross_entropy(
                logits[:, :-1].flatten(0, 1).float(), targets.flatten()
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
            state["step"] += 1
            state["tokens"] += labels.numel()
        state["part"] += 1
        state["seconds"] += time.process_time() - start
        if state["part"] % SAVE_EVERY == 0 or state["tokens"] >= budget:
            row = (
                f"| {state['tokens'] / 1e6:.2f} M | {state['seconds'] / 60:.1f} "
                f"| {torch.stack(losses).mean():.2f} | {measures(model)} |"
            )
            print(row, flush=True)
            state["log"].append(row)
            weights = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            with atomic_path(checkpoint) as temporary:
                torch.save(weights | {"state": state}, temporary)
    return state["log"]


class Measures:
    """What the log holds, on real chats and names that training never saw."""

    def __init__(self, tokenizer, longest: int) -> None:
        corpus = Corpus(real_chats("validation"), tokenizer, longest)
        self.exams = [
            examination(corpus, kind, placed)
            for kind in ("copying", "speakers")
            for placed in (True, False)
        ]
        size = min(128, longest)
        whole = corpus.stream[: len(corpus.stream) // size * size]
        self.blocks = torch.tensor(whole).view(-1, size)[:200]

    def __call__(self, model) -> str:
        """Return the cells of a row: exams in %, losses of packed blocks in nats."""
        copied, others_copied, said, others_said = (
            f"{accuracy(model, rows):.0f}" for rows in self.exams
        )
        by_place = loss_by_position(model, self.blocks)
        return (
            f"{copied} / {others_copied} | {said} / {others_said} "
            f"| {by_place[0]:.1f}, {by_place.max():.1f} | {by_place.mean().exp():.1f}"
        )


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
    parser.add_argument("--tokens", type=float, default=15.5e6)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--start", type=Path, help="a base to go on from")
    parser.add_argument("--batch-tokens", type=int, default=BATCH_TOKENS)
    parser.add_argument("--tinychats", action="store_true", help="read TinyChats too")
    parser.add_argument("--bfloat16", action="store_true", help="where it is quicker")
    args = parser.parse_args()
    runtime.set_threads()
    runtime.keep_freed_memory()
    logging.set_verbosity_error()
    set_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)
    shape = {"n_layer": args.layers, "n_embd": args.width, "n_positions": args.context}
    model = load(args.start)[0] if args.start else initial_model(**shape)
    longest = model.config.n_positions
    corpus = Corpus(chats_to_read(), tokenizer, longest, args.tinychats)
    print(f"{model.num_parameters():,} parameters", HEADING, sep="\n", flush=True)
    settings = (args.tokens, args.learning_rate, args.seed)
    key = content_key(sorted(vars(args).items()))
    checkpoint = runtime.save_folder() / f"tiny-base-{key}.pt"
    options = {"amp": args.bfloat16, "batch_tokens": args.batch_tokens}
    log = train(model, corpus, *settings, checkpoint, staged=not args.start, **options)
    save_small(model, tokenizer, args.out)
    write_text(args.out / "log.md", "\n".join(log) + "\n")


if __name__ == "__main__":
    main()
