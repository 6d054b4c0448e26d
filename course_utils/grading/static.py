"""What a notebook's code says, read without running it.

This runs in the sandbox too, before the student's code: a parser may be attacked.
"""

import ast
from collections.abc import Iterator

from course_utils.checks.cells import parse
from course_utils.checks.contract import Question


def forbidden_in(sources: list[str], asked: Question) -> str:
    """Return the forbidden function that an answer refers to, or "".

    The search follows names, from the answer to the functions, imports and values that
    it uses. It does not see a name that is put together at run time.

    Args:
        sources: the notebook's code cells.
        asked: the question, which lists the forbidden functions.
    """
    if not asked.forbidden:
        return ""
    statements = [statement for source in sources for statement in parse(source)]
    imports = _imports(statements)
    binders: dict[str, list[ast.stmt]] = {}
    for statement in statements:
        for name in _bound(statement):
            binders.setdefault(name, []).append(statement)
    waiting, followed = [asked.name], {asked.name}
    dotted: set[str] = set()
    words: set[str] = set()
    while waiting:
        for statement in binders.get(waiting.pop(), []):
            for node in ast.walk(statement):
                chain = _chain(node)
                if not chain:
                    continue
                dotted |= {".".join([m, *chain[1:]]) for m in imports.get(chain[0], [])}
                words.update(chain)
                if chain[0] in binders and chain[0] not in followed:
                    followed.add(chain[0])
                    waiting.append(chain[0])
    return next((name for name in asked.forbidden if _refers(dotted, words, name)), "")


def _refers(dotted: set[str], words: set[str], forbidden: str) -> bool:
    """Return whether the names lead to a forbidden function, through any module."""
    package, *_, owner, last = forbidden.split(".")
    ends = {name.split(".")[-1] for name in dotted if name.split(".")[0] == package}
    if owner[:1].isupper():  # a method: of an object of this class, as it seems
        return owner in ends and last in words
    return last in ends or (bool(ends) and repr(last) in words)


def _imports(statements: list[ast.stmt]) -> dict[str, set[str]]:
    """Return the dotted names that each imported name may stand for."""
    found: dict[str, set[str]] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                for alias in node.names:
                    whole = f"{start}{alias.name}"
                    if not alias.asname and not start:
                        whole = alias.name.partition(".")[0]
                    name = alias.asname or whole.split(".")[-1]
                    found.setdefault(name, set()).add(whole)
    return found


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name


def _chain(node: ast.AST) -> list[str]:
    """Return a node's names: ["torch", "nn"] for torch.nn, ["'nn'"] for the string."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return [node.id, *reversed(names)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not names:
        return [repr(node.value)]
    return ["", *reversed(names)] if names else []
