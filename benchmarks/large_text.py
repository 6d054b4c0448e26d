"""What `course prepare` takes of memory and time as the text grows, on made text."""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.made_text import documents, write_jsonl
from course_utils.data.duplicates import similar
from course_utils.lesson.stopwatch import peak_memory
from course_utils.machine.errors import CourseError

SIZES = (100, 500, 2000)  # megabytes
COUNTS = (10_000, 100_000, 1_000_000)
SHORT = 4  # sentences; so that a million documents are 0.4 GB


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
        command = [sys.executable, "-m", "course_utils", "prepare", source]
        command += ["--out", out, "--workers", workers, "--json"]
        start, cpu_start = time.perf_counter(), _cpu_of_children()
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE)
        peak = _watch(process)
        report = process.stdout.read()
        if process.returncode:
            raise CourseError(f"`course prepare` of {megabytes} MB failed: see above.")
        facts = json.loads(report)
        return {
            "megabytes": megabytes,
            "seconds": round(time.perf_counter() - start, 1),
            "cpu_seconds": round(_cpu_of_children() - cpu_start, 1),
            "peak_mb": round(peak / 1e6),
            "planted": len(planted),
            "dropped": facts["copies"],
            "tokens": facts["train tokens"] + facts["validation tokens"],
        }


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


def copies(count: int) -> dict[str, Any]:
    """Look for near copies among made documents, all in memory.

    Returns:
        documents, megabytes, cpu_seconds, peak_mb (of this process), and recall and
        precision for the planted copies.
    """
    made = list(documents(count, length=SHORT))
    texts = [text for text, _ in made]
    start = time.process_time()
    first, pairs = similar(texts, 0.7)
    seconds = time.process_time() - start
    # Of a copy and its original, or of two copies of one, the later one is found.
    later = {b for _, b in pairs} | {i for i, kept in enumerate(first) if kept != i}
    planted = {i for i, (_, original) in enumerate(made) if original is not None}
    return {
        "documents": count,
        "megabytes": round(sum(map(len, texts)) / 1e6),
        "cpu_seconds": round(seconds, 1),
        "peak_mb": round((peak_memory() or 0) / 1e6),
        "recall": len(planted & later) / len(planted),
        "precision": len(planted & later) / max(1, len(later)),
    }
