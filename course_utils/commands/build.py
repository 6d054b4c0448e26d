"""`course build`: notebooks, exercises and solutions from source/."""

from typing import Annotated

import typer

from course_utils.commands.output import AsJson, notes_console, print_json


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
    from course_utils.machine.places import course_root

    root, failed = course_root(), False
    changes = build_notebooks(root, check=check, repo=repo, tag=tag)
    lines = [f"{change.path.relative_to(root)}: {change.reason}" for change in changes]
    if execute and not check:
        with notes_console().status("executing") as status:
            for done in execute_built(
                root, on_cell=lambda path, i, n: status.update(f"{path.name}: {i}/{n}")
            ):
                failed = failed or done.error is not None
                result = done.error or f"executed in {done.seconds:.0f} s"
                lines.append(f"{done.path.relative_to(root)}: {result}")
    if as_json:
        print_json({"changes": lines})
    else:
        print("\n".join(lines) or "everything is up to date")
    if failed or (check and changes):
        raise typer.Exit(1)
