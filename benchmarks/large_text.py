"""What `course prepare` takes of memory and time as the text grows, on made text."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.made_text import documents, write_jsonl
from course_utils.data.encoder import tiktoken_encoding
from course_utils.data.shards import open_shards
from course_utils.machine.errors import CourseError

SIZES = (100, 500, 2000)  # megabytes
COUNTS = (10_000, 100_000, 1_000_000)
SHORT = 4  # sentences; so that a million documents are 0.4 GB


def growth(
    sizes: Sequence[float] = SIZES,
    counts: Sequence[int] = COUNTS,
    say: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:
    """Prepare texts of all sizes and numbers of documents, each a row.

    Returns:
        What `preparation` and `copies` return, and as times those of the first row of
        its kind: text, memory, cpu.
    """
    rows = []
    for measure, amounts in ((preparation, sizes), (copies, counts)):
        group = []
        for amount in amounts:
            unit = "MB" if measure is preparation else "documents"
            say(f"course prepare: {amount:,} {unit}")
            group.append(measure(amount))
        first = group[0]
        for amount, row in zip(amounts, group, strict=True):
            times = {
                "text": amount / amounts[0],
                "memory": row["peak_mb"] / first["peak_mb"],
                "cpu": row["cpu_seconds"] / first["cpu_seconds"],
            }
            rows.append({name: round(x, 2) for name, x in times.items()} | row)
    return rows


def preparation(megabytes: float, workers: int = 2) -> dict[str, Any]:
    """Prepare made text by the command line, and watch the memory of its processes.

    Returns:
        megabytes, seconds, cpu_seconds and peak_mb (of the command and its workers
        together), tokens, planted (how many near copies the text has), and dropped.

    Raises:
        CourseError: the command failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "made.jsonl", Path(folder) / "out"
        planted = write_jsonl(source, megabytes)
        return {"megabytes": megabytes, "planted": len(planted)} | _prepared(
            source, out, workers
        )


def copies(count: int, workers: int = 2) -> dict[str, Any]:
    """Prepare short made documents by the command line, and see which are left.

    Returns:
        documents, megabytes, seconds, cpu_seconds, peak_mb and tokens as `preparation`
        does; and recall and precision: of the planted copies those that were dropped,
        and of those that were dropped the planted ones.

    Raises:
        CourseError: the command failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "made.jsonl", Path(folder) / "out"
        planted = set(write_jsonl(source, count=count, length=SHORT))
        size = source.stat().st_size
        found = _prepared(source, out, workers)
        kept = _kept_texts(out)
        # A document is known by a hash of its text: no two of these are equal.
        dropped = {
            number
            for number, (text, _) in enumerate(documents(count, length=SHORT))
            if hash(text) not in kept
        }
    right = len(planted & dropped)
    return {
        "documents": count,
        "megabytes": round(size / 1e6),
        **found,
        "recall": right / len(planted),
        "precision": right / max(1, len(dropped)),
    }


def _prepared(source: Path, out: Path, workers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "course_utils", "prepare", source]
    command += ["--out", out, "--workers", workers, "--json"]
    start, cpu_start = time.perf_counter(), _cpu_of_children()
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE)
    peak = _watch(process)
    report = process.stdout.read()
    if process.returncode:
        raise CourseError(f"`course prepare` of {source} failed: see above.")
    facts = json.loads(report)
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(_cpu_of_children() - cpu_start, 1),
        "peak_mb": round(peak / 1e6),
        "dropped": facts["copies"],
        "tokens": facts["train tokens"] + facts["validation tokens"],
    }


def _kept_texts(out: Path) -> set[int]:
    """Return a hash of each document in the shards."""
    shards = open_shards(out)
    description = shards.tokenizer().backend_tokenizer.to_str()
    encoding, _ = tiktoken_encoding(description, end := shards.index["eos"])
    kept = set()
    for name in (name for split in shards.index["shards"].values() for name in split):
        ids = np.fromfile(out / name, dtype=shards.index["dtype"])
        for row in np.split(ids, np.flatnonzero(ids == end) + 1)[:-1]:
            kept.add(hash(encoding.decode(row[:-1].tolist())))
    return kept


def _cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _watch(process: subprocess.Popen) -> int:
    """Wait for a process; return the most that it and its children held, in bytes.

    That is their proportional set size: a page that processes share counts once.
    """
    import psutil

    own, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        held = 0
        with suppress(psutil.Error):
            for one in [own, *own.children(recursive=True)]:
                with suppress(psutil.Error):
                    held += one.memory_full_info().pss
        peak = max(peak, held)
        time.sleep(0.2)
    return peak
