"""What a cell's code says, read without running it."""

import ast
import warnings


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
    """Return a cell's statements, without its magics; none if it does not compile."""
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
