"""`course book`: the whole course as a static site."""

from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.output import AsJson, notes_console, print_json
from course_utils.machine.errors import CourseError


def book(
    out: Annotated[Path, typer.Option(help="Folder of the site.")] = Path("build/book"),
    solutions: Annotated[
        bool, typer.Option("--solutions", help="Take in the solutions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build the book: lessons, exercises, glossary, reference, and a live GPT-2."""
    from course_utils.authoring.book import build_book
    from course_utils.machine.places import checkout

    root = checkout()
    if root is None:
        raise CourseError("the book is made in a checkout of the course.")
    with notes_console().status("building the book: about a minute"):
        page = build_book(root, out, solutions=solutions)
    if as_json:
        print_json({"page": str(page)})
    else:
        print(page)
