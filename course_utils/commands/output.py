"""How the commands print: results to standard output, notes beside them."""

import io
import json
import sys
from typing import Annotated, Any, NoReturn

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ProfileName = Annotated[str | None, typer.Option("--profile", help="tiny, colab, full")]
Strict = Annotated[bool, typer.Option(help="Never fall back to the tiny profile.")]


def print_json(value: Any) -> None:
    """Print the one JSON object of `--json`, whatever standard output is now."""
    print(json.dumps(value), file=sys.__stdout__, flush=True)


def say(line: str) -> None:
    """Print a note for a person, beside the results."""
    print(line, file=sys.stderr, flush=True)


def notes_console():
    """Return a rich console for progress and notes, beside the results."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def replace_unprintable() -> None:
    """Print a "?" for what the console cannot show, as Windows' cp1252, and go on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def fail(message: str, status: int) -> NoReturn:
    """Print one line that says what is wrong, and end with this status."""
    print(f"course: {message}", file=sys.stderr)
    sys.exit(status)
