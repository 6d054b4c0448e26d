"""`course release`: the students' bundle of exercises."""

from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.output import AsJson, print_json


def release(
    exercises: Annotated[list[str], typer.Argument(help="Such as ex05.")],
    out: Annotated[Path, typer.Option(help="Folder or zip.")] = Path("release"),
    as_json: AsJson = False,
) -> None:
    """Write the students' bundle of exercises: no solutions, nothing hidden."""
    from course_utils.grading.release import release as write_bundle
    from course_utils.machine.places import course_root

    files = [str(path) for path in write_bundle(exercises, out, course_root())]
    if as_json:
        print_json({"files": files})
        return
    print("\n".join(files))
