"""Training steps: the course's Trainer against two plain loops."""

import math
from itertools import islice
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import torch
from torch import nn

from benchmarks.nano import NanoGPT, cosine
from benchmarks.nano import train as train_nano
from course_utils.bench import Case
from course_utils.data.sources import chitchat
from course_utils.data.tokens import blocks, token_ids
from course_utils.model import load
from course_utils.profile import get_profile
from course_utils.training import ProgressBar, make_trainer, training_arguments

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import GPT2LMHeadModel


def cases(steps: int = 60) -> list[Case]:
    """Train the tiny model on real chats, on the CPU."""
    profile = get_profile("tiny")
    rows, size, rate = profile.batch_size, profile.block_size, profile.learning_rate
    model, tokenizer = load("tiny")
    same, _ = load("tiny")
    same.load_state_dict(model.state_dict())
    ids = token_ids(chitchat()[:400]["text"], tokenizer)
    data = blocks(ids, size)
    nano = NanoGPT(
        vocab_size=model.config.vocab_size,
        positions=model.config.n_positions,
        width=model.config.n_embd,
        layers=model.config.n_layer,
        heads=model.config.n_head,
    )
    stream = torch.from_numpy(ids).long()
    arguments = training_arguments(
        mkdtemp(prefix="course-bench-"),
        max_steps=steps,
        per_device_train_batch_size=rows,
        learning_rate=rate,
        save_strategy="no",
        use_cpu=True,
    )
    trainer = make_trainer(model, tokenizer, arguments, data)
    trainer.remove_callback(ProgressBar)
    return [
        Case(
            name="training step",
            unit="tokens",
            work=steps * rows * size,
            course=trainer.train,
            usual={
                "bare PyTorch loop": lambda: train_bare(same, data, steps, rows, rate),
                "nanoGPT-style model and loop": lambda: train_nano(
                    nano, stream, steps, rows, size, rate
                ),
            },
        )
    ]


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
