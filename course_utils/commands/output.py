"""How the commands print: results to standard output, notes beside them."""

import io
import json
import sys
from typing import Annotated, Any, NoReturn

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ProfileName = Annotated[str | None, typer.Option("--profile", help="tiny, colab, full")]
# Unicode has a picture of each of the first 32 and of "delete", and none of the others.
SIGNS = {n: chr(0x2400 + n) for n in range(32) if chr(n) not in "\n\t"}
SIGNS |= {0x7F: "␡"} | dict.fromkeys(range(0x80, 0xA0), "�")
Strict = Annotated[bool, typer.Option(help="Never fall back to the tiny profile.")]


def print_json(value: Any) -> None:
    """Print the one JSON object of `--json`, whatever standard output is now."""
    print(json.dumps(value), file=sys.__stdout__, flush=True)


def harmless(text: str) -> str:
    r"""Return a text whose control characters are signs, which no terminal obeys.

    A model, or a file that it learned from, may hold the sequences that clear the
    screen or rename the window. Line breaks and tabs stay as they are.

    Example:
        >>> harmless("\x1b[2Jgone\n")
        '␛[2Jgone\n'
    """
    return text.translate(SIGNS)


def say(line: str) -> None:
    """Print a note for a person, beside the results."""
    print(harmless(line), file=sys.stderr, flush=True)


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
    print(harmless(f"course: {message}"), file=sys.stderr)
    sys.exit(status)
