"""Check a whole notebook: run a copy of it in a kernel, and judge each answer."""

import logging
import re
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from nbformat import NotebookNode

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


def check_notebook(path: str | Path, timeout: int = 300) -> list[dict[str, Any]]:
    """Run your own exercise notebook and check every answer in it.

    The notebook's code runs, in a kernel of its own and in the notebook's folder, with
    your rights: do not use this on notebooks of people you do not trust. The file
    itself is not changed.

    Args:
        path: an exercise's notebook.
        timeout: seconds that one cell may take.

    Returns:
        One dict a question: question, title, points, out_of, hint ("" if right), and
        details (input, expected and got, or the error).

    Raises:
        CourseError: no notebook, no exercise in it, or nbclient is not installed.
    """
    cells = read(Path(path))
    asked = questions(_exercise_or_error(cells, path))
    found = find_answers(cells, asked)
    with TemporaryDirectory(prefix="course-check-") as folder:
        ran = with_probes(cells, asked, found, Path(folder))
        death = execute(ran, Path(path).resolve().parent, timeout)
        return [row(item, ran, Path(folder), death) for item in asked]


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
    ends = dict(zip(starts, [*starts[1:], len(ran.cells)], strict=False))
    probes = []
    for item in asked:
        inputs, answer = folder / f"{item.id}.inputs", folder / f"{item.id}.answer"
        inputs.write_bytes(to_bytes(make_inputs(item.id, PUBLIC_SEED)))
        start, end = found[item.id], len(ran.cells)
        if start is not None:
            ran.cells[start].metadata["course_question"] = item.id
            end = ends[start]
        source = PROBE.format(id=item.id, inputs=str(inputs), answer=str(answer))
        cell = nbformat.v4.new_code_cell(source, metadata={"course_probe": item.id})
        probes.append((end, cell))
    for index, cell in sorted(probes, key=lambda pair: pair[0], reverse=True):
        ran.cells.insert(index, cell)
    ran.cells.insert(0, nbformat.v4.new_code_cell(SETTLE))
    return ran


def execute(notebook: "NotebookNode", folder: Path, timeout: int) -> str:
    """Run every cell, errors or not; return why the kernel ended early, or ""."""
    try:
        from jupyter_client import AsyncKernelManager
        from jupyter_client.kernelspec import KernelSpecManager
        from nbclient import NotebookClient
        from nbclient.exceptions import DeadKernelError
    except ImportError as error:
        raise CourseError(
            "checking a notebook needs nbclient: pip install nbclient ipykernel"
        ) from error
    # No folder of kernels to search: "python3" is the Python that runs this.
    specs = KernelSpecManager(kernel_dirs=[])
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs),
        log=QUIET,
        timeout=timeout,
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
    if hint and not details:
        details = cell_error(ran, asked.id)
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
    """Return the error that a question's answer cell ended with, or ""."""
    for cell in ran.cells:
        if cell.metadata.get("course_question") == question_id:
            for output in cell.outputs:
                if output.output_type == "error":
                    return f"its cell stops with {output.ename}: {output.evalue}"
    return ""


def grade_id(cell: Cell) -> str:
    """Return a cell's nbgrader id, or ""."""
    return cell["metadata"]["nbgrader"]["grade_id"]
