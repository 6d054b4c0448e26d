"""Measure what the course does on this machine's GPU; `make gpu-check` runs it.

    python -m scripts.gpu_check --out build/gpu-check

Trains GPT-2 124M from scratch, plain and compiled, fine-tunes it, pretrains the tiny
base for a few steps, and runs the tests marked gpu and the lessons in the full profile,
on local data served as the Hub serves it. Writes table.md for docs/performance.md.
Without a CUDA device it says so and ends with status 1.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel, set_seed

from course_utils.data.tokens import gpt2_tokenizer
from course_utils.lesson.profile import PROFILES, Profile, fitted
from course_utils.machine import runtime
from course_utils.machine.files import write_text
from scripts.gpu_measure import HEADING, measure, row

ROOT = Path(__file__).parents[1]


def fine_tuning(profile: Profile, tokenizer: Any, steps: int = 30) -> str:
    """Fine-tune random weights on generated chats; the loss has to fall."""
    from course_utils.data.chats import tinychats
    from course_utils.lesson.summariser import finetune

    set_seed(0)
    sizes = {"batch_size": profile.batch_size, "accumulation": profile.accumulation}
    model = GPT2LMHeadModel(GPT2Config(**profile.model))
    options = {"steps": steps, "keep_embeddings": False, "logging_steps": 1}
    settings = sizes | options | profile.precision
    trainer = finetune(
        model, tokenizer, tinychats(2000), learning_rate=5e-4, **settings
    )
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    assert losses[-1] < losses[0], losses
    return f"{steps} steps, loss {losses[0]:.2f} to {losses[-1]:.2f}"


def tiny_base(tokens: int = 2_000_000) -> str:
    """Pretrain the tiny base on a few parts of its corpus; return its last row."""
    from transformers import AutoTokenizer

    from course_utils.machine.places import ASSETS
    from scripts.pretrain_base import initial_model, train

    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "checkpoint.pt"
        log = train(initial_model(), tokenizer, tokens, 3e-3, 0, place)
    return log[-1].strip("| ").replace(" | ", ", ")


def command(*arguments: str, **environment: str) -> str:
    """Run a module of this Python; return its last line."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr).strip()[-500:])
    return (done.stdout.strip().splitlines() or ["done"])[-1].strip("= ")


def lessons(out: Path) -> str:
    """Run lessons 03 to 08 in the full profile, against a Hub on this machine."""
    sys.path.insert(0, str(ROOT / "tests"))
    from hub.repos import write_repos
    from hub.server import Hub

    options = ["--profile", "full", "--strict", "--lessons", "03,04,05,06,07,08"]
    with tempfile.TemporaryDirectory() as folder:
        places = {"HF_HOME": f"{folder}/hf", "COURSE_HOME": f"{folder}/course"}
        with Hub(write_repos(Path(folder) / "repos")) as hub:
            places |= {"HF_ENDPOINT": hub.url, "COURSE_MAX_STEPS": "20"}
            run = ["course_utils", "run", *options, "--out", str(out)]
            return command(*run, **places)


def attempt(name: str, work: Callable[[], str]) -> str:
    """Return a line on what `work` said; a failure does not hide the other figures."""
    print(name, file=sys.stderr, flush=True)
    start = time.perf_counter()
    try:
        said = work()
    except Exception as error:
        said = f"FAILED: {' '.join(str(error).split())[-300:]}"
    if said.startswith("|"):
        return said
    return f"- {name}: {said} ({time.perf_counter() - start:.0f} s)"


def main() -> int:
    """Measure, print and write the table; return the exit status."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gpu-check")
    out = parser.parse_args().out
    if not torch.cuda.is_available():
        print("no CUDA device: nothing was measured")
        return 1
    from course_utils.data.sources import chitchat

    device, tokenizer, texts = (
        torch.cuda.get_device_name(),
        gpt2_tokenizer(),
        chitchat(),
    )
    full = fitted(PROFILES["full"]())
    plain = replace(full, precision=runtime.precision())
    size = f"{full.batch_size} x {full.accumulation} x {full.block_size}"

    def scratch(profile: Profile, kind: str) -> str:
        measured = measure(profile, tokenizer, texts, steps=40, device=device)
        return row(f"124M, {size}, {kind}", measured)

    lines = [
        f"{device}, torch {torch.__version__}",
        "",
        HEADING,
        attempt("from scratch, plain", lambda: scratch(plain, "plain")),
        attempt("from scratch, compiled", lambda: scratch(full, "compiled")),
        "",
        attempt("fine-tuning", lambda: fine_tuning(plain, tokenizer)),
        attempt("the tiny base's recipe", tiny_base),
        attempt("tests", lambda: command("pytest", "-q", "-m", "gpu", "tests")),
        attempt("lessons, full profile", lambda: lessons(out / "lessons")),
    ]
    print("\n".join(lines))
    write_text(out / "table.md", "\n".join(lines) + "\n")
    return int("FAILED" in "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
