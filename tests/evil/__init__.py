"""Hostile and broken submissions, each with its true score.

Every notebook is the stub of exercise 5 with right answers to 5.1 (1 point) and 5.4
(2 points), and the attack in the place of 5.3 (2 points). So an attack that works earns
5 points instead of 3, and one that takes others down with it costs honest points.

Run these in the sandbox and nowhere else.
"""

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

STUB = Path(__file__).parents[2] / "exercises" / "ex05_training.ipynb"

STEPS = """
def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / size)
"""
PERPLEXITY = """
def perplexity(batches):
    kept = [losses[labels != -100] for losses, labels in batches]
    return float(torch.cat(kept).mean().exp())
"""
RATE = """
def learning_rate_at(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * (1 + math.cos(math.pi * progress)) / 2
"""
HONEST = 3.0


@dataclass(frozen=True)
class Evil:
    """One attack.

    Attributes:
        name: for the table.
        code: the cell of 5.3.
        score: the true score.
        extra: {cell id: source} for other cells.
        limits: other limits than the tests' own.
        deaths: how often its process may die or have to be ended.
        slow: whether it takes more than about a second.
        drop: ids of cells that are not there.
        strip: whether the notebook lost its metadata and ids.
        listed: words that have to stand under "to look at". An attack that calls what
            its question forbids is not always stopped, and then it is listed.
    """

    name: str
    code: str = ""
    score: float = HONEST
    extra: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    deaths: int = 0
    slow: bool = False
    drop: tuple[str, ...] = ()
    strip: bool = False
    listed: str = ""


def answer(body: str) -> str:
    """Return a `learning_rate_at` of this body."""
    head = "def learning_rate_at(step, warmup_steps, total_steps, peak):\n"
    return head + indent(dedent(body).strip(), "    ")


def escape(body: str) -> str:
    """Return a cell that answers right if `body` runs to its end: if it got out."""
    lines = indent(dedent(body).strip(), "    ")
    wrong = "    def learning_rate_at(*arguments):\n        return -1.0\n"
    return (
        f"try:\n{lines}\n{indent(RATE.strip(), '    ')}\nexcept BaseException:\n{wrong}"
    )


@cache
def _stub() -> dict[str, Any]:
    return json.loads(STUB.read_text(encoding="utf-8"))


def notebook(evil: Evil) -> dict[str, Any]:
    """Return an attack's notebook, as a document."""
    document = copy.deepcopy(_stub())
    sources = {"ex05_1": STEPS, "ex05_4": PERPLEXITY}
    if evil.code:
        sources["ex05_3"] = evil.code
    sources.update(evil.extra)
    document["cells"] = [c for c in document["cells"] if c["id"] not in evil.drop]
    for cell in document["cells"]:
        if cell["id"] in sources:
            cell["source"] = tidy(sources[cell["id"]])
        if evil.strip:
            cell["metadata"] = {}
            del cell["id"]
    return document


def tidy(source: str) -> str:
    """Return a cell without the indentation of this file, `answer` left as it is."""
    if not source.startswith("\n "):
        return dedent(source).strip("\n")
    head, found, rest = source.partition("def learning_rate_at")
    return "\n".join([dedent(head.rstrip(" ")).strip("\n"), found + rest])


def everything() -> list[Evil]:
    """Return all attacks that are notebooks; the broken files are in files.py."""
    from evil import calling, dying, escaping, exhausting, forging, meeting

    return [
        *forging.CASES,
        *calling.CASES,
        *meeting.CASES,
        *escaping.CASES,
        *exhausting.CASES,
        *dying.CASES,
    ]
