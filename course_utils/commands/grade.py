"""`course grade`: a class graded in a sandbox."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.output import AsJson, print_json
from course_utils.machine.errors import CourseError


class Attempt(StrEnum):
    """Which of several notebooks for one exercise counts."""

    best = "best"
    latest = "latest"


class Platform(StrEnum):
    """Where the points go back to."""

    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"
    csv = "csv"


LINE_SECONDS = 30.0  # from line to line of progress, where there is no terminal


def grade(
    folder: Annotated[Path, typer.Argument(help="Notebooks, or zips of them.")],
    out: Annotated[Path, typer.Option(help="Folder of scores, pages and report.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where --out ended.")
    ] = False,
    points: Annotated[
        Path | None, typer.Option(help="points.csv, filled in by a person.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="How many at once.")] = 2,
    cluster: Annotated[
        str, typer.Option(help="A Dask scheduler whose workers run them: tcp://...")
    ] = "",
    seconds: Annotated[
        float, typer.Option(min=1, max=1e6, help="Most seconds of one notebook.")
    ] = 900,
    memory: Annotated[
        float,
        typer.Option(min=0.5, max=1e5, help="Most GiB of memory of one notebook."),
    ] = 4,
    seed_file: Annotated[
        Path | None, typer.Option(help="A secret text, to grade a class again alike.")
    ] = None,
    roster: Annotated[
        list[Path] | None,
        typer.Option(help="Class list: Canvas, Moodle, GitHub or your own CSV."),
    ] = None,
    deadline: Annotated[
        list[str] | None,
        typer.Option(help="2026-11-20T23:59, or ex05=2026-11-20T23:59."),
    ] = None,
    late: Annotated[
        float, typer.Option(min=0, max=100, help="Per cent that a late day takes.")
    ] = 0,
    attempt: Annotated[
        Attempt, typer.Option(help="Which of several notebooks counts.")
    ] = Attempt.best,
    regrade: Annotated[
        list[str] | None,
        typer.Option(help="Again: a student, ex05_2, or ann:ex05_2."),
    ] = None,
    export: Annotated[
        Platform | None, typer.Option(help="Write files that go back.")
    ] = None,
    gradebook: Annotated[
        str, typer.Option(help="URL of a database; else a file in --out.")
    ] = "",
    review: Annotated[
        bool,
        typer.Option("--review", help="Then read answers in words on a local page."),
    ] = False,
    trust_submissions: Annotated[
        bool,
        typer.Option("--trust-submissions", help="No sandbox: with your own rights."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Grade a class in a sandbox: scores.csv, a page a student, a report."""
    import signal

    from rich.console import Console

    try:
        from course_utils.grading.grade_folder import grade_folder
    except ModuleNotFoundError as error:
        raise CourseError(
            f"grading needs {error.name}: pip install 'train-gpt-course[grade]'"
        ) from error
    from course_utils.grading.roster import read_roster
    from course_utils.grading.sandbox import SubmissionLimits
    from course_utils.grading.scores import Rules, read_deadlines

    for name, value in (("--seconds", seconds), ("--memory", memory)):
        if value != value:  # which no bound refuses
            raise CourseError(f"{name} is no number: give one.")
    if cluster and trust_submissions:
        raise CourseError("--cluster runs nothing without a sandbox: leave one out.")
    limits = SubmissionLimits(
        seconds=seconds, cell_seconds=seconds / 3, memory=int(memory * 2**30)
    )
    # A polite end, as of a batch system, is like a Ctrl-C: no submission's fault.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    # Progress goes beside the results, so that --json stays one JSON object.
    console, told = Console(stderr=True), -LINE_SECONDS
    with console.status("reading the submissions") as status:

        def tell(done: int, total: int, passed: float) -> None:
            nonlocal told
            left = f", {passed / done * (total - done):.0f} s left" if done else ""
            rate = f", {60 * done / passed:.1f} a minute" if done else ""
            line = f"{done} of {total} graded{rate}{left}"
            if console.is_terminal:
                status.update(line)
            elif done == total or passed - told >= LINE_SECONDS:
                console.print(line)
                told = passed

        def show(url: str) -> None:
            status.stop()
            console.print(f"{url}\nCtrl+C ends this page and writes the scores.")

        counts = grade_folder(
            folder,
            out,
            workers=workers,
            limits=limits,
            resume=resume or review or bool(regrade),
            trust=trust_submissions,
            cluster=cluster,
            points=points,
            seed_file=seed_file,
            roster=read_roster(roster) if roster else None,
            rules=Rules(read_deadlines(deadline or []), late, attempt == "latest"),
            regrade=regrade or [],
            export=export or "",
            gradebook=gradebook,
            review=show if review else None,
            tell=tell,
        )
    if as_json:
        print_json(counts)
        return
    print(
        f"{counts['graded']} of {counts['submissions']} notebooks graded. To look at: "
        f"{counts['look_at']}. Waiting for a person: {counts['waiting']}. See "
        f"{out / 'report.html'}"
    )
