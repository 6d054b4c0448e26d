"""What a lesson shows of the library is what the library does.

A definition in a lesson under a comment such as `# from course_utils/data/tokens.py`
has to be the library's, apart from docstring and annotations.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = re.compile(r"^# from (course_utils/\S+\.py)\n((?:.+\n|\n(?!# %%))*)", re.M)


def definitions(code: str) -> dict[str, str]:
    """Return {name: what it does} for the functions and constants of some code."""
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.dump(Bare().visit(node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.dump(node)
    return found


class Bare(ast.NodeTransformer):
    """Take docstrings and annotations out of functions."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def shown() -> list[tuple[str, str, str]]:
    """Return (lesson, library file, code) for each cell that shows library code."""
    return [
        (path.name, file, code)
        for path in sorted((ROOT / "source" / "lessons").glob("*.py"))
        for file, code in SHOWN.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("lesson", "file", "code"), shown())
def test_shown_code_is_the_library_s(lesson, file, code):
    library = definitions((ROOT / file).read_text(encoding="utf-8"))
    in_lesson = definitions(code)
    copied = [name for name in in_lesson if name in library]
    assert copied, f"{lesson}: nothing of this is in {file}"
    for name in copied:
        assert in_lesson[name] == library[name], f"{lesson}: {name} differs"


def test_the_comparison_sees_a_difference():
    library = definitions(
        'def f(x: int) -> int:\n    """One more."""\n    return x + 1'
    )
    assert definitions("def f(x):\n    return x + 1") == library
    assert definitions("def f(x):\n    return x + 2") != library


def test_lessons_show_the_data_helpers():
    names = {name for _, _, code in shown() for name in definitions(code)}
    assert {"chat_text", "repetition", "exact_duplicates", "train_bpe"} <= names
