"""Time GPT-2's training at a profile's size: speed, MFU and memory, beside the plan."""

import tempfile
import time
from typing import Any

import torch
from datasets import Dataset
from transformers import GPT2Config, GPT2LMHeadModel, TrainerCallback, set_seed

from course_utils.data.tokens import pack
from course_utils.lesson.profile import Profile
from course_utils.machine import runtime
from course_utils.model import planner
from course_utils.training.trainer import make_trainer, training_arguments

WARM_UP = 5  # steps, in which a model is compiled
HEADING = """\
| GPT-2 from scratch | tokens/s | MFU | memory | predicted | time / predicted |
|---|---|---|---|---|---|"""


class Clock(TrainerCallback):
    """Times the steps after the first few, to their end on the GPU."""

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step not in (WARM_UP, state.max_steps):
            return
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        if state.global_step == WARM_UP:
            self.start = now
        self.seconds = now - self.start


def peak_tflops(device: str, precision: str) -> float | None:
    """Return a GPU's peak speed by the name that its driver gives, or None."""
    name = f" {device.replace('-', ' ')} "  # NVIDIA A100-SXM4-40GB
    known = [gpu for gpu in planner.GPUS if f" {gpu} " in name]
    return planner.GPUS[known[0]].tflops.get(precision) if known else None


def measure(
    profile: Profile, tokenizer: Any, texts: Dataset, *, steps: int, device: str
) -> dict[str, float | None]:
    """Train from scratch at the profile's size through the course's Trainer.

    Args:
        profile: model, batch, block size and precision.
        tokenizer: of the model's vocabulary.
        texts: with a column text, enough for a step.
        steps: that are timed, after the first few.
        device: the GPU's name.

    Returns:
        tokens_per_second; mfu, the share of the GPU's peak; peak_bytes, the most that
        tensors held; predicted_bytes; time_ratio, measured over predicted time. None
        stands for what a CPU, or a GPU of unknown peak, does not tell.
    """
    set_seed(0)
    config = GPT2Config(**profile.model)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = training_arguments(
            folder,
            max_steps=WARM_UP + steps,
            per_device_train_batch_size=profile.batch_size,
            gradient_accumulation_steps=profile.accumulation,
            save_strategy="no",
            dataloader_drop_last=True,  # one shape: it is compiled once
            **profile.precision,
        )
        blocks = pack(texts, tokenizer, profile.block_size)
        whole = len(blocks) // (profile.batch_size * profile.accumulation)
        blocks = blocks.select(range(whole * profile.batch_size * profile.accumulation))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        model = GPT2LMHeadModel(config)
        make_trainer(model, tokenizer, arguments, blocks, callbacks=[clock]).train()
    peak_bytes = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    precision = runtime.precision_name(profile.precision)
    speed = steps * profile.tokens_per_step / clock.seconds
    flops = planner.flops_per_token(config, profile.block_size)
    peak = peak_tflops(device, precision)
    mfu = speed * flops / (peak * 1e12) if peak else None
    sizes = profile.batch_size, profile.block_size, precision, profile.accumulation
    return {
        "tokens_per_second": speed,
        "mfu": mfu,
        "peak_bytes": peak_bytes or None,
        "predicted_bytes": planner.training_memory(config, *sizes)["peak"],
        "time_ratio": planner.ASSUMED_MFU / mfu if mfu else None,
    }


def row(name: str, measured: dict[str, float | None]) -> str:
    """Return a row of the table; what is unknown stays empty."""
    forms = ("{:,.0f}", "{:.1%}", "{:.3g}", "{:.3g}", "{:.2f}")
    scales = (1, 1, 1e-9, 1e-9, 1)
    cells = [
        "" if value is None else form.format(value * scale)
        for form, scale, value in zip(forms, scales, measured.values(), strict=True)
    ]
    gigabytes = [f"{cell} GB" if cell else "" for cell in cells[2:4]]
    return f"| {' | '.join([name, *cells[:2], *gigabytes, cells[4]])} |"
