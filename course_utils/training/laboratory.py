"""Short training runs as rows of one table: shipped ones, and a student's own."""

import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import Trainer, default_data_collator
from transformers.trainer_callback import PrinterCallback

from course_utils.evaluation.perplexity import perplexity
from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text
from course_utils.machine.places import ASSETS
from course_utils.training.trainer import training_arguments

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import GPT2LMHeadModel

Row = dict[str, Any]

FOLDER = ASSETS / "laboratory"
# Student's t: 95 % of a mean's interval, in standard errors, by the number of values.
T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}


def shipped(experiment: str, name: str = "training") -> list[Row]:
    """Return the rows of an experiment that come with the course.

    Args:
        experiment: such as "rate".
        name: the file in assets/laboratory, without its ending.

    Raises:
        CourseError: there is no such file, or no such experiment in it.

    Example:
        >>> rows = shipped("rate")
        >>> rows[0]["learning_rate"], rows[0]["seed"], rows[0]["runs"]
        (0.001, 0, 'shipped')
    """
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        names = ", ".join(sorted(p.stem for p in FOLDER.glob("*.jsonl"))) or "none"
        raise CourseError(f"no shipped runs {name}: there are {names}.")
    rows = [json.loads(line) for line in read_text(path).splitlines()]
    found = [row | {"runs": "shipped"} for row in rows if row["lab"] == experiment]
    if not found:
        known = ", ".join(sorted({row["lab"] for row in rows}))
        raise CourseError(f"no shipped runs of {experiment!r}: there are {known}.")
    return found


def short_run(
    model: "GPT2LMHeadModel",
    blocks: "Dataset",
    measured: "Mapping[str, Dataset]",
    optimizer: torch.optim.Optimizer | None = None,
    **arguments: Any,
) -> Row:
    """Train a model in place and return a row: what was chosen, and what came of it.

    Args:
        model: a causal language model with fresh weights.
        blocks: rows to train on, all of one length.
        measured: {name: rows} to measure the loss on, in nats per token.
        optimizer: None for AdamW, made from the arguments.
        **arguments: fields of TrainingArguments.
    """
    model.loss_type = "ForCausalLM"
    fixed = {"lr_scheduler_type": "linear", "adam_beta2": 0.99, "disable_tqdm": True}
    fixed |= {"save_strategy": "no", "logging_strategy": "no"}
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model,
            training_arguments(folder, **(fixed | arguments)),
            data_collator=default_data_collator,
            train_dataset=blocks.with_format("numpy"),
            optimizers=(optimizer, None),
        )
        trainer.remove_callback(PrinterCallback)
        before = time.process_time()
        trainer.train()
        seconds = time.process_time() - before
    losses = {k: math.log(perplexity(model, rows)) for k, rows in measured.items()}
    return arguments | losses | {"cpu_seconds": seconds, "runs": "here"}


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a mean and its 95 % interval, by Student's t.

    Args:
        values: one a seed. Of a single value nothing is known about its spread, so
            its interval has no ends; of more than ten, the t of ten is taken.

    Example:
        >>> [round(x, 2) for x in interval([1.0, 2.0, 3.0])]
        [2.0, -0.48, 4.48]
        >>> interval([1.0])
        (1.0, -inf, inf)
    """
    if len(values) == 1:
        return values[0], -math.inf, math.inf
    half = T[min(len(values), 10)] * stdev(values) / math.sqrt(len(values))
    return mean(values), mean(values) - half, mean(values) + half


def grouped(rows: Sequence[Row], *by: str) -> dict[tuple, list[Row]]:
    """Return {values of the columns `by`: their rows}, in order of appearance.

    Example:
        >>> rows = [{"rate": 1, "seed": 0}, {"rate": 2}, {"rate": 1, "seed": 1}]
        >>> {choice: len(group) for choice, group in grouped(rows, "rate").items()}
        {(1,): 2, (2,): 1}
    """
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return groups


def best(rows: Sequence[Row], *by: str, of: str, loss: str = "validation") -> list[Row]:
    """Return, for each choice of `by`, the rows with its best value of a column.

    The best value is the one with the least mean loss.

    Example:
        >>> rows = [{"optimizer": "adamw", "learning_rate": rate, "validation": loss}
        ...         for rate, loss in ((1e-3, 4.0), (1e-3, 4.2), (2e-3, 4.0))]
        >>> best(rows, "optimizer", of="learning_rate")
        [{'optimizer': 'adamw', 'learning_rate': 0.002, 'validation': 4.0}]
    """
    found: list[Row] = []
    for group in grouped(rows, *by).values():
        values = grouped(group, of).values()
        found += min(values, key=lambda same: mean(row[loss] for row in same))
    return found


def table(rows: Sequence[Row], *by: str, value: str = "test") -> None:
    """Print mean and 95 % interval of a column for each choice, and whose runs it has.

    Example:
        >>> rows = [{"rate": 0.1, "test": loss, "runs": "shipped"} for loss in (4, 5)]
        >>> table([*rows, {"rate": 0.1, "test": 4.5, "runs": "here"}], "rate")
        rate           test     95 % interval      runs
        0.1            4.500    3.259 to 5.741     2 shipped, 1 here
    """
    print("".join(f"{name:<15}" for name in by), end="")
    print(f"{value:<8} {'95 % interval':<18} runs")
    for choice, group in grouped(rows, *by).items():
        middle, low, high = interval([row[value] for row in group])
        ends = f"{low:.3f} to {high:.3f}" if math.isfinite(low) else "one run"
        counts = [
            f"{len(same)} {runs}" for (runs,), same in grouped(group, "runs").items()
        ]
        print("".join(f"{name!s:<15}" for name in choice), end="")
        print(f"{middle:<8.3f} {ends:<18} {', '.join(counts)}")


def differences(
    rows: Sequence[Row], others: Sequence[Row], value: str = "test"
) -> list[float]:
    """Return how much less the rows have than the others, seed by seed.

    Runs of one seed share their data's order, so what is between them varies less than
    the runs do.

    Example:
        >>> differences([{"seed": 1, "test": 4.0}], [{"seed": 1, "test": 4.5}])
        [0.5]
    """
    theirs = {row["seed"]: row[value] for row in others}
    return [theirs[r["seed"]] - r[value] for r in rows if r["seed"] in theirs]


def curves(
    rows: Sequence[Row], x: str, by: str, value: str = "test"
) -> dict[str, dict[str, tuple]]:
    """Return `series` and `bands` for `plots.lines`: means and 95 % intervals.

    Args:
        rows: of all runs.
        x: the column along the picture; its values become words, in order.
        by: the column of which each value has a line.
        value: the column whose mean is drawn.

    Example:
        >>> rows = [{"rate": 0.1, "kind": "a", "seed": s, "test": 4.0} for s in (0, 1)]
        >>> curves(rows, x="rate", by="kind")["series"]
        {'a': (['0.1'], [4.0])}
    """
    series, bands = {}, {}
    for (name,), group in grouped(rows, by).items():
        points = sorted(grouped(group, x).items())
        found = [interval([row[value] for row in same]) for _, same in points]
        middle, low, high = map(list, zip(*found, strict=True))
        series[str(name)] = ([f"{place[0]:g}" for place, _ in points], middle)
        if math.inf not in high:
            bands[str(name)] = (low, high)
    return {"series": series, "bands": bands}


def restarting_positions(input_ids: np.ndarray, end: int) -> np.ndarray:
    """Return position ids that begin again after each `end`.

    Args:
        input_ids: shape (blocks, block_size).
        end: the token that closes a document; it belongs to the document before it.

    Example:
        >>> restarting_positions(np.array([[7, 8, 0, 9, 9, 0]]), end=0).tolist()
        [[0, 1, 2, 0, 1, 2]]
    """
    places = np.arange(input_ids.shape[1])
    is_first = np.roll(input_ids == end, 1, axis=1)
    return places - np.maximum.accumulate(np.where(is_first, places, 0), axis=1)


def mup(
    model: "GPT2LMHeadModel", learning_rate: float, base_width: int
) -> torch.optim.Optimizer:
    """Change a fresh model so that one rate fits every width; return its optimizer.

    Against a model of `base_width`, the blocks' matrices begin smaller by the square
    root of the ratio of widths and learn at a rate that is lower by that ratio, and the
    logits are divided by it. Heads must keep their size.
    Source: Yang et al. (2022), arXiv:2203.03466, table 8.

    Args:
        model: with fresh weights.
        learning_rate: that of the base width, at its peak.
        base_width: the width at which this changes nothing.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, _ = load("tiny")  # its width is 128
        >>> optimizer = mup(model, learning_rate=4e-3, base_width=32)
        >>> [group["lr"] for group in optimizer.param_groups]  # matrices, all else
        [0.001, 0.004]
    """
    ratio = model.config.n_embd / base_width
    matrices = [p for p in model.transformer.h.parameters() if p.ndim == 2]
    inside = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in inside]
    for matrix in matrices:
        matrix.data /= ratio**0.5
    model.lm_head.register_forward_hook(lambda layer, seen, logits: logits / ratio)
    groups = [
        {"params": matrices, "lr": learning_rate / ratio},
        {"params": others, "lr": learning_rate},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.1, fused=True)


def verbatim_share(
    model: "GPT2LMHeadModel", blocks: "Dataset", prompt: int = 32, length: int = 8
) -> float:
    """Return the share of blocks that a model goes on with word for word.

    It gets the first `prompt` tokens of a block and writes `length` more, each time the
    likeliest; all of them have to be the block's own.

    Args:
        model: a causal language model.
        blocks: rows with input_ids.
        prompt: tokens given.
        length: tokens to be written.

    Example:
        >>> from datasets import Dataset
        >>> from course_utils.model.gpt2 import load
        >>> model, _ = load("tiny")
        >>> _ = model.lm_head.weight.data.zero_()  # all it writes is 1
        >>> blocks = Dataset.from_dict({"input_ids": [[7, 8, 1, 1], [7, 8, 1, 9]]})
        >>> verbatim_share(model, blocks, prompt=2, length=2)
        0.5
    """
    rows = torch.tensor(np.array(blocks["input_ids"][:]))
    written = model.generate(
        rows[:, :prompt].to(model.device),
        attention_mask=torch.ones_like(rows[:, :prompt]).to(model.device),
        max_new_tokens=length,
        min_new_tokens=length,
        do_sample=False,
        pad_token_id=0,
    )
    same = written.cpu()[:, prompt:] == rows[:, prompt : prompt + length]
    return same.all(dim=1).double().mean().item()
