"""Score the summarisers of `gpu_wide.py` on a CPU, beside the first three turns.

    python -m scripts.gpu_wide_eval FOLDER --chats FILE.jsonl

Sets: TinyChats' three test splits, and chats from elsewhere (a file of JSON lines with
dialogue and summary), which is read and never stored. People are replaced by
placeholders before the model and put back after it, unless the weights are those of
"plain". Every figure has a 95 % interval over the chats, by bootstrap.
"""

import json
import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, logging

from course_utils.data.chats import NAMES, TESTS, tinychats
from course_utils.data.people import placeholders, restore
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.rouge import rouge_scores
from course_utils.evaluation.summary_scores import lead
from course_utils.machine.places import ASSETS
from scripts.gpu_wide import read_model

Row = Mapping[str, Any]
COLUMNS = ("rouge1", "rouge2", "rougeL", "right", "found", "invented", "words")


def clean(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with plain line ends."""
    return row | {"dialogue": row["dialogue"].replace("\r\n", "\n").strip()}


def speakers(dialogue: str) -> set[str]:
    """Return the words of the speakers' names."""
    labels = (line.partition(":")[0] for line in dialogue.split("\n") if ":" in line)
    words = (word for label in labels if len(label) < 31 for word in label.split())
    return {word for word in words if word[:1].isupper() and len(word) > 1}


def first_names(rows: Sequence[Row]) -> set[str]:
    """Return all names that are known: those of TinyChats and all rows' speakers."""
    return set(NAMES).union(*(speakers(row["dialogue"]) for row in rows))


def people(text: str, known: set[str]) -> set[str]:
    """Return the known names in a text, as whole words."""
    return {word for word in re.findall(r"\b[A-Z]\w*", text) if word in known}


def scores(predictions: Sequence[str], rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return an array of one value a row, 0 to 100, for each of COLUMNS.

    right: the people of a reference, and nobody else that no reference names; found:
    the share of a reference's people that are named, nan where it has none; invented:
    somebody is named who is not in the dialogue; words: their number.
    """
    references = [row.get("references") or [row["summary"]] for row in rows]
    types = ("rouge1", "rouge2", "rougeL")
    found = dict(rouge_scores(predictions, references, types))
    everybody = first_names(rows)
    for name in COLUMNS[3:]:
        found[name] = np.zeros(len(rows))
    for i, (text, row) in enumerate(zip(predictions, rows, strict=True)):
        known = everybody | speakers(row["dialogue"])
        named = people(text, known)
        wanted = [people(reference, known) for reference in references[i]]
        right = min(wanted, key=len) <= named <= set().union(*wanted)
        in_dialogue = row["dialogue"].lower()
        found["right"][i] = 100 * right
        found["found"][i] = (
            100 * len(named & wanted[0]) / len(wanted[0]) if wanted[0] else np.nan
        )
        found["invented"][i] = 100 * any(n.lower() not in in_dialogue for n in named)
        found["words"][i] = len(text.split())
    return found


def interval(values: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Return mean and 95 % bootstrap interval of the values that are numbers."""
    values = values[~np.isnan(values)]
    drawn = np.random.default_rng(seed).integers(len(values), size=(2000, len(values)))
    low, high = np.percentile(values[drawn].mean(1), (2.5, 97.5))
    return float(values.mean()), float(low), float(high)


def line(name: str, found: Mapping[str, np.ndarray]) -> str:
    """Return one row of the Markdown table."""
    cells = []
    for column in COLUMNS:
        mean, low, high = interval(found[column])
        cells.append(f"{mean:.1f} [{low:.1f}, {high:.1f}]")
    return f"| {name} | {' | '.join(cells)} |"


def predictions(model, tokenizer, rows: Sequence[Row], placed: bool) -> list[str]:
    """Summarise, with people as placeholders if `placed`."""
    if not placed:
        return summarise(
            model, tokenizer, [r["dialogue"] for r in rows], progress=False
        )
    found = [placeholders(row["dialogue"]) for row in rows]
    texts = summarise(model, tokenizer, [f.dialogue for f in found], progress=False)
    return [restore(t, f.people) for t, f in zip(texts, found, strict=True)]


def main() -> None:
    """Print a table a set; with --read, also so many chats with their summaries."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="of *.safetensors, by gpu_wide")
    parser.add_argument("--chats", type=Path, help="JSON lines: dialogue, summary")
    parser.add_argument("--rows", type=int, default=200, help="of each set")
    parser.add_argument("--read", type=int, default=0, help="chats to print")
    args = parser.parse_args()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
    sets = {name: list(tinychats(args.rows, 0, name)) for name in TESTS}
    if args.chats:
        with args.chats.open(encoding="utf-8") as file:
            rows = [clean(json.loads(text)) for text in file if text.strip()]
        rows = [row for row in rows if row["summary"] and row["dialogue"]]
        sets[args.chats.stem] = rows[: args.rows]
    models = {
        path.stem: read_model(path)
        for path in sorted(args.folder.glob("summariser*.safetensors"))
    }
    for title, rows in sets.items():
        print(f"\n## {title}, {len(rows)} chats\n\n| system | {' | '.join(COLUMNS)} |")
        print("|---" * (1 + len(COLUMNS)) + "|")
        written = {"lead-3": [lead(row["dialogue"]) for row in rows]}
        print(line("lead-3", scores(written["lead-3"], rows)), flush=True)
        for name, model in models.items():
            placed = "plain" not in name
            written[name] = predictions(model, tokenizer, rows, placed)
            print(line(name, scores(written[name], rows)), flush=True)
        for i in range(min(args.read, len(rows))):
            print(f"\n{rows[i]['dialogue']}\n  = {rows[i]['summary']}")
            for name in models:
                print(f"  {name}: {written[name][i]}")


if __name__ == "__main__":
    main()
