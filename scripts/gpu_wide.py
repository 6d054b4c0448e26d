"""Pretrain a wider tiny base on one GPU for minutes, and fine-tune it to summarise.

    python -m scripts.gpu_wide --layers 6 --width 256 --chats FOLDER --out FOLDER

Worker processes make the corpus (`wide_corpus.py`) while the GPU trains. Every length
is wall-clock time. In --out there are then, of at most 15 MB each,

- base.safetensors, and summariser.safetensors, summariser-short.safetensors (a few
  seconds of fine-tuning): float16, or int8 with a scale per output where float16 is
  too large. The model's configuration is in the file's metadata; `read_model` loads it;
- log.jsonl: first the settings, then a line every ten seconds.

SIGTERM ends training at once; what is there is saved.
"""

import json
import math
import multiprocessing
import os
import queue as queues
import random
import signal
import sys
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections import deque
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import (
    cross_entropy,
    gelu,
    linear,
    scaled_dot_product_attention,
)
from transformers import GPT2Config, GPT2LMHeadModel

from course_utils.machine.places import ASSETS
from scripts.pretrain_base import examination, initial_model
from scripts.wide_corpus import KINDS, Batch, Maker, grouped, read_chats, work

TOKENIZER = ASSETS / "tiny-tokenizer" / "tokenizer.json"
MOST_BYTES = 15e6  # of a file
LOG_EVERY = 10  # seconds
EXAMS_EVERY = 3  # lines of the log
REPLAY = 400  # batches that are kept, to be read again if the workers are late
EMBEDDINGS = ("transformer.wte.weight", "transformer.wpe.weight")


# --- the model -----------------------------------------------------------------------


def hidden(model: GPT2LMHeadModel, ids: torch.Tensor) -> torch.Tensor:
    """Return the last hidden states of GPT-2, (rows, length, width), with few kernels.

    The same as the library's forward pass without dropout, padding or cache.
    """

    def dense(layer, x: torch.Tensor) -> torch.Tensor:
        return linear(x, layer.weight.t(), layer.bias)

    body = model.transformer
    rows, length = ids.shape
    x = body.wte(ids) + body.wpe.weight[:length]
    for block in body.h:
        heads = (rows, length, 3, block.attn.num_heads, block.attn.head_dim)
        qkv = dense(block.attn.c_attn, block.ln_1(x)).view(heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + dense(block.attn.c_proj, seen.transpose(1, 2).reshape(x.shape))
        inner = gelu(dense(block.mlp.c_fc, block.ln_2(x)), approximate="tanh")
        x = x + dense(block.mlp.c_proj, inner)
    return body.ln_f(x)


def row_losses(
    model: GPT2LMHeadModel, ids: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return loss and logits of every position but the last."""
    logits = linear(hidden(model, ids)[:, :-1], model.transformer.wte.weight)
    flat = cross_entropy(
        logits.flatten(0, 1).float(),
        labels[:, 1:].flatten(),
        ignore_index=-1,
        reduction="none",
    )
    return flat.view(len(ids), -1), logits


def on_device(batch: Batch, device: torch.device) -> tuple[torch.Tensor, ...]:
    """Return ids, labels (-1 for padding) and kinds as int64 tensors on the device."""
    parts = []
    for array in (batch.input_ids, batch.labels, batch.kinds):
        # PyTorch hardly knows uint16: as int16, IGNORED (65535) reads as -1.
        signed = array.view(np.int16) if array.dtype == np.uint16 else array
        tensor = torch.from_numpy(np.ascontiguousarray(signed))
        if device.type == "cuda":
            tensor = tensor.pin_memory()
        parts.append(tensor.to(device, non_blocking=True).long())
    return tuple(parts)


def autocast(device: torch.device) -> torch.autocast:
    """Return bfloat16 on a GPU; on a CPU, float32 as it is."""
    on_gpu = device.type == "cuda"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=on_gpu)


# --- weights in small files ----------------------------------------------------------


def write_model(model: GPT2LMHeadModel, path: Path, small: bool = False) -> str:
    """Save the weights in one file; return how: "float16" or "int8".

    Args:
        model: a GPT-2 with tied embeddings.
        path: of the file.
        small: int8 in any case.
    """
    from safetensors.torch import save_file

    state = {
        name: tensor.detach().float().cpu()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    size = 2 * sum(tensor.numel() for tensor in state.values())
    how = "int8" if small or size > MOST_BYTES else "float16"
    stored = {}
    for name, tensor in state.items():
        if how == "int8" and tensor.dim() == 2:
            # A scale per token or position, and per output of a Conv1D (in, out).
            most = tensor.abs().amax(1 if name in EMBEDDINGS else 0, keepdim=True)
            scale = (most / 127).clamp(min=1e-12)
            stored[name] = (tensor / scale).round().to(torch.int8)
            stored[f"{name}.scale"] = scale
        else:
            stored[name] = tensor.half().contiguous()
    temporary = path.with_name(f".{path.name}.tmp")
    metadata = {"config": model.config.to_json_string(use_diff=False), "format": "pt"}
    save_file(stored, str(temporary), metadata=metadata)
    temporary.rename(path)
    return how


def read_model(path: Path) -> GPT2LMHeadModel:
    """Load what `write_model` saved, as float32."""
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        config = GPT2Config(**json.loads(file.metadata()["config"]))
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model = GPT2LMHeadModel(config)
    state = {
        name: tensor.float() * stored.get(f"{name}.scale", torch.ones(1))
        for name, tensor in stored.items()
        if not name.endswith(".scale")
    }
    model.load_state_dict(state | {"lm_head.weight": state[EMBEDDINGS[0]]})
    return model.eval()


# --- what is measured ----------------------------------------------------------------


class Measures:
    """Held-out losses and exams, on chats and names that training never saw."""

    def __init__(self, chats: list[str], longest: int, tokens: int) -> None:
        maker = Maker(chats, TOKENIZER, "held out", longest)
        self.maker, self.longest, self.tokens = maker, longest, tokens
        self.corpus = list(maker.pretraining(1.0, tokens, part=400))
        whole = maker.corpus.stream
        self.windows = [whole[i : i + 128] for i in range(0, 128 * 200, 128)]
        self.exams = {
            "copies placeholders": self._exam("copy", placed=True),
            "copies other names": self._exam("copy", placed=False),
            "says who, placeholders": self._exam("speaker", placed=True),
            "says who, other names": self._exam("speaker", placed=False),
        }

    def _exam(self, asked: str, placed: bool) -> list[Batch]:
        """Return 100 questions on natural dialogues; labels are on the answers."""
        kind = {"copy": "copying", "speaker": "speakers"}[asked]
        rows = [
            (0, row["input_ids"], sum(label < 0 for label in row["labels"]))
            for row in examination(self.maker.corpus, kind, placed)
        ]
        return list(grouped(random.Random(0), rows, self.tokens))

    @torch.no_grad()
    def __call__(self, model: GPT2LMHeadModel, device: torch.device) -> dict:
        """Return all measures: losses in nats by kind and by position, exams in %."""
        found: dict = {}
        totals = np.zeros((len(KINDS), 2))
        with autocast(device):
            for batch in self.corpus:
                ids, labels, kinds = on_device(batch, device)
                losses, _ = row_losses(model, ids, labels)
                for kind, loss, row in zip(
                    kinds.tolist(), losses.sum(1).tolist(), labels[:, 1:], strict=True
                ):
                    totals[kind] += loss, int((row >= 0).sum())
            found["held_out"] = {
                name: round(loss / count, 3)
                for name, (loss, count) in zip(KINDS, totals, strict=True)
                if count
            }
            ids = torch.tensor(np.array(self.windows, dtype=np.int64), device=device)
            by_place = row_losses(model, ids, ids)[0].float().mean(0).cpu()
            found["middle"] = {
                "0": round(by_place[0].item(), 2),
                "1-3": round(by_place[1:4].mean().item(), 2),
                "4-15": round(by_place[4:16].mean().item(), 2),
                "16-": round(by_place[16:].mean().item(), 2),
                "worst": round(by_place.max().item(), 2),
            }
            found["exams"] = {
                name: self.accuracy(model, batches, device)
                for name, batches in self.exams.items()
            }
        return found

    @torch.no_grad()
    def accuracy(self, model, batches: list[Batch], device: torch.device) -> float:
        """Return the share of labelled tokens that are the likeliest, in per cent."""
        right = total = 0
        for batch in batches:
            ids, labels, _ = on_device(batch, device)
            _, logits = row_losses(model, ids, labels)
            asked = labels[:, 1:] >= 0
            right += int(((logits.argmax(-1) == labels[:, 1:]) & asked).sum())
            total += int(asked.sum())
        return round(100 * right / total, 1)

    @torch.no_grad()
    def pairs(self, model, way: str, device: torch.device) -> dict:
        """Return loss and accuracy on TinyChats' summaries of three splits."""
        found = {}
        for split in ("validation", "test_paraphrases", "test_names"):
            self.maker.rng = random.Random(f"pairs {split}")
            batches = list(self.maker.pairs(way, self.tokens, 150, split))
            loss = count = 0
            with autocast(device):
                for batch in batches:
                    ids, labels, _ = on_device(batch, device)
                    loss += row_losses(model, ids, labels)[0].sum().item()
                    count += int((labels[:, 1:] >= 0).sum())
                right = self.accuracy(model, batches, device)
            found[split] = {"loss": round(loss / count, 3), "tokens %": right}
        return found


# --- the feed ------------------------------------------------------------------------


class Feed:
    """Batches from worker processes; late ones are made up for with earlier ones."""

    def __init__(self, args: Namespace, ways: list[str], longest: int) -> None:
        self.settings = {
            "chats": str(args.chats),
            "tokenizer": TOKENIZER,
            "seed": args.seed,
            "longest": longest,
            "tokens": args.batch_tokens,
            "pair_tokens": args.pair_tokens,
            "ways": ways,
        }
        # No fork: a GPU that is in use does not survive it.
        context = multiprocessing.get_context("spawn")
        self.state = context.Array("d", 3)
        self.queue = context.Queue(maxsize=64)
        self.workers = [
            context.Process(
                target=work,
                args=(i, self.settings, self.state, self.queue),
                daemon=True,
            )
            for i in range(args.workers)
        ]
        for worker in self.workers:
            worker.start()
        self.what, self.kept = 0, deque[Batch](maxlen=REPLAY)
        self.again = self.since = 0  # batches read again: in all, since the last made
        self.rng = random.Random(args.seed)
        self._own: Maker | None = None

    def want(self, what: int) -> None:
        """Ask for pretraining documents (0) or for the pairs of the what-th way."""
        self.what = what
        self.kept.clear()
        self.since = 0
        self.state[1] = what

    def next(self, done: float) -> Batch:
        """Return the next batch, of what is due at the share `done` of the time."""
        self.state[0] = done
        start = time.monotonic()
        while True:
            # With a stock of batches, read an old one again rather than wait.
            stocked = len(self.kept) >= 24
            gone = not any(worker.is_alive() for worker in self.workers)
            try:
                what, *arrays = (
                    self.queue.get_nowait()
                    if stocked or gone
                    else self.queue.get(timeout=1)
                )
            except queues.Empty:
                late = time.monotonic() - start > (3 if self.kept else 45)
                if (gone and self.since >= len(self.kept)) or (late and not self.kept):
                    self._make(done)
                if self.kept and (stocked or gone or late):
                    self.again += 1
                    self.since += 1
                    return self.rng.choice(self.kept)
                continue
            if what == self.what:
                batch = Batch(*arrays)
                self.kept.append(batch)
                return batch

    def _make(self, done: float) -> None:
        """Make a few batches in this process: no worker does."""
        s = self.settings
        if self._own is None:
            print("no worker delivers: batches are made here", flush=True)
            chats = read_chats(Path(s["chats"]), "train")[:500]
            self._own = Maker(chats, TOKENIZER, f"{s['seed']} own", s["longest"])
        if self.what == 0:
            made = self._own.pretraining(done, s["tokens"], 1024)
        else:
            made = self._own.pairs(s["ways"][self.what - 1], s["pair_tokens"], 1024)
        self.kept.extend(made)
        self.since = 0

    def close(self) -> None:
        """End the workers."""
        self.state[2] = 1
        for worker in self.workers:
            worker.terminate()
        self.queue.cancel_join_thread()


# --- training ------------------------------------------------------------------------


class Log:
    """Lines of JSON, in a file and on the screen."""

    def __init__(self, path: Path) -> None:
        self.path, self.start = path, time.monotonic()
        path.write_text("", encoding="utf-8")

    def __call__(self, **fields: object) -> None:
        line = json.dumps({"at": round(time.monotonic() - self.start, 1)} | fields)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)


class Stop:
    """Set by SIGTERM and SIGINT."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def rate_at(done: float, peak: float) -> float:
    """Return the learning rate: 3 % of the time up, then a cosine down to 2 %."""
    cosine = 0.02 + 0.98 * (1 + math.cos(math.pi * min(1.0, done))) / 2
    return peak * min(1.0, done / 0.03 + 0.01) * cosine


def optimizer_of(model, peak: float, betas: tuple[float, float]) -> torch.optim.AdamW:
    """Return AdamW; decay is for matrices alone. Fused where that works."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.dim() == 2], "weight_decay": 0.02},
        {"params": [p for p in trained if p.dim() < 2], "weight_decay": 0.0},
    ]
    try:
        return torch.optim.AdamW(groups, lr=peak, betas=betas, fused=True)
    except RuntimeError:
        return torch.optim.AdamW(groups, lr=peak, betas=betas)


def train(
    model: GPT2LMHeadModel,
    feed: Feed,
    seconds: float,
    peak: float,
    betas: tuple[float, float],
    log: Log,
    stop: Stop,
    phase: str,
    measure,
) -> None:
    """Train for so many seconds of wall-clock time.

    Should the loss stop being a number, the weights of the last line of the log are
    taken again, at half the learning rate.
    """
    device = model.transformer.wte.weight.device
    optimizer = optimizer_of(model, peak, betas)
    batch = feed.next(0.0)  # the clock starts when there is something to read
    start = time.monotonic()
    sums = torch.zeros(len(KINDS), 2, device=device, dtype=torch.float64)
    counted = {"step": 0, "tokens": 0}
    good = {k: v.clone() for k, v in model.state_dict().items()}
    written, lines, spent, last = start, 0, 0.0, (0, 0, 0.0)
    while (spent := time.monotonic() - start) < seconds and not stop.asked:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(spent / seconds, peak)
        ids, labels, kinds = on_device(batch, device)
        with autocast(device):
            losses, _ = row_losses(model, ids, labels)
        learnt = labels[:, 1:] >= 0
        loss = losses.sum() / learnt.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        by_row = torch.stack((losses.detach().sum(1), learnt.sum(1).float()), dim=1)
        sums.index_add_(0, kinds, by_row.double())
        counted["step"] += 1
        counted["tokens"] += batch.input_ids.size
        batch = feed.next(spent / seconds)
        if counted["step"] % 32 == 0 and device.type == "cuda":
            torch.cuda.synchronize()  # never far ahead of the clock
        if time.monotonic() - written > LOG_EVERY:
            found = sums.tolist()
            total = sum(loss for loss, _ in found)
            if not math.isfinite(total):
                log(phase=phase, trouble="the loss is no number", peak=peak / 2)
                model.load_state_dict(good)
                peak /= 2
                optimizer = optimizer_of(model, peak, betas)
            else:
                good = {k: v.clone() for k, v in model.state_dict().items()}
            now = time.monotonic() - start
            log(
                phase=phase,
                seconds=round(now, 1),
                **counted,
                tokens_per_second=round(
                    (counted["tokens"] - last[1]) / (now - last[2])
                ),
                steps_per_second=round(
                    (counted["step"] - last[0]) / (now - last[2]), 1
                ),
                read_again=feed.again,
                workers=sum(worker.is_alive() for worker in feed.workers),
                rate=round(optimizer.param_groups[0]["lr"], 6),
                losses={
                    kind: round(loss / count, 3)
                    for kind, (loss, count) in zip(KINDS, found, strict=True)
                    if count
                },
                **(measure() if lines % EXAMS_EVERY == 0 else {}),
            )
            last = (counted["step"], counted["tokens"], now)
            sums.zero_()
            written, lines = time.monotonic(), lines + 1
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        model.load_state_dict(good)
    log(phase=phase, ended=True, seconds=round(spent, 1), **counted, **measure())


def options() -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument(
        "--heads", type=int, default=0, help="0: of 32 to 48 dimensions"
    )
    parser.add_argument("--context", type=int, default=384)
    parser.add_argument("--pretrain-seconds", type=float, default=170)
    parser.add_argument("--finetune-seconds", type=float, default=50)
    parser.add_argument("--short-seconds", type=float, default=8)
    parser.add_argument(
        "--ways", default="place", help="of fine-tuning, such as place,plain,long"
    )
    parser.add_argument("--learning-rate", type=float, default=0, help="0: by width")
    parser.add_argument("--finetune-rate", type=float, default=0, help="0: by width")
    parser.add_argument("--batch-tokens", type=int, default=16384)
    parser.add_argument("--pair-tokens", type=int, default=8192)
    parser.add_argument("--workers", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="")
    parser.add_argument(
        "--chats", type=Path, required=True, help="folder of train/validation.parquet"
    )
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def main() -> int:
    """Pretrain, fine-tune, save; return 1 if anything went wrong."""
    args = options()
    stop = Stop()
    args.out.mkdir(parents=True, exist_ok=True)
    log = Log(args.out / "log.jsonl")
    ways = [way for way in args.ways.split(",") if way]
    feed = Feed(args, ways, args.context)  # workers warm up while the GPU does
    name = args.device or ("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    if device.type == "cuda":
        # cuDNN's attention would plan anew for each of the many shapes.
        torch.backends.cuda.enable_cudnn_sdp(False)
    # Heads of 32 to 48 dimensions, all of them multiples of 8.
    heads = args.heads or max(1, args.width // (32 if args.width < 384 else 48))
    model = initial_model(
        n_layer=args.layers, n_embd=args.width, n_head=heads, n_positions=args.context
    )
    model.to(device).train()
    gpu = torch.cuda.get_device_name(0) if device.type == "cuda" else "none"
    settings = {key: str(value) for key, value in vars(args).items()}
    log(
        settings=settings | {"heads": heads},
        parameters=model.num_parameters(),
        torch=torch.__version__,
        gpu=gpu,
    )
    failed = False
    base = args.out / "base.safetensors"
    measures: Measures | None = None

    def measure(way: str = "") -> dict:
        """Return the measures; a fault in them must not end the training."""
        nonlocal measures
        try:
            if measures is None:
                held_out = read_chats(args.chats, "validation")
                measures = Measures(held_out, args.context, args.batch_tokens)
            found = {"pairs": measures.pairs(model, way, device)} if way else {}
            return found or measures(model, device)
        except Exception:
            return {"trouble": traceback.format_exc(limit=3)}

    def save(path: Path, small: bool = False) -> None:
        log(saved=path.name, how=write_model(model, path, small))

    try:
        log(phase="start", **measure())
        peak = args.learning_rate or 0.5 / args.width
        betas = (0.9, 0.98)
        train(
            model, feed, args.pretrain_seconds, peak, betas, log, stop, "base", measure
        )
        save(base)
        pretrained = {k: v.clone() for k, v in model.state_dict().items()}
        peak = args.finetune_rate or 0.25 / args.width
        plans = [("summariser-short", args.short_seconds, ways[0])] * bool(ways)
        plans += [
            (f"summariser{f'-{way}' * (i > 0)}", args.finetune_seconds, way)
            for i, way in enumerate(ways)
        ]
        model.transformer.wte.weight.requires_grad_(False)  # see `finetune`
        for title, seconds, way in plans:
            if stop.asked or seconds <= 0:
                continue
            feed.want(1 + ways.index(way))
            model.load_state_dict(pretrained)
            train(
                model,
                feed,
                seconds,
                peak,
                (0.9, 0.95),
                log,
                stop,
                title,
                lambda way=way: measure(way),
            )
            save(args.out / f"{title}.safetensors", small=title == "summariser-short")
    except Exception:
        failed = True
        log(failed=traceback.format_exc())
        if not base.exists():
            save(base)
    finally:
        feed.close()
    log(end=True, failed=failed)
    return int(failed)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # no waiting for queues or threads
