"""Make notebooks, exercises and solutions from the sources in `source/`.

A source is a Python file in jupytext's py:percent format; docs/authoring.md says how
one is written. Stubs are made with nbgrader's own preprocessors.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from course_utils.authoring.embed_drawings import embed_drawings, load_drawings
from course_utils.machine.errors import CourseError
from course_utils.machine.extras import require_tools
from course_utils.machine.files import content_key, read_text, write_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What Kaggle reads where a notebook is imported: without the internet, no pip install.
KAGGLE = {
    "accelerator": "none",
    "dataSources": [],
    "isGpuEnabled": False,
    "isInternetEnabled": True,
    "language": "python",
    "sourceType": "notebook",
}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
INSTALL_LOCALLY = (
    '# Install first: pip install "train-gpt-course[lab]", in a checkout -e ".[lab]"'
)
INSTALL_FROM_REPO = """\
try:
    import course_utils
except ModuleNotFoundError:
    %pip install -q "train-gpt-course @ git+https://github.com/{repo}@{tag}\""""
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repo}/blob/{tag}/{path})"
)


class Home(NamedTuple):
    """Where the course is published: `OWNER/NAME`, or "" for nowhere, and a tag."""

    repo: str
    tag: str


class Change(NamedTuple):
    """A notebook, and why it was written or would have to be."""

    path: Path
    reason: str  # "new", "changed", "no source", "outputs are not of this code"


def build(
    root: str | Path,
    check: bool = False,
    repo: str | None = None,
    tag: str | None = None,
) -> list[Change]:
    """Build every notebook of the course below `root`; return those that changed.

    A notebook keeps its outputs if the code that made them has not changed.

    Args:
        root: the checkout of the course.
        check: write nothing, and return what is out of date. This includes notebooks
            whose stored outputs were made by other code.
        repo: `OWNER/NAME` of the published course; it is kept in pyproject.toml. None
            means the one that is kept there.
        tag: the release that a notebook installs; it is kept likewise.

    Raises:
        CourseError: a source is broken, with its file and line, or `repo` is not of the
            form OWNER/NAME.
    """
    require_tools("jupytext", "nbclient", "nbconvert", "nbgrader", extra="author")
    root = Path(root)
    home = course_home(root, repo, tag)
    if not check and (repo is not None or tag is not None):
        _keep_home(root, home)
    changes, built = [], set()
    drawings = load_drawings(root / "source" / "drawings")
    for path, notebook in build_all(root, home):
        built.add(path)
        old = read_notebook(path) if path.exists() else None
        embed_drawings(notebook, old, drawings, draw=not check)
        reason = _difference(old, notebook)
        if reason and not check:
            keep_outputs(old, notebook)
            write_notebook(path, notebook)
        elif check and old and not reason and outputs_are_stale(old):
            reason = "outputs are not of this code"
        if reason:
            changes.append(Change(path, reason))
    for path in sorted(_orphans(root, built)):
        changes.append(Change(path, "no source"))
        if not check:
            path.unlink()
    return changes


def build_all(root: Path, home: Home) -> Iterator[tuple[Path, "NotebookNode"]]:
    """Yield each notebook's path and content, without outputs."""
    sources = sorted(root.glob("source/lessons/*.py"))
    exercises = sorted(root.glob("source/exercises/*.py"))
    if not sources and not exercises:
        raise CourseError(
            f"no sources below {root / 'source'}: run this in a checkout of the course."
        )
    seen: dict[str, Path] = {}
    for source in (*sources, *exercises):
        number = source.stem.split("_")[0]
        if number in seen:
            raise CourseError(f"{source}: {seen[number].name} has this number too.")
        seen[number] = source
    for source in sources:
        path = root / "notebooks" / f"{source.stem}.ipynb"
        yield path, build_notebook(source, root, path, home)
    for source in exercises:
        solution = root / "solutions" / f"{source.stem}.ipynb"
        yield solution, build_notebook(source, root, solution, home)
        stub = root / "exercises" / f"{source.stem}.ipynb"
        yield stub, make_stub(build_notebook(source, root, stub, home))


def build_notebook(source: Path, root: Path, path: Path, home: Home) -> "NotebookNode":
    """Return the whole notebook of one source, to be written to `path`.

    Raises:
        CourseError: the source is broken; the message gives file and line.
    """
    import nbformat

    from course_utils.authoring.source import (
        check_cells,
        expand,
        fill_points,
        read_cells,
    )

    cells, lines = read_cells(read_text(source), source)
    for cell in cells:
        cell.metadata.pop("lines_to_next_cell", None)
    check_cells(cells, lines, source)
    code = code_key(cells)
    fill_points(cells, source)

    new = []
    for index, cell in enumerate(cells):
        expand(cell)
        if "setup" in cell.metadata.get("tags", []):
            cell.source = _setup(cell.source, home)
        if "quiz" in cell.metadata.get("tags", []):
            # A quiz's code holds its answers: folded in JupyterLab, a form in Colab.
            cell.metadata |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
        if index == 0 and home.repo:
            badge = BADGE.format(
                **home._asdict(), path=path.relative_to(root).as_posix()
            )
            title, *rest = cell.source.split("\n")
            cell.source = "\n".join([title, "", badge, *rest])
        # Web editors lose nbgrader's metadata, but keep a cell's id.
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        name = name or f"{source.stem}-{index:03d}"
        make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        new.append(make(cell.source, id=name, metadata=cell.metadata))
    return nbformat.v4.new_notebook(
        cells=new,
        metadata={
            "kaggle": KAGGLE,
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
            "course": {"source": source.relative_to(root).as_posix(), "code": code},
        },
    )


def make_stub(notebook: "NotebookNode") -> "NotebookNode":
    """Return the notebook with its solutions taken out, ready for a student.

    nbgrader writes one stub text everywhere; each question's own message is made from
    the comment above its solution.
    """
    from nbgrader.preprocessors import (
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    from course_utils.authoring.source import label_stub

    notebook.cells = [
        cell
        for cell in notebook.cells
        if "solution-only" not in cell.metadata.get("tags", [])
    ]
    clear = ClearSolutions(
        code_stub={"python": "raise NotImplementedError()"},
        text_stub="*Write your answer here.*",
    )
    for step in (LockCells(), clear, ClearOutput()):
        notebook, _ = step.preprocess(notebook, {})
    for cell in notebook.cells:
        label_stub(cell)
    notebook, _ = ComputeChecksums().preprocess(notebook, {})
    del notebook.metadata.course["code"]  # a stub is never executed by the build
    return notebook


def code_key(cells: list) -> str:
    """Return a hash of the code cells, in order: what the outputs depend on."""
    return content_key(*(cell.source for cell in cells if is_code(cell)))


def is_code(cell: "NotebookNode") -> bool:
    """Return whether this is a code cell."""
    return cell.cell_type == "code"


def outputs_are_stale(notebook: "NotebookNode") -> bool:
    """Return whether a lesson or solution has to be executed again."""
    course = notebook.metadata.get("course", {})
    return course.get("code") != course.get("executed")


def read_notebook(path: Path) -> "NotebookNode":
    """Read one notebook.

    Raises:
        CourseError: the file is missing, or it is not a notebook.
    """
    import nbformat

    try:
        return nbformat.reads(read_text(path), as_version=4)
    except (ValueError, KeyError, nbformat.ValidationError) as error:
        raise CourseError(f"{path} is no notebook: build it again.") from error


def write_notebook(path: Path, notebook: "NotebookNode") -> None:
    """Write one notebook: the same content gives the same bytes."""
    import nbformat

    write_text(path, nbformat.writes(notebook) + "\n")


def keep_outputs(old: "NotebookNode | None", new: "NotebookNode") -> None:
    """Copy the outputs of `old` into `new` if both have the same code."""
    if old is None:
        return
    executed = old.metadata.get("course", {}).get("executed")
    if not executed or executed != new.metadata.course.get("code"):
        return
    olds = [cell for cell in old.cells if is_code(cell)]
    news = [cell for cell in new.cells if is_code(cell)]
    if len(olds) != len(news):
        return
    new.metadata.course["executed"] = executed
    for before, after in zip(olds, news, strict=True):
        after.outputs = before.outputs
        after.execution_count = before.execution_count


def course_home(root: Path, repo: str | None = None, tag: str | None = None) -> Home:
    """Return where the course is published.

    Args:
        root: the checkout of the course.
        repo: OWNER/NAME, or None for what pyproject.toml has.
        tag: a tag or branch, likewise.

    Raises:
        CourseError: `repo` or `tag` is no such name.
    """
    project = root / "pyproject.toml"
    kept = tomllib.loads(project.read_text("utf-8")) if project.exists() else {}
    kept = kept.get("tool", {}).get("course", {})
    home = Home(
        kept.get("repo", "") if repo is None else repo,
        (kept.get("tag", "") if tag is None else tag) or "main",
    )
    if home.repo and not re.fullmatch(r"[\w.-]+/[\w.-]+", home.repo):
        raise CourseError(f"--repo {home.repo!r} is no OWNER/NAME: give one such name.")
    if not re.fullmatch(r"[\w./-]+", home.tag):
        raise CourseError(f"--tag {home.tag!r} is no name of a tag or branch.")
    return home


def _difference(old: "NotebookNode | None", new: "NotebookNode") -> str:
    """Return why `old` must be written again, or "" if only outputs differ."""
    if old is None:
        return "new"
    return "" if _without_outputs(old) == _without_outputs(new) else "changed"


def _without_outputs(notebook: "NotebookNode") -> "NotebookNode":
    import copy

    plain = copy.deepcopy(notebook)
    plain.metadata.get("course", {}).pop("executed", None)
    for cell in plain.cells:
        if is_code(cell):
            cell.outputs, cell.execution_count = [], None
    return plain


def _orphans(root: Path, built: set[Path]) -> Iterator[Path]:
    """Yield the notebooks that a build made from a source that is gone."""
    for folder in ("notebooks", "solutions", "exercises"):
        for path in root.glob(f"{folder}/*.ipynb"):
            if path not in built and "course" in read_notebook(path).metadata:
                yield path


def _setup(source: str, home: Home) -> str:
    install = (
        INSTALL_FROM_REPO.format(**home._asdict()) if home.repo else INSTALL_LOCALLY
    )
    return "\n".join([install, *filter(None, source.split("\n"))])


def _keep_home(root: Path, home: Home) -> None:
    """Write `repo` and `tag` into the [tool.course] table of pyproject.toml."""
    project = root / "pyproject.toml"
    head, found, table = project.read_text("utf-8").partition("[tool.course]\n")
    if not found:
        raise CourseError(f"{project} has no [tool.course] table: add one.")
    for key, value in home._asdict().items():
        table = re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{value}"', table, count=1)
    write_text(project, head + found + table)
