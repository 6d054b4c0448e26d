"""What a notebook's code says, read without running it.

This runs in the sandbox too, before the student's code: a parser may be attacked.
"""

import ast
import symtable
from collections.abc import Iterator

from course_utils.checks.cells import parse
from course_utils.checks.contract import Question

# Names by which a call can hide from the search below, a check can be undone, or a
# message be forged. Honest notebooks hardly ever use them.
HIDING = {
    *("_getframe", "f_back", "f_locals", "f_globals", "currentframe", "get_objects"),
    *("__code__", "__globals__", "__closure__", "FunctionType", "CodeType"),
    *("setprofile", "settrace", "ctypes", "threading", "_thread", "ThreadPoolExecutor"),
    *("ast_transformers", "input_transformers_post", "input_transformers_cleanup"),
    *("user_ns", "user_global_ns", "run_cell", "run_code", "__main__", "runpy"),
    *("__import__", "import_module", "importlib", "resolve_name", "meta_path"),
    *("exec", "eval", "compile", "globals", "locals", "vars", "__dict__"),
    *("attrgetter", "methodcaller", "builtins", "__builtins__", "pickle", "marshal"),
    *("run_question", "blocked", "__subclasses__", "__mro__", "__wrapped__"),
    *("posix", "fcntl", "FileIO", "pidfd_getfd", "dill", "cloudpickle", "codeop"),
}
COMMON = {"eval", "compile", "locals", "run_code"}  # as attributes, as in model.eval()
OF_MODULES = {
    "os": {"write", "writev", "pwrite", "fdopen", "dup", "dup2", "sendfile", "splice"},
    "sys": {"modules"},
}


def hiding_in(sources: list[str]) -> list[str]:
    """Return the names of HIDING and OF_MODULES that a notebook uses.

    Whether they matter can only be told by reading: a person has to look.

    Args:
        sources: the notebook's code cells.
    """
    statements = [statement for source in sources for statement in parse(source)]
    imports = _imports(statements)
    found: set[str] = set()
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Attribute):
            found |= {node.attr} & (HIDING - COMMON)
            for module in imports.get(_owner(node), ()):
                found |= {node.attr} & OF_MODULES.get(module, set())
        elif isinstance(node, ast.Name):
            found |= {node.id} & HIDING
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names = {name for alias in node.names for name in alias.name.split(".")}
            found |= {*module.split("."), *names} & HIDING
            found |= names & OF_MODULES.get(module, set())
        elif isinstance(node, ast.Call):
            found |= _open_call(node)
    return sorted(found)


def _open_call(node: ast.Call) -> set[str]:
    """Return the names of calls that hide by their arguments alone."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    constant = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
    if name in ("getattr", "setattr") and len(constant) > 1 and constant[1] is None:
        return {name}  # a name that is put together as it runs
    if name == "open" and node.args and not isinstance(constant[0], str | None):
        return {"open"}  # a descriptor
    if any(keyword.arg == "fileno" for keyword in node.keywords):
        return {"fileno"}
    return set()


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
        for name in filter(None, _bound(statement)):
            binders.setdefault(name, []).append(statement)
    waiting, followed = [asked.name], {asked.name}
    dotted: set[str] = set()
    words: set[str] = set()
    while waiting:
        name = waiting.pop()
        dotted |= imports.get(name, set())
        for statement in binders.get(name, []):
            outside = _from_outside(statement)
            for node in ast.walk(statement):
                chain = _chain(node)
                if not chain:
                    continue
                if chain[0] in imports:
                    meant = {".".join([m, *chain[1:]]) for m in imports[chain[0]]}
                else:  # perhaps of a star import
                    meant = {m[:-1] + ".".join(chain) for m in imports.get("*", ())}
                dotted |= meant
                words.update(chain)
                if outside is not None and chain[0] not in outside:
                    continue
                if chain[0] in binders and chain[0] not in followed:
                    followed.add(chain[0])
                    waiting.append(chain[0])
    return next((name for name in asked.forbidden if _refers(dotted, words, name)), "")


def _from_outside(statement: ast.stmt) -> set[str] | None:
    """Return the names that a function takes from the notebook, or None for all."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    try:
        whole = symtable.symtable(ast.unparse(statement), "<answer>", "exec")
    except (SyntaxError, RecursionError):
        return None  # no function that could run: follow every name
    found = set(whole.get_identifiers())  # of its decorators and defaults
    scopes = whole.get_children()
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        # In a class, m = m reads the m outside.
        in_class = scope.get_type() == "class"
        found |= {
            x.get_name() for x in scope.get_symbols() if in_class or x.is_global()
        }
    return found


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
    """Yield the names that a statement binds at the notebook's top level."""
    is_definition = isinstance(statement, _DEFINITIONS)
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            yield from node.names
        elif is_definition:
            continue  # its other names are its own
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler):
            yield node.name or ""
        elif isinstance(node, ast.MatchMapping):
            yield node.rest or ""
        elif isinstance(node, ast.Attribute | ast.Subscript):
            # f.x = ... and f["x"] = ... change what f does.
            yield _owner(node) if isinstance(node.ctx, ast.Store) else ""


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _owner(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


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
