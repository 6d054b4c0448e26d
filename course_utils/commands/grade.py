"""`course grade`: a class graded in a sandbox."""

from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.output import AsJson, print_json
from course_utils.machine.errors import CourseError

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
    trust_submissions: Annotated[
        bool,
        typer.Option("--trust-submissions", help="No sandbox: with your own rights."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Grade a class in a sandbox: scores.csv, a page a student, a report."""
    import signal

    from rich.console import Console

    from course_utils.grading.grade_folder import grade_folder
    from course_utils.grading.sandbox import SubmissionLimits

    for name, value in (("--seconds", seconds), ("--memory", memory)):
        if value != value:  # which no bound refuses
            raise CourseError(f"{name} is no number: give one.")
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

        counts = grade_folder(
            folder,
            out,
            workers=workers,
            limits=limits,
            resume=resume,
            trust=trust_submissions,
            points=points,
            seed_file=seed_file,
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
