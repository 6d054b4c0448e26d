"""Training steps: the course's Trainer against two plain loops."""

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import torch
from torch import nn

from benchmarks.nano import NanoGPT, cosine
from benchmarks.nano import train as train_nano
from course_utils.commands.bench import Case
from course_utils.data.sources import chitchat
from course_utils.data.tokens import blocks, token_ids
from course_utils.lesson.profile import get_profile
from course_utils.machine import runtime
from course_utils.model.gpt2 import load
from course_utils.training.trainer import ProgressBar, make_trainer, training_arguments

if TYPE_CHECKING:
    import numpy as np
    from datasets import Dataset
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

Way = Callable[[], object]


def cases(steps: int = 60) -> list[Case]:
    """Train the tiny model on real chats, on the CPU, each way in its own process.

    The course's process keeps freed memory, as every lesson and `course train` does;
    the plain loops run as one finds them. No two run at the same time.
    """
    profile = get_profile("tiny")
    course, bare, nano = (
        in_process(way, steps) for way in (course_way, bare_way, nano_way)
    )
    return [
        Case(
            name="training step",
            unit="tokens",
            work=steps * profile.batch_size * profile.block_size,
            course=course,
            usual={"bare PyTorch loop": bare, "nanoGPT-style model and loop": nano},
        )
    ]


def in_process(make: Callable[[int], Callable[[], object]], steps: int) -> Way:
    """Return a call of `make(steps)()` in a process that is started for it alone."""
    pool = ProcessPoolExecutor(
        1, get_context("spawn"), initializer=_set_up, initargs=(make, steps)
    )
    return lambda: pool.submit(_call).result()


def _set_up(make: Callable[[int], Callable[[], object]], steps: int) -> None:
    global _way
    runtime.quiet_libraries()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    _way = make(steps)


def _call() -> None:
    _way()


def course_way(steps: int) -> Way:
    """The course's Trainer."""
    runtime.keep_freed_memory()
    profile = get_profile("tiny")
    model, tokenizer = load("tiny")
    arguments = training_arguments(
        mkdtemp(prefix="course-bench-"),
        max_steps=steps,
        per_device_train_batch_size=profile.batch_size,
        learning_rate=profile.learning_rate,
        save_strategy="no",
        use_cpu=True,
    )
    data = blocks(_ids(tokenizer), profile.block_size)
    trainer = make_trainer(model, tokenizer, arguments, data)
    trainer.remove_callback(ProgressBar)
    return trainer.train


def bare_way(steps: int) -> Way:
    """The same model in a plain loop."""
    profile = get_profile("tiny")
    model, tokenizer = load("tiny")
    data = blocks(_ids(tokenizer), profile.block_size)
    rows, rate = profile.batch_size, profile.learning_rate
    return lambda: train_bare(model, data, steps, rows, rate)


def nano_way(steps: int) -> Way:
    """A model of the same shape, and its loop, in nanoGPT's style."""
    profile = get_profile("tiny")
    _, tokenizer = load("tiny")
    model = NanoGPT(
        vocab_size=profile.model["vocab_size"],
        positions=profile.model["n_positions"],
        width=profile.model["n_embd"],
        layers=profile.model["n_layer"],
        heads=profile.model["n_head"],
    )
    stream = torch.from_numpy(_ids(tokenizer)).long()
    rows, size, rate = profile.batch_size, profile.block_size, profile.learning_rate
    return lambda: train_nano(model, stream, steps, rows, size, rate)


def _ids(tokenizer: "PreTrainedTokenizerFast") -> "np.ndarray":
    return token_ids(chitchat()[:400]["text"], tokenizer)


def train_bare(
    model: "GPT2LMHeadModel", data: "Dataset", steps: int, rows: int, rate: float
) -> float:
    """Train the same model in a plain loop over a DataLoader."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: cosine(step, steps, 1.0)
    )
    loader = torch.utils.data.DataLoader(
        data.with_format("torch"), batch_size=rows, shuffle=True
    )
    model.train()
    value = math.nan
    for step, batch in enumerate(islice(loader, steps)):
        loss = model(**batch, use_cache=False).loss
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 10 == 0:
            value = loss.item()
    return value
