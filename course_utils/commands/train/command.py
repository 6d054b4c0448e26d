"""The options of `course train`, and its table of before and after."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.output import (
    AsJson,
    ProfileName,
    Strict,
    fail,
    harmless,
    print_json,
    say,
)
from course_utils.machine.errors import CourseError

HOW = "How it trains, if not as the profile says"


def train(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TRAIN.txt",
            help="Text, JSONL, CSV, Parquet, OWNER/DATASET, or prepared shards.",
        ),
    ],
    evaluation: Annotated[
        str | None, typer.Option("--eval", metavar="EVAL.txt", help="Held-out text.")
    ] = None,
    profile: ProfileName = None,
    model: Annotated[
        str | None, typer.Option(help="A preset, a shipped model, a folder, a Hub id.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Random weights.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue --out.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Processes (torchrun).")] = 1,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimizer steps.")] = None,
    epochs: Annotated[
        float | None, typer.Option(min=0.01, help="Passes over the text instead.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="What holds the text, in all but text files.")
    ] = None,
    block_size: Annotated[
        int | None, typer.Option(min=2, help="Tokens of a block.", rich_help_panel=HOW)
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(min=0, help="The highest of the run.", rich_help_panel=HOW),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Blocks of a forward pass.", rich_help_panel=HOW),
    ] = None,
    accumulation: Annotated[
        int | None,
        typer.Option(min=1, help="Forward passes of a step.", rich_help_panel=HOW),
    ] = None,
    warmup: Annotated[
        float | None,
        typer.Option(min=0, help="Steps; below 1 a share of all.", rich_help_panel=HOW),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of weights and order.", rich_help_panel=HOW)
    ] = None,
    eval_steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="From one evaluation to the next.", rich_help_panel=HOW
        ),
    ] = None,
    save_steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="From one checkpoint to the next.", rich_help_panel=HOW
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="float32, bfloat16 or float16.", rich_help_panel=HOW),
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Any field of TrainingArguments.",
            rich_help_panel=HOW,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="A YAML or JSON file of such fields.", rich_help_panel=HOW),
    ] = None,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Train GPT-2 on your own text and compare before and after."""
    from course_utils.commands.train.launch import launch
    from course_utils.commands.train.own_text import Options, train_on_text
    from course_utils.commands.train.settings import precision_fields, training_fields

    if resume and out is None:
        raise CourseError("--resume needs --out: the folder of the run to continue.")
    if steps and epochs:
        raise CourseError("give --steps or --epochs, not both.")
    named = {
        "learning_rate": learning_rate,
        "per_device_train_batch_size": batch_size,
        "gradient_accumulation_steps": accumulation,
        "warmup_steps": warmup,
        "seed": seed,
        "eval_steps": eval_steps,
        "save_steps": save_steps,
        **precision_fields(precision),
    }
    options = Options(
        train=text,
        eval=evaluation,
        profile=profile,
        model=model,
        from_scratch=from_scratch,
        out=str(out or _free_folder(Path(text).stem)),
        resume=resume,
        strict=strict,
        steps=steps,
        epochs=epochs,
        block_size=block_size,
        column=column,
        fields=training_fields(config, pairs or [], named),
    )
    try:
        if processes > 1:
            report = launch(options, processes)
        else:
            report = train_on_text(options, say)
    except KeyboardInterrupt:
        fail(
            f"stopped; continue with the same command, --out {options.out} --resume",
            130,
        )
    if as_json:
        print_json(report)
    else:
        _show_training(report, Path(options.out))


def _free_folder(name: str) -> Path:
    """Return runs/NAME, or runs/NAME-2, -3, ... if that is taken."""
    from course_utils.machine.runtime import save_folder

    number, folder = 1, save_folder() / name
    while os.path.exists(folder):  # False, too, where we may not look
        number += 1
        folder = save_folder() / f"{name}-{number}"
    return folder


def _show_training(report: dict[str, Any], out: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"perplexity {report['perplexity_before']:,.1f} before, "
        f"[bold]{report['perplexity_after']:,.1f} after[/bold] "
        f"{report['tokens']:,} tokens in {report['seconds']:,.0f} s "
        f"({report['tokens_per_second']:,} tokens/s; "
        f"predicted {report['predicted_seconds']:,.0f} s)"
    )
    if counting := report.get("counting"):
        counted = (f"{name} {x['perplexity']:,.1f}" for name, x in counting.items())
        console.print(f"perplexity of counting the same text: {', '.join(counted)}")
    if held := report.get("memory_gb"):
        console.print(
            f"memory: {report['predicted_memory_gb']:.2f} GB predicted; {held:.2f} GB "
            "at most, on the GPU or in the whole process"
        )
    table = Table("prompt", "before", "after", box=box.SIMPLE, show_lines=True)
    for sample in report["samples"]:
        table.add_row(*(_cut(sample[key]) for key in ("prompt", "before", "after")))
    console.print(table)
    console.print(f"model, loss.png and report.json: {out}", markup=False)
    console.print(f"next: course write {out}", markup=False)


def _cut(text: str, length: int = 160) -> str:
    from rich.markup import escape

    text = harmless(" ".join(text.split()))
    return escape(text if len(text) <= length else text[: length - 1] + "…")
