"""`course check`: your own exercise notebook, points and hints."""

from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.output import AsJson, harmless, notes_console, print_json


def check(
    notebook: Annotated[Path, typer.Argument(help="Your exercise notebook.")],
    seconds: Annotated[
        int, typer.Option(min=1, help="Most seconds of one question.")
    ] = 60,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 below full points.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run your own exercise notebook: points and hints per question."""
    from course_utils.checks import check_notebook

    console = notes_console()
    with console.status("starting") as status:

        def tell(question: str) -> None:
            if console.is_terminal:
                status.update(question)
            else:
                console.print(question, style="dim")

        rows = check_notebook(notebook, timeout=seconds, tell=tell)
    if as_json:
        print_json({"questions": rows})
    else:
        _show_check(rows)
    checked = [row for row in rows if row["points"] is not None]
    if strict and any(row["points"] < row["out_of"] for row in checked):
        raise typer.Exit(1)


def _show_check(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["points"] is None:
            print(f"{row['question']}  in words: a person gives up to {row['out_of']}")
            continue
        points = f"{row['points']} of {row['out_of']}"
        print(f"{row['question']}  {points}  {row['title']}")
        for text in filter(None, [row["hint"], row["details"]]):
            lines = harmless(text).splitlines()
            print("\n" + "\n".join(f"    {line}" for line in lines))
        if row["hint"]:
            print()
    print(f"\n{total(rows)}")


def total(rows: list[dict[str, Any]]) -> str:
    """Return the line of points: those of the checks, and those that a person gives."""
    checked = [row for row in rows if row["points"] is not None]
    written = [row for row in rows if row["points"] is None]
    earned, most = (sum(row[name] for row in checked) for name in ("points", "out_of"))
    line = f"{earned} of {most} points."
    if written:
        names = ", ".join(row["question"] for row in written)
        line += (
            f" A person gives up to {sum(r['out_of'] for r in written)} for {names}."
        )
    return line
