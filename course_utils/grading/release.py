"""The students' bundle of exercises: the stub notebooks, without any answer."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path, write_text

TELLING = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS")
README = """\
{titles}

Open a notebook in JupyterLab or Colab: its first cell says how to install the course.
Write your code where a cell says `raise NotImplementedError`. The cell below an answer
checks it, as often as you like. `course check NOTEBOOK` checks them all.

Hand in the .ipynb file. Do not rename the functions, and keep the cells you were given.
"""


def release(exercises: list[str], out: Path, root: Path) -> list[Path]:
    """Write the bundle of `exercises` ("ex05", or a notebook's name) into `out`.

    Args:
        exercises: their names.
        out: a folder, or the name of the archive beside it: "bundle.zip".
        root: the course's folder.

    Returns:
        The files written: the notebooks, README.md, and both zipped beside `out`.

    Raises:
        CourseError: no such exercise, or its stub still holds an answer.
    """
    notebooks = [_find(name, root) for name in exercises]
    if not notebooks:
        raise CourseError("name an exercise, such as: course release ex05")
    out = out.with_suffix("") if out.suffix == ".zip" else out
    written, titles = [], []
    for path in notebooks:
        document = json.loads(path.read_text(encoding="utf-8"))
        _refuse_answers(document, root / "solutions" / path.name, path.name)
        title = "".join(document["cells"][0]["source"]).splitlines()[0]
        titles.append(f"{title.lstrip('# ')}: {path.name}")
        for cell in document["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        written.append(write_text(out / path.name, text))
    text = README.format(titles="\n".join(titles))
    written.append(write_text(out / "README.md", text))
    archive = out.resolve().with_name(f"{out.resolve().name}.zip")
    with atomic_path(archive) as temporary, ZipFile(temporary, "w") as bundle:
        for path in written:  # and nothing else that lies there
            bundle.write(path, path.name, ZIP_DEFLATED)
    return [*written, archive]


def _find(name: str, root: Path) -> Path:
    known = sorted((root / "exercises").glob("ex*.ipynb"))
    for path in known:
        if name in (path.stem, path.stem.partition("_")[0], path.name):
            return path
    names = ", ".join(path.stem for path in known)
    raise CourseError(f"no exercise {name!r}. There are: {names}.")


def _refuse_answers(stub: dict[str, Any], solution: Path, name: str) -> None:
    """Refuse a stub with a cell that is an answer or holds a mark of one.

    Raises:
        CourseError: a cell does; the message gives its number.
    """
    answers = {}
    if solution.exists():
        for cell in json.loads(solution.read_text(encoding="utf-8"))["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            hidden = "solution-only" in cell["metadata"].get("tags", [])
            if marks.get("solution") or hidden:
                answers["".join(cell["source"]).strip()] = cell.get("id", "?")
    for number, cell in enumerate(stub["cells"]):
        source = "".join(cell["source"])
        if source.strip() in answers or any(mark in source for mark in TELLING):
            raise CourseError(
                f"cell {number} of exercises/{name} holds an answer: course build"
            )
