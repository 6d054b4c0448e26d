"""Read the cells of a source, check them, and add the metadata of nbgrader."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.checks.contract import label
from course_utils.checks.run_question import question
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from nbformat import NotebookNode

KNOWN = ("tags", "answer", "check", "points")
SETUP_END = re.compile(r"^profile = start_lesson\(.*\)$")
# A line of the table of questions, such as "| 5.2 | the loss | {points} |".
POINTS = re.compile(r"^\| (\d+)\.(\d+) \|.*(\{points\})", re.MULTILINE)
# What nbgrader leaves of a solution: the comment above it, and its one stub text.
STUB = re.compile(
    r"^( *)# *(?P<label>.+)\n\1raise NotImplementedError\(\)$", re.MULTILINE
)

Problem = tuple[int, str]  # lines below the cell's marker, what is wrong


def read_cells(text: str, source: Path) -> tuple[list["NotebookNode"], list[int]]:
    """Return a source's cells, and the line number at which each starts.

    Raises:
        CourseError: the file cannot be divided into cells; with file and line.
    """
    import jupytext
    import nbformat

    starts = [
        (number, line)
        for number, line in enumerate(text.split("\n"), start=1)
        if re.match(r"# *%%+(\s|$)", line)
    ]
    if not starts or text[: text.index(starts[0][1])].strip():
        raise CourseError(f"{source}:1: start the file with `# %% [markdown]`.")
    try:
        cells = jupytext.reads(text, fmt="py:percent").cells
    except nbformat.ValidationError as error:
        bad = [number for number, line in starts if re.search(r"tags=[^\[]", line)]
        line = (bad or [1])[0]
        raise CourseError(f'{source}:{line}: write tags as ["setup"].') from error
    if len(cells) != len(starts):
        raise CourseError(
            f"{source}:1: {len(starts)} lines start with `# %%` but {len(cells)} cells "
            "were found: look for a string that is not closed."
        )
    return cells, [number for number, _ in starts]


def check_cells(cells: list["NotebookNode"], lines: list[int], source: Path) -> None:
    """Check a source's metadata, question ids, markers and frame.

    Raises:
        CourseError: one line with file and line number.
    """
    seen: dict[str, int] = {}
    for cell, line in zip(cells, lines, strict=True):
        found = _metadata(cell, source.stem), _question(cell, seen), _markers(cell)
        for problems in found:
            for offset, problem in problems:
                raise CourseError(f"{source}:{line + offset}: {problem}")
        for kind in ("answer", "check"):
            if kind in cell.metadata:
                seen[f"{kind} {cell.metadata[kind]}"] = line
        if "answer" in cell.metadata and "points" in cell.metadata:
            seen[f"check {cell.metadata['answer']}"] = line  # a person checks it
    for name, line in seen.items():
        kind, question = name.split()
        if kind == "answer" and f"check {question}" not in seen:
            raise CourseError(f"{source}:{line}: {question} is never checked.")
    for problem in _frame(cells):
        raise CourseError(f"{source}:1: {problem}")


def fill_points(cells: list["NotebookNode"], source: Path) -> None:
    """Give check cells the points of their questions, and write them into the table.

    Raises:
        CourseError: the table names a question that there is not.
    """
    written = {
        cell.metadata["answer"]: cell.metadata["points"]
        for cell in cells
        if "answer" in cell.metadata and "points" in cell.metadata
    }

    def filled(line: re.Match) -> str:
        name = f"ex{int(line[1]):02}_{int(line[2])}"
        try:
            points = written.get(name) or question(name).points
        except CourseError as error:
            raise CourseError(f"{source}:1: {error}") from error
        return line[0].replace(line[3], str(points))

    for cell in cells:
        if "check" in cell.metadata:
            cell.metadata["points"] = question(cell.metadata["check"]).points
        elif cell.cell_type == "markdown":
            cell.source = POINTS.sub(filled, cell.source)


def expand(cell: "NotebookNode") -> None:
    """Replace `answer`, `check` and `points` by nbgrader's metadata (schema 3)."""
    answer = cell.metadata.pop("answer", None)
    check = cell.metadata.pop("check", None)
    points = cell.metadata.pop("points", None)
    if not answer and not check:
        return
    cell.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": answer or f"{check}_check",
        "locked": check is not None,
        "schema_version": 3,
        "solution": answer is not None,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points


def label_stub(cell: "NotebookNode") -> None:
    """Move the comment above each `raise NotImplementedError()` into its message."""
    nbgrader = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not nbgrader.get("solution"):
        return
    title = label(nbgrader["grade_id"])

    def labelled(match: re.Match) -> str:
        message = f"{title}: {match['label']}".replace("\\", "\\\\").replace('"', "'")
        return f'{match[1]}raise NotImplementedError("{message}")'

    cell.source = STUB.sub(labelled, cell.source)


def _metadata(cell: "NotebookNode", stem: str) -> Iterator[Problem]:
    metadata = cell.metadata
    bad = metadata.get("incorrectly_encoded_metadata") or metadata.get("title")
    if bad:
        yield 0, f"cannot read the cell's metadata `{bad}`: write key=value, as JSON."
    for key in metadata.keys() - KNOWN:
        yield 0, f"unknown metadata {key!r}: use {', '.join(KNOWN)}."
    points = metadata.get("points", 1)
    if not isinstance(points, int | float) or points <= 0:
        yield 0, f"points={points!r} is no number above 0."
    exercise = stem.partition("_")[0]
    for kind in metadata.keys() & {"answer", "check"}:
        if not exercise.startswith("ex"):
            yield 0, "questions belong into source/exercises/exNN_name.py."
        if not re.fullmatch(rf"{exercise}_\d+", str(metadata[kind])):
            yield 0, f'{kind}={metadata[kind]!r}: the id has to be "{exercise}_N".'


def _question(cell: "NotebookNode", seen: dict[str, int]) -> Iterator[Problem]:
    metadata = cell.metadata
    kinds = metadata.keys() & {"answer", "check"}
    if len(kinds) == 2:
        yield 0, "a cell is an answer or a check, not both."
    if "points" in metadata and not kinds:
        yield 0, "points belong to an answer that a person grades."
    for kind in kinds:
        if line := seen.get(f"{kind} {metadata[kind]}"):
            yield 0, f"{kind} {metadata[kind]} is already in line {line}."
    if "check" in kinds:
        yield from _check(metadata, seen)


def _check(metadata: dict[str, Any], seen: dict[str, int]) -> Iterator[Problem]:
    name = metadata["check"]
    if f"answer {name}" not in seen:
        yield 0, f"check {name} has no answer cell above it."
    if "points" in metadata:
        yield 0, f"the points of a check stand in course_utils/checks/probes/{name}.py."
    try:
        question(name)
    except CourseError as error:
        yield 0, str(error)


def _markers(cell: "NotebookNode") -> Iterator[Problem]:
    opened, regions, above = 0, 0, ""
    for offset, line in enumerate(cell.source.split("\n"), start=1):
        if "BEGIN SOLUTION" in line:
            if "answer" not in cell.metadata:
                yield offset, 'a solution outside a cell with answer="exNN_N".'
            if opened:
                yield offset, "BEGIN SOLUTION inside a solution: END SOLUTION it first."
            if not re.match(r" *# *\w", above):
                yield offset, "needs a comment line above it that says what to write."
            opened, regions = offset, regions + 1
        elif "END SOLUTION" in line:
            if not opened:
                yield offset, "END SOLUTION without a BEGIN SOLUTION above it."
            opened = 0
        above = line
    if opened:
        yield opened, "BEGIN SOLUTION without an END SOLUTION below it."
    if cell.cell_type == "code" and "answer" in cell.metadata and not regions:
        yield 0, "an answer needs ### BEGIN SOLUTION and ### END SOLUTION."


def _frame(cells: list["NotebookNode"]) -> Iterator[str]:
    if cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        yield "the first cell has to be the title: text that starts with `# Title`."
    setups = [cell for cell in cells if "setup" in cell.metadata.get("tags", [])]
    if len(setups) != 1:
        yield f'{len(setups)} cells are tagged "setup": exactly one has to be.'
    statements = list(filter(None, setups[0].source.split("\n")))
    if len(statements) > 2 or not SETUP_END.match(statements[-1]):
        yield "the setup cell is one import and `profile = start_lesson(...)`."
