"""`course ...`: the command line. Each command is a file of its own beside this one."""

import logging
import signal
import sys
from contextlib import nullcontext, redirect_stdout
from typing import Any

import typer

from course_utils.commands.bench import bench
from course_utils.commands.book import book
from course_utils.commands.build import build
from course_utils.commands.check import check
from course_utils.commands.doctor import doctor
from course_utils.commands.grade import grade
from course_utils.commands.lab import lab
from course_utils.commands.output import fail, replace_unprintable
from course_utils.commands.prepare import prepare
from course_utils.commands.progress import progress
from course_utils.commands.release import release
from course_utils.commands.run import run
from course_utils.commands.serve import serve
from course_utils.commands.train.command import train
from course_utils.commands.write import write
from course_utils.machine.errors import CourseError

app = typer.Typer(
    help="Train GPT: run, check, build and grade the course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    lab,
    run,
    doctor,
    check,
    progress,
    prepare,
    train,
    write,
    serve,
    bench,
    build,
    book,
    grade,
    release,
):
    app.command()(command)


def main() -> None:
    """Run the command line; bad input ends in one line and status 2."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    replace_unprintable()
    logging.raiseExceptions = False  # a log that cannot be written is no event
    try:
        # A library may print on its own: with --json only the object goes to stdout.
        with redirect_stdout(sys.stderr) if "--json" in sys.argv else nullcontext():
            app()
    except CourseError as error:
        fail(str(error), 2)
    except KeyboardInterrupt:
        fail("interrupted: nothing finished is lost.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _as_interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
