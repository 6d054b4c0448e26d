"""`course run`: the lessons in order, pages and report.json."""

from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.output import (
    AsJson,
    ProfileName,
    Strict,
    notes_console,
    print_json,
)


def run(
    profile: ProfileName = None,
    lessons: Annotated[
        str | None,
        typer.Option(
            help="Numbers such as 01,05; default: 00 to 10, without laboratories."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the pages.")] = Path("build"),
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Prepare all data afresh.")
    ] = False,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Execute the lessons in order; write pages and report.json."""
    from course_utils.authoring.run_lessons import run_lessons

    wanted = [number.strip() for number in lessons.split(",")] if lessons else None
    with _RunProgress() as progress:
        report = run_lessons(
            profile, wanted, out, strict, no_cache, on_event=progress.show
        )
    if as_json:
        print_json(report)
    else:
        _show_run(report, out)
    if report.get("error"):
        raise typer.Exit(1)


def _show_run(report: dict[str, Any], out: Path) -> None:
    from rich.console import Console

    from course_utils.authoring.lesson_pages import RUNS

    console = Console(highlight=False, soft_wrap=True)
    model = report["language_model"]
    if model.get("initial_loss") is not None:
        console.print(
            f"first loss {model['initial_loss']:.2f}, "
            f"ln(vocabulary) {model['log_vocab']:.2f}"
        )
    for start, name in RUNS.items():
        values = model.get(start) or {}
        if values.get("perplexity_after") is not None:
            console.print(
                f"perplexity, {name}: {values['perplexity_before']:,.1f} before, "
                f"[bold]{values['perplexity_after']:,.1f}[/bold] after"
            )
    seconds = sum(report["seconds"].values())
    console.print(
        f"{len(report['seconds'])} lessons in {seconds:.0f} s: {out / 'index.html'}"
    )
    if report.get("error"):
        console.print(f"[red]stopped:[/red] {report['error']}", markup=True)


class _RunProgress:
    """The lessons' progress: a line that moves, and one that stays for each lesson."""

    def __enter__(self) -> "_RunProgress":
        self.console = notes_console()
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
