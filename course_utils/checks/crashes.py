"""What a crash most often comes from, for every question alike.

A text may be published by a grader, so it holds nothing of the student's, and of the
input: only what the kind of crash says, and the usual cause.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

NO_VALUE, FALLS_OFF = "no value", "falls off"

# Calls whose value is None, and what to do instead.
NOTHING = {
    "print": "`print` shows a value and hands back None: end with `return` instead.",
    "sort": "`sort` sorts the list itself and returns None: call it on a line of its "
    "own, or use sorted().",
    "append": "`append` changes the list itself and returns None: call it on a line "
    "of its own, and go on with the list.",
    **{
        name: f"`{name}` changes what it is called on and returns None: call it on a "
        "line of its own."
        for name in ("extend", "insert", "remove", "reverse", "clear", "update")
    },
    "shuffle": "`shuffle` mixes the list itself and returns None: call it on a line "
    "of its own.",
}

RETURNS_AT_ONCE = (
    "A loop ends in its first pass, since each way through it has a `return`. If it is "
    "to look further, the last `return` belongs behind the loop."
)

# What is seen of the code of a function that returned None each time.
NOTHING |= {
    NO_VALUE: "No `return` with a value is in it: end with `return` and the value.",
    FALLS_OFF: "It has a way to its end without `return`, and then the value is None: "
    "look at the branches that were not taken, and at what stands behind a loop.",
}

# (words of an exception's type and text, what is behind it), the special one first.
CRASHES = [
    (
        r"'NoneType' object has no attribute '(group|groups|start|end|span)'",
        "A pattern does not match everywhere, and then there is None and no match: "
        "look before you take its groups.",
    ),
    (
        r"NoneType",
        "Something is None there. Either an argument or a row of the data may be None, "
        "or a dict lacks the key that `get` asks for, or it is what append, sort or "
        "print returned, which is always None.",
    ),
    (
        r"for \+=?: '(int|float)' and 'list'",
        "A number and a list are added. `[x] * n` is a list of n items, and the `sum` "
        "of lists needs [] to start from. Lists do not calculate item by item.",
    ),
    (
        r"for (-|\*|/|//|\*\*|%|-=|/=|@): '(list|tuple)'|for .*and '(list|tuple)'"
        r"|bad operand type for unary -: 'list'",
        "Lists do not calculate item by item: use a comprehension, or make an array or "
        "a tensor of the list first.",
    ),
    (
        r"multiply sequence by non-int",
        "A list is multiplied by a float. Lists do not calculate item by item, and "
        "where a count is needed it has to be a whole number: round() it.",
    ),
    (
        r"unsupported operand.*'(dict|set|function|method|builtin_function_or_method)'",
        "Dicts, sets and functions do not calculate: take their values, by key or by "
        "a call with round brackets. They do not go together with an operator.",
    ),
    (
        r"can only concatenate list|can only concatenate tuple",
        "+ joins a list to another list: put a single item into brackets, [item].",
    ),
    (
        r"concatenate str|must be str, not|and 'str'|: 'str' and",
        "A text and a number do not go together: convert one of them first.",
    ),
    (
        r"not supported between instances of '(tuple|list)' and '(int|float)'"
        r"|not supported between instances of '(int|float)' and '(tuple|list)'",
        "A pair or a list is compared with a number: take one of its items, or compare "
        "it with another pair.",
    ),
    (
        r"not supported between instances",
        "Two things of unlike kinds are compared, or two that have no order, such as "
        "dicts. Print both: one may be None, or a text that looks like a number.",
    ),
    (
        r"Population must be a sequence|'set' object is not subscriptable",
        "A set has no order to draw from: make a sorted list of it.",
    ),
    (
        r"does not support item assignment",
        "A tuple cannot be changed, nor can a text: make a list, or a new one.",
    ),
    (
        r"unhashable type",
        "A list, a dict or a set can be no key and no item of a set: make a tuple of "
        "it.",
    ),
    (
        r"indices must be integers|cannot be interpreted as an integer|but got float"
        r"|'float' object cannot|only integers, slices",
        "A whole number is needed there. / gives a float: use //, or int() of a value "
        "that is rounded. Or the names of a loop stand for something else than "
        "you think: print them.",
    ),
    (
        r"object is not callable",
        "What is called there is no function. Either round brackets stand for square "
        "ones, or a variable has the name of a function.",
    ),
    (
        r"not subscriptable|is not iterable|non-iterable|iteration over a 0-d"
        r"|no len\(\)",
        "A single value stands where several are expected. Print it and its type.",
    ),
    (
        r"values to unpack",
        "A value is taken apart into more or fewer names than it has items. Print it "
        "before that line.",
    ),
    (
        r"argument after \*\*? must be",
        "* and ** spread out a list and a dict: what stands behind them is none.",
    ),
    (
        r"positional argument|keyword argument|required argument|keyword-only"
        r"|multiple values for argument|invalid combination of arguments"
        r"|missing \d+ required",
        "A function is called with other arguments than it takes: compare their "
        "number, names and order with its help(). What stands behind a * in its "
        "signature is passed by name.",
    ),
    (
        r"UnboundLocalError|NameError",
        "A name has no value there: it is misspelt, its cell or import has not run, or "
        "it gets its value only inside a loop or an `if` that did not happen.",
    ),
    (
        r"\((max|min)\(\) |(max|min)\(\).*empty|empty (sequence|range|iterable)",
        "There is nothing to choose from: think of the case in which the list is "
        "empty.",
    ),
    (
        r"is not in list|substring not found",
        "What it searches is not always there: look with `in` first.",
    ),
    (
        r"index out of range in self|IndexError: Target",
        "A token id or position is no row of the table: -100 and other marks have to "
        "be left out first.",
    ),
    (
        r"Dimension out of range|too many indices|AxisError|IndexError: .*shape"
        r"|IndexError: .*must match",
        "It has fewer dimensions than that, or others: print its shape. Some "
        "functions, such as repeat_interleave, flatten what they get if no dim is "
        "named.",
    ),
    (
        r"Quantiles must be|quantile\(\) q must|Percentiles must be",
        "A quantile is a share, from 0 to 1; a percentile goes from 0 to 100: "
        "np.percentile(values, 2.5) is np.quantile(values, 0.025).",
    ),
    (
        r"arrays used as indices must be of integer",
        "The places that are asked for are no whole numbers: numbers and places have "
        "changed sides, or the places are floats.",
    ),
    (
        r"IndexError",
        "A place is asked for that does not exist. Places end at length - 1, and the "
        "list may be empty.",
    ),
    (r"KeyError", "The dict has no such key there. Print its keys."),
    (
        r"ZeroDivisionError",
        "Something is divided by 0: which of the counts can be 0 here?",
    ),
    (
        r"AttributeError: 'list' object|AttributeError: 'tuple' object",
        "A list has no such method. It is one of an array or a tensor, or the value is "
        "a list of what you mean.",
    ),
    (
        r"AttributeError: 'dict' object",
        "A dict has no such attribute: its values are found by key, in square "
        "brackets.",
    ),
    (
        r"AttributeError",
        "It has no such attribute. Print its type: it may be something else than you "
        "think, or the name is misspelt.",
    ),
    (
        r"single element|one element tensors|truth value|value of Tensor with more"
        r"|size-1 arrays|0-dimensional",
        "Several numbers stand where one is wanted: take an item, .sum(), .any() or "
        ".all(), or go through them one by one.",
    ),
    (
        r"must be Tensor, not|expected Tensor as element|must be tensors?\b",
        "A list or a number stands where a tensor is wanted: make one with "
        "torch.tensor(...), or torch.stack of several.",
    ),
    (
        r"boolean masks|expected scalar type|same dtype|found dtype"
        r"|expected tensor for argument"
        r"|not implemented for '|can only be used for floating|result type .* cast",
        "The tensor has another dtype than this function takes. Ids and labels are "
        "whole numbers, .long(); masks are .bool(); what has a gradient is a float.",
    ),
    (
        r"view size|not contiguous",
        "A transposed or cut tensor cannot be viewed: use reshape, and check that it "
        "keeps the right numbers together.",
    ),
    (
        r"expected sequence of length|inhomogeneous",
        "Rows of unlike length are no tensor: fill them up to one length first.",
    ),
    (
        r"requires grad\. Use|that requires grad",
        "A tensor with a gradient is to become a plain number or array: .detach() it "
        "first.",
    ),
    (
        r"does not require grad",
        "No gradient leads to this tensor: it was computed under torch.no_grad(), or "
        "went through .item(), .detach() or a list.",
    ),
    (
        r"leaf Variable",
        "A parameter is changed while its gradient is recorded: do it under "
        "torch.no_grad().",
    ),
    (
        r"inplace operation|in-place operation",
        "A tensor is changed in place though the gradient needs it: compute a new one.",
    ),
    (
        r"through the graph a second time",
        "backward() was called twice on one loss: compute it anew for each batch.",
    ),
    (
        r"cannot reshape array",
        "The numbers do not fill that shape: cut off what is left over first.",
    ),
    (
        r"must match|shapes cannot be multiplied|could not be broadcast|not aligned"
        r"|Expected size|expects each tensor to be equal size|size mismatch"
        r"|is invalid for input|Sizes of tensors"
        r"|shape mismatch|matmul: Input",
        "The shapes do not fit. Print the shape of each part on the line before.",
    ),
    (
        r"invalid literal|could not convert",
        "A text is made a number that is none: look what else may stand there.",
    ),
    (
        r"OverflowError|math domain error|math range error",
        "The number is out of range: a logarithm of 0 or less, or exp of a large sum.",
    ),
    (r"RecursionError", "The function calls itself without an end."),
    (
        r"StopIteration",
        "next() found nothing more: give it a second argument, or look before.",
    ),
    (
        r"ModuleNotFoundError|ImportError",
        "A library or a name in it is not there: is it installed, and spelled so?",
    ),
    (r"AssertionError", "An assert of your own does not hold."),
    (r"FileNotFoundError", "There is no such file: the answer needs none."),
]


def cause(error: str) -> str:
    """Return what is most often behind a crash, "TypeError: ...", or ""."""
    return next((text for words, text in CRASHES if re.search(words, error)), "")


# (words of a PlainError, what is behind it)
UNREADABLE = [
    (r"is a \w*(Error|Exception)$", "An exception is returned: raise it."),
    (
        r"is a (set|frozenset)$",
        "There is a set in it, which has no order: make a list of it, sorted if the "
        "order counts.",
    ),
    (r"is a \w*(Model|Module|Config)$", "A model or a configuration comes back."),
    (
        r"has a key that is no",
        "There is a dict in it whose keys are no texts: no such dict is asked for.",
    ),
    (
        r"is a (function|method|builtin_function_or_method|type)$",
        "There is a function in it: are round brackets missing?",
    ),
    (r"is a Tensor|without plain numbers", "There is a tensor without plain numbers."),
    (r"too large", "It is far too large, or a generator that never ends."),
    (r"deeper than", "Lists in lists, too deep: something holds itself."),
    (
        r"of more than 64 bits",
        "There is a number in it that is far too large.",
    ),
]


def of_unreadable(error: str) -> str:
    """Return what is behind a value that is no plain data, or ""."""
    found = (text for words, text in UNREADABLE if re.search(words, error))
    return next(found, "")


def of_none(error: str, used: str) -> list[str]:
    """Return what is behind a crash over None, if `uses_nothing` found that call."""
    is_call = used in NOTHING and used not in (NO_VALUE, FALLS_OFF)
    return [NOTHING[used]] if "NoneType" in error and is_call else []


def uses_nothing(function: Any) -> str:
    """Return why a function returns None, as far as its code shows it.

    Such as "sort" in `rows = rows.sort()`, a call whose value is always None, and is
    used all the same; else NO_VALUE or FALLS_OFF; "" if each way through it ends in a
    `return` with a value, or there is no source.
    """
    try:
        tree = ast.parse(dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    calls = list(_calls(tree))
    used = [name for name, alone in calls if not alone]
    # On a line of its own, a call is a mistake only where nothing is returned.
    returns = any(_returns_value(node) for node in ast.walk(tree))
    prints = [name for name, _ in calls if name == "print" and not returns]
    found = next(iter(used or prints), "")
    if found or not isinstance(tree.body[0], ast.FunctionDef):
        return found
    if not returns:
        return NO_VALUE
    return FALLS_OFF if _falls_off(tree.body[0].body) else ""


def leaves_a_loop_at_once(function: Any) -> bool:
    """Return whether a `for` of its code has a `return` on each way through it."""
    try:
        tree = ast.parse(dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    loops = (node for node in ast.walk(tree) if isinstance(node, ast.For))
    goes_on = (ast.Continue, ast.Break)
    return any(
        not _falls_off(loop.body)
        and not any(isinstance(node, goes_on) for node in ast.walk(loop))
        for loop in loops
    )


def _returns_value(node: ast.AST) -> bool:
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    return not (isinstance(node.value, ast.Constant) and node.value.value is None)


def _falls_off(body: list[ast.stmt]) -> bool:
    """Return whether the end of a block can be reached."""
    last = body[-1] if body else ast.Pass()
    if isinstance(last, ast.Return | ast.Raise):
        return False
    if isinstance(last, ast.If):
        return _falls_off(last.body) or _falls_off(last.orelse)
    if isinstance(last, ast.With):
        return _falls_off(last.body)
    if isinstance(last, ast.Try):
        if last.finalbody and not _falls_off(last.finalbody):
            return False
        blocks = [last.orelse or last.body, *(h.body for h in last.handlers)]
        return any(map(_falls_off, blocks))
    if isinstance(last, ast.Match):
        wild = any(
            isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            for case in last.cases
        )
        return not wild or any(_falls_off(case.body) for case in last.cases)
    if isinstance(last, ast.While):  # an endless loop is left by return alone
        leaves = any(isinstance(node, ast.Break) for node in ast.walk(last))
        return leaves or not (isinstance(last.test, ast.Constant) and last.test.value)
    return True


def _calls(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the calls that return None, and whether they stand on a line alone."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = getattr(called, "attr", None) or getattr(called, "id", "")
            if name in NOTHING and name not in (NO_VALUE, FALLS_OFF):
                yield name, id(node) in alone
