"""What a cell's code says, read without running it."""

import ast
import warnings
from functools import lru_cache

MAGICS = ("run_cell_magic", "run_line_magic")


def is_check(source: str) -> bool:
    """Return whether a cell holds calls such as `check("ex05_1")` and nothing else."""
    body = [line for line in parse(source) if not _magic_code(line)]
    return bool(body) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id == "check"
        for line in body
    )


@lru_cache(maxsize=1024)
def parse(source: str) -> list[ast.stmt]:
    """Return a cell's statements as IPython runs them; none if it does not compile.

    Magics are calls of get_ipython(), as in IPython. The code that they are given, as
    `%%time` is, follows as statements of its own.
    """
    found: list[ast.stmt] = []
    waiting = [source]
    while waiting and len(found) < 100_000:
        for statement in _statements(waiting.pop()):
            found.append(statement)
            waiting += _magic_code(statement)
    return found


def _statements(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(_as_python(source)).body
    except Exception:  # IPython's reader has many ways to say it
        return []


def _as_python(source: str) -> str:
    """Return a cell's code without IPython's own syntax."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:  # as where there is no notebook
        lines = source.splitlines()
        return "\n".join(line for line in lines if not line.startswith(("%", "!")))
    return TransformerManager().transform_cell(source)


def _magic_code(statement: ast.stmt) -> list[str]:
    """Return the texts that a statement gives to magics."""
    texts = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            last = node.args[-1] if node.args else None
            if node.func.attr in MAGICS and isinstance(last, ast.Constant):
                texts += [last.value] if isinstance(last.value, str) else []
    return texts
