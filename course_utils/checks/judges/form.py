"""What an answer's form says of it, where no known mistake explains its values."""

from typing import Any

import numpy as np

KINDS = {dict: "a dict", list: "a list", str: "a text", bool: "True or False"}


def form_problem(got: list[Any], expected: list[Any]) -> str:
    """Return what the answers of all cases have the wrong form in, or "".

    It claims only what is seen: that each answer is of another kind than the expected
    one. A form that differs in some cases only may be a mistake in a value.
    """
    pairs = [(g, e) for g, e in zip(got, expected, strict=True) if e is not None]
    if not pairs:
        return ""
    kinds = {(kind(g), kind(e)) for g, e in pairs}
    if len(kinds) != 1:
        return ""
    is_now, should_be = kinds.pop()
    if is_now == should_be == "a dict":
        return _key_problem(pairs)
    if is_now in (should_be, "None") or {is_now, should_be} == {"a number", "True or False"}:
        return ""
    if is_now == "a list" and should_be == "a number" and _one_each(pairs):
        return ""
    return f"Return {should_be}, not {is_now}."


def kind(value: Any) -> str:
    """Return what a value is, in a word or two."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "a list" if value.ndim else "a number"
    return KINDS.get(type(value), "a number")


def _key_problem(pairs: list[tuple[Any, Any]]) -> str:
    """Return what keys a dict has to have, if these are the same in every case."""
    wanted = {tuple(sorted(expected)) for _, expected in pairs}
    if len(pairs) < 2 or len(wanted) > 1:  # they may come from the inputs
        return ""
    names = wanted.pop()
    if all(tuple(sorted(got)) == names for got, _ in pairs):
        return ""
    return f"The keys have to be {', '.join(names)}."


def _one_each(pairs: list[tuple[Any, Any]]) -> bool:
    return all(np.size(g) == 1 for g, _ in pairs)
