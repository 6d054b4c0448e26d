"""Check a whole notebook: run a copy of it in a kernel, and judge each answer."""

import json
import logging
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from course_utils.checks import progress
from course_utils.checks.cells import is_check
from course_utils.checks.contract import Question
from course_utils.checks.plain_data import PlainError, from_bytes, to_bytes
from course_utils.checks.read_notebook import Cell, exercise_of, read_cells
from course_utils.checks.run_question import (
    PUBLIC_SEED,
    make_inputs,
    questions,
    run_judge,
    with_cell_error,
)
from course_utils.machine.errors import CourseError
from course_utils.machine.extras import require_tools

if TYPE_CHECKING:
    from nbformat import NotebookNode

LONGER = 10  # times as long as a function's check: a run of minutes on a CPU
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ARROW = re.compile(r"^-+> (\d+) ", re.MULTILINE)  # how IPython marks the line
QUIET = logging.getLogger(f"{__name__}.quiet")  # nbclient logs every time-out
QUIET.disabled = True
SETTLE = (
    "from course_utils.checks.shell import settle as _settle\n"
    "_settle(get_ipython())\n"
    "del _settle"
)
PROBE = (
    "from course_utils.checks.run_question import probe_file as _probe_file\n"
    "_probe_file({id!r}, globals(), {inputs!r}, {answer!r})"
)


def check_notebook(
    path: str | Path, timeout: int = 60, tell: Callable[[str], None] = lambda line: None
) -> list[dict[str, Any]]:
    """Run your own exercise notebook and check every answer in it.

    The notebook's code runs, in a kernel of its own and in the notebook's folder, with
    your rights: do not use this on notebooks of people you do not trust. The file
    itself is not changed. The points are kept, as those of `check` in a notebook are.

    Args:
        path: an exercise's notebook.
        timeout: seconds that one question may take. A real run, such as 11.6, and the
            cells around the questions may take longer: LONGER times as many.
        tell: called with a line for each question that is begun.

    Returns:
        One dict a question: question, title, points, out_of, hint ("" if right), and
        details (input, expected and got, or the error with its line). Questions in
        words come last; their points are None, for a person gives them.

    Raises:
        CourseError: no notebook, no exercise in it, or Jupyter is not installed.
    """
    require_tools("nbformat", "nbclient", "jupyter_client", "ipykernel", extra="lab")
    cells = read(Path(path))
    asked = questions(_exercise_or_error(cells, path))
    found = find_answers(cells, asked)
    with TemporaryDirectory(prefix="course-check-") as folder:
        ran = with_probes(cells, asked, found, Path(folder))
        home = Path(path).resolve().parent
        death = execute(ran, home, asked, timeout, tell)
        rows = [row(item, ran, Path(folder), death) for item in asked]
    progress.keep({row["question"]: row["points"] for row in rows}, home)
    return rows + written_questions(Path(path))


def written_questions(path: Path) -> list[dict[str, Any]]:
    """Return the questions in words, which a person grades, as rows of the table.

    They are known by nbgrader's metadata; a notebook that has lost them has none.
    """
    found = []
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            marks = cell["metadata"].get("nbgrader") or {}
            if cell["cell_type"] == "markdown" and marks.get("grade"):
                found.append((str(marks["grade_id"]), int(marks["points"])))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return []
    return [
        {
            "question": name,
            "title": "in words",
            "points": None,
            "out_of": points,
            "hint": "A person reads it: see its rubric.",
            "details": "",
        }
        for name, points in found
    ]


def read(path: Path) -> list[Cell]:
    """Read a notebook's cells, without what they printed.

    Raises:
        CourseError: it is missing or no notebook.
    """
    try:
        return read_cells(path.read_bytes())
    except OSError as error:
        raise CourseError(f"cannot read {path}: {error.strerror}.") from error
    except CourseError as error:
        raise CourseError(f"cannot check {path}: {error}") from error


def _exercise_or_error(cells: list[Cell], path: str | Path) -> str:
    exercise = exercise_of(cells, PurePath(Path(path).name))
    if not exercise:
        raise CourseError(
            f"{path} is no exercise of the course: it has no cell such as "
            '`check("ex05_1")`.'
        )
    return exercise


def find_answers(cells: list[Cell], asked: list[Question]) -> dict[str, int | None]:
    """Return the index of each question's answer cell, by question id.

    An answer is known by its nbgrader id, else by its cell id, else by the name that
    it defines, since web editors lose the first two. None: no such cell.
    """
    codes = [(i, cell) for i, cell in enumerate(cells) if cell["cell_type"] == "code"]
    found = {}
    for item in asked:
        by_grade_id = [i for i, cell in codes if grade_id(cell) == item.id]
        by_cell_id = [i for i, cell in codes if cell["id"] == item.id]
        by_name = [i for i, cell in codes if defines(cell["source"], item.name)]
        # A copied cell keeps its id: of several, the last that defines the name.
        same_id = by_grade_id or by_cell_id
        best = [i for i in same_id if i in by_name] or same_id or by_name
        found[item.id] = best[-1] if best else None
    return found


def defines(source: str, name: str) -> bool:
    """Return whether a cell's top level defines or assigns `name`."""
    pattern = rf"^(def|class)\s+{name}\b|^{name}\s*(:[^=]+)?=[^=]"
    return re.search(pattern, source, re.MULTILINE) is not None


def with_probes(
    cells: list[Cell],
    asked: list[Question],
    found: dict[str, int | None],
    folder: Path,
) -> "NotebookNode":
    """Return a notebook with a cell per question that writes its answer to `folder`.

    An answer is probed before the next question's cell, so that names which a later
    question uses again do not get mixed up.
    """
    import nbformat

    ran = nbformat.v4.new_notebook()
    for cell in cells:
        if cell["cell_type"] == "code":
            # The probes do the work of the checks.
            source = "" if is_check(cell["source"]) else cell["source"]
            ran.cells.append(nbformat.v4.new_code_cell(source))
            ran.cells[-1].metadata["course_own"] = True
        else:
            ran.cells.append(nbformat.v4.new_markdown_cell(cell["source"]))
    starts = sorted({index for index in found.values() if index is not None})
    ends = dict(pairwise([*starts, len(ran.cells)]))
    probes = []
    for item in asked:
        inputs, answer = folder / f"{item.id}.inputs", folder / f"{item.id}.answer"
        inputs.write_bytes(to_bytes(make_inputs(item.id, PUBLIC_SEED)))
        start, end = found[item.id], len(ran.cells)
        if start is not None:
            ran.cells[start].metadata["course_question"] = item.id
            end = ends[start]
        source = PROBE.format(id=item.id, inputs=str(inputs), answer=str(answer))
        marks = {"course_probe": item.id}
        cell = nbformat.v4.new_code_cell(source, metadata=marks)
        probes.append((end, cell))
    for index, cell in sorted(probes, key=lambda pair: pair[0], reverse=True):
        ran.cells.insert(index, cell)
    ran.cells.insert(0, nbformat.v4.new_code_cell(SETTLE))
    return ran


def execute(
    notebook: "NotebookNode",
    folder: Path,
    asked: list[Question],
    timeout: int,
    tell: Callable[[str], None],
) -> str:
    """Run every cell, errors or not; return why the kernel ended early, or ""."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    functions = {item.id for item in asked if item.is_function}
    names = {item.id: f"{item.label}, {item.title}" for item in asked}

    def asked_of(cell: "NotebookNode") -> str:
        marks = cell.metadata
        return marks.get("course_question", marks.get("course_probe", ""))

    def seconds(cell: "NotebookNode") -> int:
        # A cell that defines a function takes no time; one that trains takes minutes.
        quick = asked_of(cell) in functions
        return timeout if quick else LONGER * timeout

    def begun(cell: "NotebookNode", cell_index: int) -> None:
        if name := names.pop(asked_of(cell), ""):
            tell(name)

    # No folder of kernels to search: "python3" is the Python that runs this.
    specs = KernelSpecManager(kernel_dirs=[])
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs),
        log=QUIET,
        timeout_func=seconds,
        on_cell_start=begun,
        allow_errors=True,
        interrupt_on_timeout=True,
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.owns_km = True  # so that it ends the kernel
    try:
        client.execute()
    except DeadKernelError:
        return "The kernel died in a cell above, perhaps out of memory."
    return ""


def row(
    asked: Question, ran: "NotebookNode", folder: Path, death: str
) -> dict[str, Any]:
    """Return a question's line of the table."""
    points, hint, details = 0, "", ""
    try:
        content = (folder / f"{asked.id}.answer").read_bytes()
        verdict = run_judge(asked.id, from_bytes(content, asked.max_bytes), PUBLIC_SEED)
        own, above = stopped(ran, asked.id)
        verdict = with_cell_error(verdict, own, above)
        points, hint, details = asked.earned(verdict), verdict.message, verdict.details
    except FileNotFoundError:
        hint = death or f"{asked.label} takes too long, or its kernel stopped."
    except PlainError as error:
        hint = f"{asked.label} cannot be read: {error}."
    if hint:
        details = "\n".join(filter(None, [details, cell_error(ran, asked.id)]))
    return {
        "question": asked.id,
        "title": asked.title,
        "points": points,
        "out_of": asked.points,
        "hint": hint,
        "details": details,
    }


def stopped(ran: "NotebookNode", question_id: str) -> tuple[str, str]:
    """Return the errors of a question's answer cell and of the first cell that has one.

    Cells below the question's probe do not count.
    """
    own = above = ""
    for cell in ran.cells:
        if cell.metadata.get("course_probe") == question_id:
            break
        if not cell.metadata.get("course_own"):
            continue
        names = [o.ename for o in cell.outputs if o.output_type == "error"]
        if names and cell.metadata.get("course_question") == question_id:
            own = names[0]
        above = above or "".join(names[:1])
    return own, above


def cell_error(ran: "NotebookNode", question_id: str) -> str:
    """Return the error that a question's answer cell ended with, with its line."""
    for cell in ran.cells:
        if cell.metadata.get("course_question") == question_id:
            for output in cell.outputs:
                if output.output_type == "error":
                    stops = f"its cell stops with {output.ename}: {output.evalue}"
                    return "\n".join(filter(None, [stops, line_of(output, cell)]))
    return ""


def line_of(error: "NotebookNode", cell: "NotebookNode") -> str:
    """Return the line of a cell that an error stopped in, or "" if it is not said."""
    text = COLOURS.sub("", "\n".join(error.get("traceback", [])))
    lines = cell.source.splitlines()
    for number in map(int, ARROW.findall(text)):
        if 0 < number <= len(lines) and f"{number} {lines[number - 1]}" in text:
            return f"line {number} of your cell: {lines[number - 1].strip()}"
    return ""


def grade_id(cell: Cell) -> str:
    """Return a cell's nbgrader id, or ""."""
    return cell["metadata"]["nbgrader"]["grade_id"]
