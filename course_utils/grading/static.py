"""What a notebook's code says, read without running it.

This runs in the sandbox too, before the student's code: a parser may be attacked.
"""

import ast
import warnings
from collections.abc import Iterator

from course_utils.checks.contract import Question


def is_check(source: str) -> bool:
    """Return whether a cell holds calls such as `check("ex05_1")` and nothing else."""
    body = parse(source)
    return bool(body) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id == "check"
        for line in body
    )


def parse(source: str) -> list[ast.stmt]:
    """Return a cell's statements; those of its cells with magics or errors: none."""
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def forbidden_in(sources: list[str], asked: Question) -> str:
    """Return the forbidden function that an answer refers to, or "".

    It follows names: from the answer to the functions, imports and values that its
    cells use. A name that is put together at run time is not seen.

    Args:
        sources: the notebook's code cells.
        asked: the question; its `forbidden` are looked for.
    """
    if not asked.forbidden:
        return ""
    binders: dict[str, list[ast.stmt]] = {}
    for source in sources:
        for statement in parse(source):
            for name in _bound(statement):
                binders.setdefault(name, []).append(statement)
    waiting, followed, said = [asked.name], {asked.name}, set()
    while waiting:
        name = waiting.pop()
        for statement in binders.get(name, []):
            for word in _words(statement, name):
                said.add(word)
                if word in binders and word not in followed:
                    followed.add(word)
                    waiting.append(word)
    for dotted in asked.forbidden:
        *_, owner, name = dotted.split(".")
        is_method = owner[:1].isupper()
        if name in said and (not is_method or owner in said):
            return dotted
    return ""


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield (alias.asname or alias.name).partition(".")[0]
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _words(statement: ast.stmt, bound: str) -> Iterator[str]:
    """Yield every name, attribute and imported name that a statement speaks of."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            if (alias.asname or alias.name).partition(".")[0] == bound:
                yield from alias.name.split(".")
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
            yield str(node.value)  # as in getattr(module, "name")
