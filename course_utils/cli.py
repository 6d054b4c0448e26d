"""`course ...`: the command line, and the only place that prints for the terminal."""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.errors import CourseError

app = typer.Typer(
    help="Train GPT: run, check, build and grade the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ProfileName = Annotated[str | None, typer.Option("--profile", help="tiny, colab, full")]
Strict = Annotated[bool, typer.Option(help="Never fall back to the tiny profile.")]


def main() -> None:
    """Run the command line; bad input ends in one line and status 2."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        app()
    except CourseError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("interrupted: nothing finished is lost.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _as_interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _fail(message: str, status: int) -> None:
    print(f"course: {message}", file=sys.stderr)
    sys.exit(status)


def _console():
    from rich.console import Console

    # Progress and notes go beside the results, so that --json stays one JSON object.
    return Console(stderr=True, highlight=False)


def _quiet_say(as_json: bool) -> Callable[[str], None]:
    return (lambda line: None) if as_json else _console().print


@app.command()
def train(
    text: Annotated[Path, typer.Argument(metavar="TRAIN.txt", help="UTF-8 text.")],
    evaluation: Annotated[
        Path | None, typer.Option("--eval", metavar="EVAL.txt", help="Held-out text.")
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
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Train GPT-2 on your own text and compare before and after."""
    from course_utils.train_text import Options, launch, train_on_text

    if resume and out is None:
        raise CourseError("--resume needs --out: the folder of the run to continue.")
    options = Options(
        train=str(text),
        eval=str(evaluation) if evaluation else None,
        profile=profile,
        model=model,
        from_scratch=from_scratch,
        out=str(out or _free_folder(text.stem)),
        resume=resume,
        strict=strict,
        steps=steps,
    )
    say = _quiet_say(as_json)
    try:
        if processes > 1:
            report = launch(options, processes)
        else:
            report = train_on_text(options, say)
    except KeyboardInterrupt:
        _fail(
            f"stopped; continue with the same command, --out {options.out} --resume",
            130,
        )
    if as_json:
        print(json.dumps(report))
    else:
        _show_training(report, Path(options.out))


def _free_folder(name: str) -> Path:
    """Return runs/NAME, or runs/NAME-2, -3, ... if that is taken."""
    from course_utils.runtime import save_folder

    number, folder = 1, save_folder() / name
    while folder.exists():
        number += 1
        folder = save_folder() / f"{name}-{number}"
    return folder


def _show_training(report: dict[str, Any], out: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(
        f"perplexity {report['perplexity_before']:,.1f} before, "
        f"[bold]{report['perplexity_after']:,.1f} after[/bold] "
        f"{report['tokens']:,} tokens in {report['seconds']:,.0f} s "
        f"({report['tokens_per_second']:,} tokens/s; "
        f"predicted {report['predicted_seconds']:,.0f} s)"
    )
    table = Table("prompt", "before", "after", box=box.SIMPLE, show_lines=True)
    for sample in report["samples"]:
        table.add_row(*(_cut(sample[key]) for key in ("prompt", "before", "after")))
    console.print(table)
    console.print(f"model, loss.png and report.json: {out}")


def _cut(text: str, length: int = 160) -> str:
    from rich.markup import escape

    text = text.strip()
    return escape(text if len(text) <= length else text[: length - 1] + "…")


if __name__ == "__main__":
    main()
