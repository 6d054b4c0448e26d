"""`course ...`: the command line, and the only place that prints for the terminal."""

import json
import logging
import os
import signal
import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.errors import CourseError
from course_utils.grading.commands import grade, release
from course_utils.serving.command import serve

app = typer.Typer(
    help="Train GPT: run, check, build and grade the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(grade)
app.command()(release)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ProfileName = Annotated[str | None, typer.Option("--profile", help="tiny, colab, full")]
Strict = Annotated[bool, typer.Option(help="Never fall back to the tiny profile.")]


def main() -> None:
    """Run the command line; bad input ends in one line and status 2."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    logging.raiseExceptions = False  # a log that cannot be written is no event
    try:
        # A library may print on its own: with --json only the object goes to stdout.
        with redirect_stdout(sys.stderr) if "--json" in sys.argv else nullcontext():
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


def _print_json(value: Any) -> None:
    print(json.dumps(value), file=sys.__stdout__, flush=True)


def _console():
    from rich.console import Console

    # Progress and notes go beside the results, so that --json stays one JSON object.
    return Console(stderr=True, highlight=False, soft_wrap=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@app.command()
def run(
    profile: ProfileName = None,
    lessons: Annotated[
        str | None, typer.Option(help="Numbers such as 01,05; default: all.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the pages.")] = Path("build"),
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Prepare all data afresh.")
    ] = False,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Execute the lessons in order; write pages and report.json."""
    from course_utils.authoring.run import run as run_lessons

    wanted = [number.strip() for number in lessons.split(",")] if lessons else None
    with _RunProgress() as progress:
        report = run_lessons(
            profile, wanted, out, strict, no_cache, on_event=progress.show
        )
    if as_json:
        _print_json(report)
    else:
        _show_run(report, out)
    if report.get("error"):
        raise typer.Exit(1)


@app.command()
def build(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what is stale.")
    ] = False,
    execute: Annotated[
        bool, typer.Option("--execute", help="Also fill in missing outputs.")
    ] = False,
    repo: Annotated[str | None, typer.Option(help="OWNER/NAME, for badges.")] = None,
    tag: Annotated[str | None, typer.Option(help="Release to install.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build notebooks, exercises and solutions from source/."""
    from course_utils.authoring.build import build as build_notebooks
    from course_utils.authoring.execute import execute_built
    from course_utils.authoring.run import course_root

    root, failed = course_root(), False
    changes = build_notebooks(root, check=check, repo=repo, tag=tag)
    lines = [f"{change.path.relative_to(root)}: {change.reason}" for change in changes]
    if execute and not check:
        with _console().status("executing") as status:
            for done in execute_built(
                root, on_cell=lambda path, i, n: status.update(f"{path.name}: {i}/{n}")
            ):
                failed = failed or done.error is not None
                result = done.error or f"executed in {done.seconds:.0f} s"
                lines.append(f"{done.path.relative_to(root)}: {result}")
    if as_json:
        _print_json({"changes": lines})
    else:
        print("\n".join(lines) or "everything is up to date")
    if failed or (check and changes):
        raise typer.Exit(1)


@app.command()
def doctor(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Say what this machine has, and what to mend."""
    from dataclasses import asdict

    from course_utils.doctor import examine

    with _console().status("looking around"):
        findings = examine(profile)
    if as_json:
        _print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _show_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="Your exercise notebook.")],
    as_json: AsJson = False,
) -> None:
    """Run your own exercise notebook: points and hints per question."""
    from course_utils.checks import check_notebook

    with _console().status("running the notebook"):
        rows = check_notebook(notebook)
    if as_json:
        _print_json({"questions": rows})
    else:
        _show_check(rows)


@app.command()
def train(
    text: Annotated[
        str, typer.Argument(metavar="TRAIN.txt", help="UTF-8 text, or OWNER/DATASET.")
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
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Train GPT-2 on your own text and compare before and after."""
    from course_utils.launch import launch
    from course_utils.train_text import Options, train_on_text

    if resume and out is None:
        raise CourseError("--resume needs --out: the folder of the run to continue.")
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
    )
    try:
        if processes > 1:
            report = launch(options, processes)
        else:
            report = train_on_text(options, _say)
    except KeyboardInterrupt:
        _fail(
            f"stopped; continue with the same command, --out {options.out} --resume",
            130,
        )
    if as_json:
        _print_json(report)
    else:
        _show_training(report, Path(options.out))


@app.command()
def bench(
    cases: Annotated[
        list[str] | None,
        typer.Argument(help="preparation training generation startup; or summaries."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Measure the course's ways against the usual ones, in the same run."""
    from course_utils.bench import CASES, bench_summaries
    from course_utils.bench import bench as run_bench

    if cases == ["summaries"]:
        rows = bench_summaries("build", say=_say)
        if as_json:
            _print_json({"results": rows})
        else:
            print(Path("build/summaries.md").read_text(encoding="utf-8"))
        return
    results = run_bench(cases or CASES, rounds, say=_say)
    if as_json:
        _print_json({"results": [result.as_dict() for result in results]})
    else:
        _show_bench(results)


app.command()(serve)


def _free_folder(name: str) -> Path:
    """Return runs/NAME, or runs/NAME-2, -3, ... if that is taken."""
    from course_utils.runtime import save_folder

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
    if held := report.get("memory_gb"):
        console.print(
            f"memory: {report['predicted_memory_gb']:.2f} GB predicted for the "
            f"training; {held:.2f} GB at most, on the GPU or in the whole process"
        )
    table = Table("prompt", "before", "after", box=box.SIMPLE, show_lines=True)
    for sample in report["samples"]:
        table.add_row(*(_cut(sample[key]) for key in ("prompt", "before", "after")))
    console.print(table)
    console.print(f"model, loss.png and report.json: {out}", markup=False)


def _show_run(report: dict[str, Any], out: Path) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    model = report["language_model"]
    if model.get("initial_loss") is not None:
        console.print(
            f"first loss {model['initial_loss']:.2f}, "
            f"ln(vocabulary) {model['log_vocab']:.2f}"
        )
    for start in ("scratch", "pretrained"):
        values = model.get(start) or {}
        if values.get("perplexity_after") is not None:
            console.print(
                f"perplexity from {start}: {values['perplexity_before']:,.1f} before, "
                f"[bold]{values['perplexity_after']:,.1f}[/bold] after"
            )
    seconds = sum(report["seconds"].values())
    console.print(
        f"{len(report['seconds'])} lessons in {seconds:.0f} s: {out / 'index.html'}"
    )
    if report.get("error"):
        console.print(f"[red]stopped:[/red] {report['error']}", markup=True)


def _show_bench(results: list[Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    heads = ("times as fast", "spread", "by CPU time", "case", "against", "course")
    table = Table(*heads, "usual", "unit", box=box.SIMPLE)
    for r in results:
        table.add_row(
            f"{r.ratio:.2f}",
            f"{r.low:.2f} to {r.high:.2f}",
            f"{r.cpu_ratio:.2f}",
            r.case,
            r.against,
            f"{r.rate:,.4g}",
            f"{r.usual_rate:,.4g}",
            f"{r.unit}/s",
        )
    # A file has no width: do not break the table there.
    width = None if sys.stdout.isatty() else 140
    Console(highlight=False, width=width).print(table)


def _show_findings(findings: list[Any]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        mark = "[green]\\[OK][/green]  " if finding.ok else "[red]\\[FAIL][/red]"
        console.print(f"{mark} {finding.name:<10} {escape(finding.text)}")
        if not finding.ok:
            console.print(f"{'':<18}{escape(finding.advice)}")


def _show_check(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("question", "points", "hint", box=box.SIMPLE)
    for row in rows:
        points = f"{row['points']:g} of {row['out_of']:g}"
        table.add_row(row["question"], points, escape(row["hint"]))
    Console(highlight=False).print(table)


class _RunProgress:
    """The lessons' progress: a line that moves, and one that stays for each lesson."""

    def __enter__(self) -> "_RunProgress":
        self.console = _console()
        self.status = self.console.status("starting")
        self.status.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.status.stop()

    def show(self, event: Any) -> None:
        place = f"{event.position}/{event.lessons} {event.lesson}"
        if event.kind == "lesson_done":
            self.console.print(f"  {place}: {event.seconds:.0f} s")
        elif event.kind == "lesson_failed":
            self.console.print(f"  {place}: failed")
        else:
            self.status.update(f"{place}: cell {event.cell} of {event.cells or '?'}")


def _cut(text: str, length: int = 160) -> str:
    from rich.markup import escape

    text = " ".join(text.split())
    return escape(text if len(text) <= length else text[: length - 1] + "…")


if __name__ == "__main__":
    main()
