"""Time GPT-2's training on a GPU: through the course's Trainer, and as nanoGPT does it.

    python -m scripts.gpu_measure --out build/rows.jsonl trainer-compiled nano-padded

Each name is a key of WAYS. A way is trained for some steps with one setting changed.
Its row (tokens per second, MFU, memory, the planner's memory) is written at once, so
that a run that is stopped has lost nothing. A name that is given twice is measured
twice, so that two ways can be compared within the same minute.
"""

import json
import os
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import GPT2Config, GPT2LMHeadModel, TrainerCallback, set_seed

from benchmarks.nano import NanoGPT
from course_utils.data.tokens import blocks
from course_utils.model import planner
from course_utils.model.gpt2 import preset
from course_utils.training.chunked_loss import loss_in_chunks
from course_utils.training.trainer import ProgressBar, make_trainer, training_arguments

WARM_UP = 5  # steps, in which a model is compiled
PADDED = 50304  # GPT-2's 50,257 tokens, rounded up to a multiple of 64
TRAIN_ROWS = 64  # rows of a step, as in the full profile


@dataclass(frozen=True)
class Way:
    """One way to train GPT-2 124M from scratch.

    Attributes:
        loop: "trainer", "plain" (the same model in a plain loop) or "nano".
        rows: of a forward pass.
        passes: forward passes of a step.
        block_size: tokens of a row.
        precision: "float32" or "bfloat16".
        tf32: let float32 products use TensorFloat-32.
        attention: "eager", "sdpa", or "cudnn", which is sdpa by cuDNN's kernel.
        fused: AdamW in one kernel instead of one for each operation.
        compiled: by torch.compile.
        vocab_size: of the model.
        loss: from "whole" logits; "alone", so that they do not leave the model; in
            "chunks"; or by "liger", in Liger's kernel.
        dropout: of GPT-2's three kinds.
        counted: Trainer counts tokens after each pass.
    """

    loop: str = "trainer"
    rows: int = 32
    passes: int = 2
    block_size: int = 1024
    precision: str = "bfloat16"
    tf32: bool = False
    attention: str = "sdpa"
    fused: bool = True
    compiled: bool = False
    vocab_size: int = 50257
    loss: str = "whole"
    dropout: float = 0.0
    counted: bool = False

    @property
    def tokens_per_step(self) -> int:
        """Tokens that one optimizer step learns from."""
        return self.rows * self.passes * self.block_size


_PLAIN = Way(loop="plain", rows=16, passes=1)
_TRAINER = Way(compiled=True)
_BEST = replace(_TRAINER, vocab_size=PADDED, loss="alone", attention="cudnn")

WAYS: dict[str, Way] = {
    # The ladder of lesson 04: one change a row, in a plain loop, 16 rows.
    "ladder-float32": replace(
        _PLAIN, precision="float32", attention="eager", fused=False
    ),
    "ladder-tf32": replace(
        _PLAIN, precision="float32", tf32=True, attention="eager", fused=False
    ),
    "ladder-bfloat16": replace(_PLAIN, attention="eager", fused=False),
    "ladder-sdpa": replace(_PLAIN, fused=False),
    "ladder-fused": _PLAIN,
    "ladder-compile": replace(_PLAIN, compiled=True),
    "ladder-padded": replace(_PLAIN, compiled=True, vocab_size=PADDED),
    "ladder-batch": replace(_PLAIN, compiled=True, vocab_size=PADDED, rows=64),
    "ladder-small-batch": replace(_PLAIN, compiled=True, vocab_size=PADDED, rows=4),
    # Through Trainer, 64 rows a step.
    "trainer-plain": replace(_TRAINER, compiled=False, counted=True),
    "trainer-compiled": replace(_TRAINER, counted=True),
    "trainer-dropout": replace(_TRAINER, counted=True, dropout=0.1),
    "trainer-uncounted": _TRAINER,
    "trainer-padded": replace(_TRAINER, vocab_size=PADDED),
    "trainer-alone": replace(_TRAINER, vocab_size=PADDED, loss="alone"),
    "trainer-cudnn": _BEST,
    "trainer-chunks": replace(_BEST, loss="chunks"),
    "trainer-chunks-plain": replace(_TRAINER, compiled=False, loss="chunks"),
    "trainer-liger": replace(_BEST, loss="liger"),
    "trainer-one-pass": replace(_BEST, rows=64, passes=1),
    # nanoGPT's model and loop, at the same shapes.
    "nano": Way(loop="nano", compiled=True),
    "nano-padded": Way(loop="nano", compiled=True, vocab_size=PADDED),
}


def peak_tflops(device: str, precision: str) -> float | None:
    """Return a GPU's peak speed by the name that its driver gives, or None."""
    name = f" {device.replace('-', ' ')} "  # NVIDIA A100-SXM4-40GB
    known = [gpu for gpu in planner.GPUS if f" {gpu} " in name]
    return planner.GPUS[known[0]].tflops.get(precision) if known else None


def config_of(way: Way, **shape: int) -> GPT2Config:
    """Return GPT-2's configuration as this way changes it."""
    dropout = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), way.dropout)
    return preset("gpt2", vocab_size=way.vocab_size, **dropout, **shape)


def model_of(way: Way, config: GPT2Config) -> torch.nn.Module:
    """Return an untrained model; called with input_ids and labels it has a loss."""
    if way.loop == "nano":
        return NanoGPT(
            config.vocab_size,
            config.n_positions,
            config.n_embd,
            config.n_layer,
            config.n_head,
        )
    model = GPT2LMHeadModel(config)
    model.set_attn_implementation("eager" if way.attention == "eager" else "sdpa")
    if way.loss == "liger":
        loss_by_liger(model)
    elif way.loss != "whole":
        loss_in_chunks(model, chunks=8 if way.loss == "chunks" else 1)
    return model


def loss_by_liger(model: GPT2LMHeadModel) -> None:
    """Let the model return Liger's fused output layer and cross-entropy."""
    from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss
    from transformers.modeling_outputs import CausalLMOutput

    fused = torch.compiler.disable(LigerFusedLinearCrossEntropyLoss(reduction="sum"))

    def forward(input_ids=None, labels=None, num_items_in_batch=None, **inputs):
        hidden = model.transformer(input_ids=input_ids, use_cache=False)
        part = hidden.last_hidden_state[:, :-1].flatten(0, 1).bfloat16()
        weight = model.lm_head.weight.bfloat16()
        total = fused(weight, part, labels[:, 1:].flatten())
        return CausalLMOutput(loss=total / num_items_in_batch)

    model.forward = forward


@contextmanager
def kernels(way: Way) -> Iterator[None]:
    """Let attention and float32 products use what the way asks for."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = way.tf32
    order = [SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]
    try:
        with ExitStack() as stack:
            if way.attention == "cudnn":
                stack.enter_context(sdpa_kernel(order, set_priority=True))
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


class Clock(TrainerCallback):
    """Times the steps after the first few, to their end on the GPU.

    Attributes:
        first: seconds of the first step, in which a model is compiled.
        seconds: of all steps after the first few.
        losses: of every logged step.
    """

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.first = self.seconds = 0.0

    def on_train_begin(self, args, state, control, **kwargs):
        self.begun = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        self.step(state.global_step, state.max_steps)

    def step(self, number: int, last: int) -> None:
        """Note the time at the end of the first, the WARM_UP-th and the last step."""
        if number not in (1, WARM_UP, last):
            return
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        if number == 1:
            self.first = now - self.begun
        if number == WARM_UP:
            self.start = now
        if number == last:
            self.seconds = now - self.start


def train_with_trainer(
    way: Way, model: torch.nn.Module, ids: np.ndarray, steps: int, clock: Clock
) -> list[float]:
    """Take the steps through the course's Trainer; return the logged losses."""
    half = {"bfloat16": {"bf16": True}, "float32": {}}[way.precision]
    with tempfile.TemporaryDirectory() as folder:
        arguments = training_arguments(
            folder,
            max_steps=steps,
            per_device_train_batch_size=way.rows,
            gradient_accumulation_steps=way.passes,
            learning_rate=6e-4,
            save_strategy="no",
            dataloader_drop_last=True,  # one shape: it is compiled once
            torch_compile=way.compiled,
            include_num_input_tokens_seen="all" if way.counted else "no",
            optim="adamw_torch_fused" if way.fused else "adamw_torch",
            **(half if torch.cuda.is_available() else {}),
        )
        rows = blocks(ids, way.block_size)
        trainer = make_trainer(model, None, arguments, rows, callbacks=[clock])
        trainer.remove_callback(ProgressBar)
        trainer.train()
    return [row["loss"] for row in trainer.state.log_history if "loss" in row]


def train_in_a_loop(
    way: Way, model: torch.nn.Module, ids: np.ndarray, steps: int, clock: Clock
) -> list[float]:
    """Take the steps as nanoGPT does: random windows, one .item() in ten steps."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device).train()
    run = torch.compile(model) if way.compiled else model
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others}],
        lr=6e-4,
        betas=(0.9, 0.95),
        weight_decay=0.0,
        fused=way.fused,
    )
    stream = torch.from_numpy(ids.astype(np.int64))
    is_half = way.precision == "bfloat16" and device == "cuda"
    autocast = torch.autocast(device, torch.bfloat16) if is_half else nullcontext()
    losses = []
    for step in range(1, steps + 1):
        for _ in range(way.passes):
            starts = torch.randint(len(stream) - way.block_size - 1, (way.rows,))
            x = torch.stack([stream[i : i + way.block_size] for i in starts])
            y = torch.stack([stream[i + 1 : i + 1 + way.block_size] for i in starts])
            if device == "cuda":
                x = x.pin_memory().to(device, non_blocking=True)
                y = y.pin_memory().to(device, non_blocking=True)
            with autocast:
                if way.loop == "nano":
                    loss = run(x, y) / way.passes
                else:
                    loss = run(input_ids=x, labels=x, use_cache=False).loss / way.passes
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 10 == 1 or step == steps:
            losses.append(way.passes * loss.item())
        clock.step(step, steps)
    return losses


def measure(
    way: Way, ids: np.ndarray, *, steps: int, device: str, **shape: int
) -> dict[str, Any]:
    """Train from scratch for some steps; return how fast it was.

    Args:
        way: what is measured.
        ids: token ids to train on, enough for a step.
        steps: that are timed, after the first few.
        device: the GPU's name.
        **shape: fields of GPT2Config, for a model that is smaller than GPT-2.

    Returns:
        tokens_per_second; mfu, the share of the GPU's peak; peak_bytes, the most that
        tensors held; predicted_bytes, the planner's; time_ratio, measured over
        predicted time; first_seconds, of the first step; losses. None stands for what a
        CPU, or a GPU of unknown peak, does not tell.
    """
    set_seed(0)
    config = config_of(way, **shape)
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    train = train_with_trainer if way.loop == "trainer" else train_in_a_loop
    clock = Clock()
    with kernels(way):
        losses = train(way, model_of(way, config), ids, WARM_UP + steps, clock)
    peak_bytes = torch.cuda.max_memory_allocated() if cuda else None
    speed = steps * way.tokens_per_step / clock.seconds
    flops = planner.flops_per_token(config, way.block_size)
    peak = peak_tflops(device, way.precision)
    mfu = speed * flops / (peak * 1e12) if peak else None
    sizes = way.rows, way.block_size, way.precision, way.passes
    predicted = planner.training_memory(config, *sizes, device_type="cuda")["peak"]
    return {
        "tokens_per_second": speed,
        "mfu": mfu,
        "peak_bytes": peak_bytes,
        "predicted_bytes": predicted,
        "time_ratio": planner.ASSUMED_MFU / mfu if mfu else None,
        "first_seconds": clock.first,
        "losses": losses,
    }


HEADING = """\
| GPT-2 124M, scratch | rows x passes | tokens/s | MFU | memory | planned | first step |
|---|---|---|---|---|---|---|"""


def row(name: str, way: Way, measured: dict[str, Any]) -> str:
    """Return a row of the table; what is unknown stays empty."""
    forms = {
        "tokens_per_second": ("{:,.0f}", 1),
        "mfu": ("{:.1f} %", 100),
        "peak_bytes": ("{:.1f} GB", 1e-9),
        "predicted_bytes": ("{:.1f} GB", 1e-9),
        "first_seconds": ("{:.0f} s", 1),
    }
    cells = [
        "" if measured[key] is None else form.format(measured[key] * scale)
        for key, (form, scale) in forms.items()
    ]
    return f"| {' | '.join([name, f'{way.rows} x {way.passes}', *cells])} |"


def add_line(path: Path, record: dict[str, Any]) -> None:
    """Append one JSON line, and see it onto the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
        file.flush()
        os.fsync(file.fileno())


def attempt(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `work` measured, or its error: one failure hides no other figure."""
    try:
        return {"name": name, **work()}
    except Exception as error:
        return {"name": name, "error": " ".join(str(error).split())[:400]}


def same_graph(one: Way | None, other: Way) -> bool:
    """Return whether what was compiled for one serves the other too."""
    return one is not None and replace(one, counted=False) == replace(
        other, counted=False
    )


def main() -> None:
    """Measure the named ways, one after another."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="+", choices=list(WAYS))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--small", action="store_true", help="to try the paths alone")
    options = parser.parse_args()
    from course_utils.data.sources import chitchat
    from course_utils.data.tokens import gpt2_tokenizer, token_ids
    from course_utils.machine import runtime

    runtime.quiet_libraries()
    count = 300 if options.small else None
    ids = token_ids(chitchat()["text"][:count], gpt2_tokenizer())
    cuda = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if cuda else "cpu"
    shape = {"n_layer": 2, "n_embd": 128, "n_head": 2} if options.small else {}
    last = None
    for name in options.names:
        way = WAYS[name]
        if options.small:
            way = replace(way, rows=2, block_size=256)
        if not same_graph(last, way):
            torch.compiler.reset()
        last = way
        start = time.perf_counter()
        result = attempt(
            name,
            lambda w=way: measure(w, ids, steps=options.steps, device=device, **shape),
        )
        result |= {"device": device, "wall": round(time.perf_counter() - start, 1)}
        add_line(options.out, result)
        print(row(name, way, result) if "losses" in result else result, flush=True)


if __name__ == "__main__":
    main()
