"""Can it summarise? Systems at one budget, on five sets of chats, over seeds.

The systems: lead (the first three turns), before (the pretrained base, untrained on
summaries), scratch (random weights, fine-tuned) and pretrained (the base, fine-tuned);
the last two also with people as placeholders (`course_utils.data.people`), and by the
recipe of the summariser that ships (`scripts/finetune_summariser.py`).
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.chats import tinychats
from course_utils.data.handwritten import development_chats, handwritten_chats
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.rouge import bootstrap, rouge_scores
from course_utils.evaluation.summary_scores import (
    lead,
    names_right_people,
    summary_scores,
)
from course_utils.lesson.profile import get_profile
from course_utils.lesson.summariser import finetune
from course_utils.machine.files import atomic_path, write_text
from course_utils.model.gpt2 import load
from scripts.finetune_summariser import LEARNING_RATE, finetune_summariser

if TYPE_CHECKING:
    from datasets import Dataset
    from matplotlib.figure import Figure

GENERATED = ("test_slots", "test_paraphrases", "test_names")
SPLITS = (*GENERATED, "development", "handwritten")
PLACED = "+placeholders"
SHIPPED = "+recipe"
TRAINED = ("scratch", "pretrained")
SYSTEMS = (
    "lead",
    "before",
    *(name + way for way in ("", PLACED, SHIPPED) for name in TRAINED),
)
MEASURES = ("rouge1", "rouge2", "rougeL", "names", "invented", "slots")
SPREAD = ("rouge1", "names")

Row = dict[str, Any]


def summaries(
    seeds: Sequence[int] = (0, 1, 2),
    systems: Sequence[str] = SYSTEMS,
    chats: int = 200,
    pairs: int = 6000,
) -> list[Row]:
    """Score every system on every test set, once a seed.

    A seed decides the training pairs, their order, the random weights and the test
    chats of the three splits that are generated.

    Args:
        seeds: one fine-tuning of each model for each.
        systems: any of SYSTEMS.
        chats: dialogues a generated split.
        pairs: dialogues with summaries to fine-tune on; the recipe has its own number.

    Returns:
        One row a seed, split and system: these three, the measures of
        `summary_scores`, `rouge1_interval` and `names_interval` (95 %, over the
        dialogues) and CPU `seconds` of fine-tuning.
    """
    return [
        row
        for seed in seeds
        for system in systems
        for row in _scores(seed, system, chats, pairs)
    ]


def write_report(out: Path, say: Callable[[str], None] = print) -> list[Row]:
    """Run `summaries`; write table, rows and picture to `out`; return the means."""
    rows = []
    for seed in (0, 1, 2):
        for system in SYSTEMS:
            say(f"seed {seed}: {system}")
            rows += summaries([seed], [system])
    means = mean_over_seeds(rows)
    write_text(out / "summaries.json", json.dumps(rows, indent=2))
    write_text(out / "summaries.md", to_markdown(means) + "\n")
    with atomic_path(out / "summaries.png") as temporary:
        picture(means).savefig(temporary, format="png")
    return means


def to_markdown(means: Sequence[Row]) -> str:
    """Return the means as a table; in brackets half the distance between seeds."""
    lines = [
        "| test set | system | ROUGE-1/2/L | right people % | invented % | slots % |",
        "|---|---|---|---|---|---|",
    ]
    for row in means:
        rouges = " / ".join(f"{row[name]:.0f}" for name in MEASURES[1:3])
        slots = "-" if row["slots"] is None else f"{row['slots']:.0f}"
        spread = row["spread"]
        lines.append(
            f"| {row['split']} | {row['system']} "
            f"| {row['rouge1']:.0f} [{spread['rouge1']:.1f}] / {rouges} "
            f"| {row['names']:.0f} [{spread['names']:.1f}] "
            f"| {row['invented']:.0f} | {slots} |"
        )
    return "\n".join(lines)


def picture(means: Sequence[Row]) -> "Figure":
    """Draw ROUGE-1 and names of every system on every split, side by side."""
    import matplotlib.pyplot as plt

    from course_utils.evaluation.plots import COLORS, look

    with look():
        figure, panels = plt.subplots(
            1, 2, figsize=(9, 3.4), layout="constrained", sharey=True
        )
        for panel, measure in zip(panels, SPREAD, strict=True):
            for i, system in enumerate(SYSTEMS):
                start, _, way = system.partition("+")
                some = {r["split"]: r for r in means if r["system"] == system}
                panel.bar(
                    np.arange(len(some)) + (i - 3.5) * 0.11,
                    [row[measure] for row in some.values()],
                    yerr=[row["spread"][measure] for row in some.values()],
                    width=0.11,
                    color=COLORS[("lead", "before", *TRAINED).index(start)],
                    hatch={"": "", "placeholders": "//", "recipe": "xx"}[way],
                    label=system,
                )
            labels = [split.removeprefix("test_") for split in some]
            panel.set_xticks(range(len(some)), labels)
            panel.set_title({"rouge1": "ROUGE-1", "names": "right people, %"}[measure])
        panels[0].legend()
        return figure


def _scores(seed: int, system: str, chats: int, pairs: int) -> Iterator[Row]:
    tests = {split: tinychats(chats, seed, split) for split in GENERATED}
    tests["development"] = development_chats()
    tests["handwritten"] = handwritten_chats()
    model, tokenizer, seconds = _system(system, seed, pairs)
    for split, rows in tests.items():
        dialogues = rows["dialogue"][:]
        if model is None:
            predictions = [lead(dialogue) for dialogue in dialogues]
        else:
            predictions = summarise(model, tokenizer, dialogues, progress=False)
        yield {
            "seed": seed,
            "split": split,
            "system": system,
            **summary_scores(predictions, rows),
            **_intervals(predictions, rows),
            "seconds": seconds,
        }


def _system(name: str, seed: int, pairs: int) -> tuple[Any, Any, float]:
    """Return a model, its tokenizer and the CPU seconds that fine-tuning took."""
    from transformers import set_seed

    if name == "lead":
        return None, None, 0.0
    profile = get_profile("tiny")
    set_seed(seed)
    from_scratch = name.startswith("scratch")
    model, tokenizer = load(profile.pretrained, from_scratch=from_scratch)
    if name == "before":
        return model, tokenizer, 0.0
    # Random weights take a higher rate, as in lesson 08.
    rate = profile.learning_rate if from_scratch else profile.finetune_learning_rate
    start = time.process_time()
    if name.endswith(SHIPPED):
        rate = rate if from_scratch else LEARNING_RATE
        finetune_summariser(model, tokenizer, learning_rate=rate, seed=seed)
    else:
        finetune(
            model,
            tokenizer,
            tinychats(pairs, seed),
            steps=profile.finetune_steps,
            learning_rate=rate,
            batch_size=profile.batch_size,
            seed=seed,
            people=name.endswith(PLACED),
        )
    return model, tokenizer, time.process_time() - start


def _intervals(predictions: Sequence[str], rows: "Dataset") -> Row:
    rouge1 = rouge_scores(predictions, rows["references"][:], ["rouge1"])["rouge1"]
    right = [names_right_people(*each) for each in zip(predictions, rows, strict=True)]
    return {
        "rouge1_interval": bootstrap(rouge1)[1:],
        "names_interval": bootstrap(100.0 * np.array(right))[1:],
    }


def mean_over_seeds(rows: Sequence[Row]) -> list[Row]:
    """Return one row a split and system: the mean of each measure over the seeds.

    `spread` holds half the distance between the best and the worst seed's ROUGE-1 and
    names.
    """
    means = []
    for split in SPLITS:
        for system in SYSTEMS:
            some = [r for r in rows if (r["split"], r["system"]) == (split, system)]
            if some:
                means.append({"split": split, "system": system} | _mean(some))
    return means


def _mean(rows: Sequence[Row]) -> Row:
    columns = {name: [row[name] for row in rows] for name in MEASURES}
    known = {name: x for name, x in columns.items() if None not in x}
    return {
        **dict.fromkeys(MEASURES),
        **{name: float(np.mean(x)) for name, x in known.items()},
        "spread": {
            name: float(np.ptp(x)) / 2 for name, x in known.items() if name in SPREAD
        },
        "seeds": len(rows),
    }
