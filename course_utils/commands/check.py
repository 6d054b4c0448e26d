"""`course check`: your own exercise notebook, points and hints."""

from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.output import AsJson, notes_console, print_json


def check(
    notebook: Annotated[Path, typer.Argument(help="Your exercise notebook.")],
    as_json: AsJson = False,
) -> None:
    """Run your own exercise notebook: points and hints per question."""
    from course_utils.checks import check_notebook

    with notes_console().status("running the notebook"):
        rows = check_notebook(notebook)
    if as_json:
        print_json({"questions": rows})
    else:
        _show_check(rows)


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
