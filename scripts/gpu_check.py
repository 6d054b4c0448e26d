"""Measure what the course does on this machine's GPU; `make gpu-check` runs it.

    python -m scripts.gpu_check --out build/gpu-check

Every part is a process of its own with a time limit, so that none hides another, and
writes its figures as soon as they are there. Three phases follow each other:

1. together: the tests marked gpu, and the compiler's cache for what is timed later;
2. alone: how fast GPT-2 124M trains (scripts/gpu_measure.py);
3. together: lessons 03 to 08 in the full profile against a Hub on this machine, a run
   for replay (scripts/gpu_replay.py), and what `--also` names.

Ends within about nine minutes. Writes rows.jsonl, parts.jsonl, a log for each part and
table.md for docs/performance.md. Without a CUDA device it says so and ends with
status 1.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import torch

from course_utils.machine.files import write_text
from scripts.gpu_measure import HEADING, WAYS, add_line, row

ROOT = Path(__file__).parents[1]
# What is compared with nanoGPT's loop comes first, in turn with it.
SPEED = [
    *("trainer-cudnn", "nano-padded", "nano-padded", "trainer-cudnn"),
    *("trainer-uncounted", "trainer-compiled", "nano", "trainer-plain"),
    *("trainer-padded", "trainer-alone", "ladder-float32", "ladder-tf32"),
    *("ladder-bfloat16", "ladder-sdpa", "ladder-fused", "ladder-compile"),
    *("ladder-padded", "ladder-batch", "ladder-small-batch", "trainer-chunks"),
    *("trainer-chunks-plain", "trainer-one-pass", "trainer-liger", "trainer-dropout"),
]
# Each of these processes takes about 30 GB.
COMPILED = (
    ("trainer-cudnn", "trainer-chunks"),
    ("nano-padded", "nano"),
    ("trainer-uncounted", "trainer-padded"),
    ("trainer-alone", "ladder-compile", "ladder-padded"),
)
BYTES_EACH = 32e9
PATIENCE = 6.0  # seconds that a part has, once asked, to write what it has


@dataclass
class Part:
    """A command with a time limit.

    Attributes:
        name: of its log, and in the table.
        command: a module of this Python with its arguments.
        seconds: after which it is ended.
        environment: variables added to this process's own.
    """

    name: str
    command: Sequence[str]
    seconds: float
    environment: dict[str, str] = field(default_factory=dict)


def run_together(parts: Sequence[Part], out: Path) -> None:
    """Run the parts at the same time; note how each ended, and its last line."""
    waiting, running = list(parts), {}
    for part in waiting:
        log = (out / f"{part.name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *part.command],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | part.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running[part.name] = (part, process, log, time.monotonic())
    while running:
        time.sleep(0.2)
        for name, (part, process, log, start) in list(running.items()):
            took = time.monotonic() - start
            if process.poll() is None and took < part.seconds:
                continue
            ended = "ended" if process.poll() is not None else "cut off"
            end_group(process)
            log.close()
            del running[name]
            record = {"part": name, "status": process.returncode, "how": ended}
            record |= {"seconds": round(took, 1), "said": last_line(Path(log.name))}
            add_line(out / "parts.jsonl", record)
            print(record, flush=True)


def end_group(process: subprocess.Popen) -> None:
    """End a process and those that it started: first asked, then at once."""
    for sign, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 2.0)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def last_line(path: Path) -> str:
    """Return the last line of a log that says something."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
    said = [line.strip("= ") for line in text.splitlines() if line.strip("= ")]
    return said[-1][:300] if said else ""


def measuring(name: str, ways: Sequence[str], out: Path, *options: str) -> list[str]:
    """Return the command that measures these ways."""
    rows = str(out / f"{name}.jsonl")
    return ["scripts.gpu_measure", *ways, "--out", rows, *options]


def lessons(out: Path, seconds: float, names: str = "03,04,05,06,07,08") -> Part:
    """Return the part that runs lessons in the full profile."""
    command = ["scripts.gpu_lessons", "--out", str(out / "lessons"), "--lessons", names]
    return Part("lessons", command, seconds, {"COURSE_MAX_STEPS": "20"})


def also(commands: Sequence[str], seconds: float) -> list[Part]:
    """Return a part for each further command, "NAME: module argument ..."."""
    parts = []
    for line in commands:
        name, _, rest = line.partition(":")
        parts.append(Part(name.strip(), shlex.split(rest), seconds))
    return parts


def table(out: Path) -> str:
    """Return what was measured, in Markdown."""
    import json

    lines = [f"{torch.cuda.get_device_name()}, torch {torch.__version__}", "", HEADING]
    for path in (out / "speed.jsonl", out / "parts.jsonl"):
        records = path.read_text().splitlines() if path.exists() else []
        for record in map(json.loads, records):
            if "losses" in record:
                lines.append(row(record["name"], WAYS[record["name"]], record))
            elif "error" in record:
                lines.append(f"| {record['name']} | FAILED: {record['error'][:200]} |")
            else:
                good = "" if record["status"] == 0 else "FAILED: "
                said = f"{good}{record['said']} ({record['seconds']:.0f} s)"
                lines.append(f"- {record['part']}: {said}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the phases, write the table; return the exit status."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gpu-check")
    parser.add_argument("--texts", type=Path, help="for the replay: see gpu_replay")
    parser.add_argument("--also", action="append", default=[], metavar="NAME:COMMAND")
    parser.add_argument("--rehearse", action="store_true", help="every path, small")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("no CUDA device: nothing was measured")
        return 1
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    text = ["--texts", str(options.texts.resolve())] if options.texts else []
    tests = Part(
        "tests", ["pytest", "-q", "-m", "gpu", "tests/training/test_gpu.py"], 100
    )
    replay = ["scripts.gpu_replay", "--out", str(out / "replay.json"), *text]
    replay += ["--rows", "16", "--passes", "4"]  # memory for what runs beside it
    if options.rehearse:
        small = ("--layers", "2", "--width", "128", "--heads", "2", "--steps", "20")
        few = ("--rows", "4", "--passes", "1", "--block-size", "128")
        names = list(WAYS)
        share = [names[i::5] for i in range(5)]
        run_together(
            [
                tests,
                lessons(out, 85, "03,05"),
                Part("replay", [*replay, *small, *few, "--seconds", "60"], 70),
                *also(options.also, 75),
                *(
                    Part(
                        f"small-{i}",
                        measuring("speed", part, out, "--small", "--steps", "3"),
                        80,
                    )
                    for i, part in enumerate(share)
                ),
            ],
            out,
        )
    else:
        memory = torch.cuda.get_device_properties(0).total_memory
        at_once = int(0.95 * memory // BYTES_EACH)
        caches = [
            Part(f"compile-{i}", measuring("compile", ways, out, "--steps", "1"), 85)
            for i, ways in enumerate(COMPILED[:at_once])
        ]
        run_together([tests, *caches], out)
        speed = measuring("speed", SPEED, out, "--steps", "20")
        run_together([Part("speed", speed, 175)], out)
        write_text(out / "table.md", table(out))
        run_together(
            [
                lessons(out, 270),
                Part("replay", [*replay, "--seconds", "240"], 255),
                *also(options.also, 270),
            ],
            out,
        )
    print(write_text(out / "table.md", table(out)).read_text())
    return int("FAILED" in table(out))


if __name__ == "__main__":
    sys.exit(main())
