"""Every lesson keeps the habits of a good one; the table is printed with -rP."""

import ast
import re
from itertools import groupby
from pathlib import Path
from statistics import mean, median

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "source" / "lessons").glob("*.py"))
SHOWN = re.compile(r"# from (course_utils/\S+\.py)")


def cells_of(path):
    return jupytext.read(path, fmt="py:percent").cells


def without_notes(tree):
    """Drop docstrings and annotations: a lesson may show a function without them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return tree


def is_constant(target):
    return isinstance(target, ast.Name) and target.id.isupper()


def definitions(source):
    """Return {name: normalised code} of a module's functions, classes and constants."""
    found = {}
    for node in without_notes(ast.parse(source)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Assign) and is_constant(node.targets[0]):
            found[node.targets[0].id] = ast.unparse(node)
    return found


def shown_bodies():
    for path in LESSONS:
        for cell in cells_of(path):
            if cell.cell_type == "code" and (match := SHOWN.search(cell.source)):
                yield pytest.param(
                    match[1], cell.source, id=f"{path.stem}-{Path(match[1]).stem}"
                )


@pytest.mark.parametrize(("module", "source"), shown_bodies())
def test_a_shown_helper_is_the_librarys(module, source):
    library = definitions((ROOT / module).read_text(encoding="utf-8"))
    shown = definitions(source)
    assert shown
    for name, code in shown.items():
        # A helper that is private in the library may be shown without its underscore.
        assert code in (library.get(name), library.get(f"_{name}")), name


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_reads_well(path):
    cells = cells_of(path)
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    lines = [len([line for line in code.split("\n") if line.strip()]) for code in codes]
    words = [len(text.split()) for text in texts]
    runs = [
        len(list(group))
        for kind, group in groupby(cell.cell_type for cell in cells)
        if kind == "code"
    ]
    p90 = sorted(lines)[int(0.9 * (len(lines) - 1))]
    print(
        f"{path.stem}: {len(texts)} texts of {mean(words):.0f} words, "
        f"{len(codes)} codes of median {median(lines):g}, p90 {p90}, "
        f"longest {max(lines)} lines, at most {max(runs)} in a row"
    )
    assert len(texts) >= len(codes)
    assert median(lines) <= 10
    assert p90 <= 30
    assert max(runs) <= 3
    long = [line for code in codes for line in code.split("\n") if len(line) > 88]
    assert not long


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lessons_frame_is_whole(path):
    text = "\n".join(
        cell.source for cell in cells_of(path) if cell.cell_type == "markdown"
    )
    assert re.match(rf"# {int(path.stem[:2])}\. ", text)
    assert "You will be able to" in text
    assert "predicted" in text
    assert f"ex{path.stem[:2]}" in text
    for heading in ("Key takeaways", "Quiz", "Further reading"):
        assert re.search(rf"^## .*{heading}", text, re.MULTILINE | re.IGNORECASE), (
            heading
        )
    numbers = [int(n) for n in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3


def test_every_lesson_is_looked_at():
    assert LESSONS
