"""What is seen of a wrong answer that no known mistake explains.

The sentences go into hints, which a grader publishes: they name kinds, keys and ratios,
and nothing of an input.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np

from course_utils.checks.contract import REFUSED, Case
from course_utils.checks.judges.same import numbers, same
from course_utils.checks.judges.where import where

LIST, ARRAY = "a list or tuple", "an array or tensor"
KINDS = {list: LIST, dict: "a dict", str: "a text", type(None): "None"}
# With fewer, mistakes that are no part of an answer explain its cases by chance.
FEW_CASES = 8
# Ratios that a mistake may have: a factor forgotten, a percentage, bits for nats.
RATIOS = {
    2: "twice",
    0.5: "half",
    4: "four times",
    0.25: "a quarter of",
    8: "eight times",
    100: "100 times",
    0.01: "a hundredth of",
    1000: "1,000 times",
    0.001: "a thousandth of",
    10**6: "a million times",
    10**-6: "a millionth of",
    10**9: "a billion times",
    10**-9: "a billionth of",
    -1: "minus",
}
# What a right number may have been put through, or not been put through.
CHANGES = {
    "the square of": np.square,
    "the root of": np.sqrt,
    "the natural logarithm of": np.log,
    "exp of": np.exp,
    "1 divided by": np.reciprocal,
    "1 minus": lambda numbers: 1 - numbers,
}

Look = Callable[[list[tuple[Any, Any]]], str]


def seen(got: list[Any], expected: list[Any], cases: list[Case] | None = None) -> str:
    """Return a sentence on how the answers differ from the right ones, or "".

    Args:
        got: a student's answers, one a case.
        expected: the right ones.
        cases: what was asked, to say where the answers are wrong.
    """
    pairs = list(zip(got, expected, strict=True))
    is_wrong = [not same(*pair) for pair in pairs]
    wrong = [pair for pair, is_off in zip(pairs, is_wrong, strict=True) if is_off]
    sentence = _first(LOOKS, wrong)
    place = where(is_wrong, cases) if cases else ""
    if 0 < len(wrong) < len(pairs) and (place or not sentence):
        right = f"Right in {len(pairs) - len(wrong)} of {len(pairs)} cases"
        sentence = f"{sentence} {right}{place and f', {place}'}.".strip()
    return sentence


def of_form(got: list[Any], expected: list[Any]) -> str:
    """Return a sentence on the form of the wrong answers, kind or order, or ""."""
    wrong = _wrong_pairs(got, expected)
    nothing = any(g is None or e is None for g, e in wrong)
    return "" if nothing else _first(FORM, wrong)


def _wrong_pairs(got: list[Any], expected: list[Any]) -> list[tuple[Any, Any]]:
    pairs = zip(got, expected, strict=True)
    return [pair for pair in pairs if not same(*pair)]


def _first(looks: Iterable[Look], wrong: list[tuple[Any, Any]]) -> str:
    return next(filter(None, (look(wrong) for look in looks)), "")


def _refusals(pairs: list[tuple[Any, Any]]) -> str:
    """Say that cases are refused that can be answered, or the reverse."""
    if all(_refuses(expected) for _, expected in pairs):
        return "Only what has to be refused is wrong: raise a ValueError there."
    if all(_refuses(got) for got, _ in pairs):
        return "A ValueError is raised where there is an answer."
    return ""


def _refuses(answer: Any) -> bool:
    return isinstance(answer, str) and answer == REFUSED


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "True or False"
    if numbers(value) is not None and not isinstance(value, list):
        return ARRAY if np.ndim(value) else "a number"
    return KINDS.get(type(value), "")


def _kinds(pairs: list[tuple[Any, Any]]) -> str:
    """Say that all are of another kind, where a list may stand for an array."""
    kinds = {(_kind(got), _kind(expected)) for got, expected in pairs}
    if len(kinds) != 1:
        return ""
    [(got, expected)] = kinds
    if {got, expected} == {"a number", "True or False"}:
        return ""  # as 1 and 0 they may be right
    alike = {got, expected} == {LIST, ARRAY}
    if got == expected or alike or not got or not expected:
        return ""
    return f"It returns {got}, where {expected} is asked for."


def _keys(pairs: list[tuple[Any, Any]]) -> str:
    """Name the keys that lack, and those whose values are wrong."""
    if not all(isinstance(g, dict) and isinstance(e, dict) for g, e in pairs):
        return ""
    keys = list(pairs[0][1])
    if any(list(expected) != keys for _, expected in pairs):
        return ""  # keys that hang on the input
    lacking = [key for key in keys if any(key not in got for got, _ in pairs)]
    if lacking:
        return f"The dict lacks {_named(lacking)}."
    if any(len(got) > len(keys) for got, _ in pairs):
        return f"The dict has more keys than {_named(keys)}."
    off = [k for k in keys if not all(same(g[k], e[k]) for g, e in pairs)]
    said = {seen([g[k] for g, _ in pairs], [e[k] for _, e in pairs]) for k in off}
    inside = said.pop() if len(said) == 1 else ""
    inside = "" if inside.startswith("Right in") else inside
    if off == keys:
        return inside
    rest = "is right" if len(keys) - len(off) == 1 else "are right"
    verb = "is" if len(off) == 1 else "are"
    left = [key for key in keys if key not in off]
    return f"{_named(off)} {verb} wrong; {_named(left)} {rest}. {inside}".strip()


def by_parts(
    got: list[Any], expected: list[Any], mistakes: Iterable[tuple[list[Any], str]]
) -> str:
    """Return the hints of mistakes that together explain all that is wrong, or "".

    Where two mistakes were made at once, one may be seen in some keys of a dict (or in
    one of two or three results), the other in the rest. What is left unexplained could
    make a hint false that speaks of several keys, so then nothing is said.

    Args:
        got: a student's answers, one a case.
        expected: the right ones.
        mistakes: pairs of the answers of a mistake that is known, and its hint.
    """
    keys = _common_keys(expected)
    if not keys or _common_keys(got) != keys:
        return ""
    left = _differing(got, expected, keys)
    hints = []
    for answers, hint in mistakes:
        if _common_keys(answers) != keys or len(answers) != len(got):
            continue
        own = _differing(answers, expected, keys)
        if own and own <= left and not own & _differing(got, answers, keys):
            hints.append(hint)
            left -= own
    return "" if left else " ".join(dict.fromkeys(hints))


def by_keys(
    got: list[Any], expected: list[Any], mistakes: Iterable[tuple[list[Any], str]]
) -> str:
    """Return for each wrong key of a dict the hint of a mistake that is alike there.

    The mistake may be wrong in other keys too, so the hint is said of the key alone.
    "" if fewer than half of the wrong keys have one.

    Args:
        got: a student's answers, one a case.
        expected: the right ones.
        mistakes: pairs of the answers of a mistake that is known, and its hint.
    """
    keys = _common_keys(expected)
    if _common_keys(got) != keys or not all(isinstance(key, str) for key in keys):
        return ""
    left = _differing(got, expected, keys)
    hints: dict[str, str] = {}
    for answers, hint in mistakes:
        if _common_keys(answers) == keys and len(answers) == len(got):
            for key in left - hints.keys() - _differing(got, answers, keys):
                hints[key] = hint
    said = [
        f"`{key}` may be wrong for this reason: {hints[key]}" for key in sorted(hints)
    ]
    rest = sorted(left - hints.keys())
    if len(rest) > len(hints):
        return ""
    if rest:
        said.append(f"{_named(rest)} {'is' if len(rest) == 1 else 'are'} wrong, too.")
    return " ".join(said)


def by_cases(
    got: list[Any], expected: list[Any], mistakes: Iterable[tuple[list[Any], str]]
) -> str:
    """Return the hints of two mistakes that together explain each wrong case, or "".

    A mistake counts if the student answers as it does wherever it is wrong. Where no
    two explain all, one that explains more than half of it is named as such.

    Args:
        got: a student's answers, one a case.
        expected: the right ones.
        mistakes: pairs of the answers of a mistake that is known, and its hint.
    """
    if len(got) < FEW_CASES:
        return ""
    left = _off(got, expected)
    found = []
    for answers, hint in mistakes:
        if len(answers) == len(got):
            own = _off(answers, expected)
            if own and own <= left and all(same(got[i], answers[i]) for i in own):
                found.append((own, hint))
    for (one, hint), (other, its_hint) in combinations(found, 2):
        if one | other == left:
            together = f"Two mistakes together give these answers: {hint} {its_hint}"
            return hint if hint == its_hint else together
    own, hint = max(found, key=lambda pair: len(pair[0]), default=(set(), ""))
    if 2 * len(own) <= len(left):
        return ""
    return f"{len(own)} of {len(left)} wrong answers come from one mistake: {hint}"


def _off(got: list[Any], expected: list[Any]) -> set[int]:
    pairs = enumerate(zip(got, expected, strict=True))
    return {i for i, pair in pairs if not same(*pair)}


def _common_keys(answers: list[Any]) -> set[Any]:
    """Return the keys that each dict has, or the places that each short list has."""
    if all(isinstance(answer, dict) for answer in answers):
        found = {frozenset(answer) for answer in answers}
    elif all(isinstance(a, list) and len(a) in (2, 3) for a in answers):
        found = {frozenset(range(len(answer))) for answer in answers}
    else:
        return set()
    return set(found.pop()) if len(found) == 1 else set()


def _differing(one: list[Any], other: list[Any], keys: set[Any]) -> set[Any]:
    pairs = list(zip(one, other, strict=True))
    return {k for k in keys if not all(same(a[k], b[k]) for a, b in pairs)}


def _named(keys: list[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _numbers(pairs: list[tuple[Any, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return all numbers in two rows; empty ones if an answer has another shape."""
    arrays = [(g, e) for g, e in _arrays(pairs) if g.shape == e.shape and g.size]
    if not arrays or len(arrays) < len(pairs):
        return np.empty(0), np.empty(0)
    got, expected = zip(*arrays, strict=True)
    return (
        np.concatenate([np.ravel(each).astype(float) for each in got]),
        np.concatenate([np.ravel(each).astype(float) for each in expected]),
    )


def _arrays(pairs: list[tuple[Any, Any]]) -> list[tuple[np.ndarray, np.ndarray]]:
    arrays = [(numbers(got), numbers(expected)) for got, expected in pairs]
    return [(g, e) for g, e in arrays if g is not None and e is not None]


def _nan(pairs: list[tuple[Any, Any]]) -> str:
    arrays = _arrays(pairs)
    if any(g.dtype.kind == "f" and np.isnan(g).any() for g, _ in arrays):
        return "There is NaN in it."
    return ""


def _shapes(pairs: list[tuple[Any, Any]]) -> str:
    arrays = [(g, e) for g, e in _arrays(pairs) if e.ndim > 1 and g.size]
    if not arrays or len(arrays) < len(pairs):
        return ""
    if any(g.ndim != e.ndim for g, e in arrays):
        return "It has another number of dimensions than is asked for."
    if all(g.shape[1:] == e.shape[1:] for g, e in arrays):
        return ""  # more or fewer items, if anything
    if any(g.shape != e.shape for g, e in arrays):
        if all(sorted(g.shape) == sorted(e.shape) for g, e in arrays):
            return "Its dimensions stand in another order."
        return "It has another shape than is asked for."
    return ""


def _ratios(pairs: list[tuple[Any, Any]]) -> str:
    """Say that every number is the same ratio or the same step away."""
    got, expected = _numbers(pairs)
    if not got.size:
        return ""
    for ratio, words in RATIOS.items():
        if np.any(expected) and np.allclose(got, ratio * expected, rtol=1e-4, atol=0):
            return f"Each number is {words} the right one."
    for step in (1, -1):
        if np.allclose(got, expected + step, rtol=1e-9, atol=1e-9):
            return f"Each wrong number is 1 too {'high' if step > 0 else 'low'}."
    with np.errstate(all="ignore"):
        for words, change in CHANGES.items():
            if np.allclose(got, change(expected), rtol=1e-4, atol=0):
                return f"Each number is {words} the right one."
    return ""


def _side(pairs: list[tuple[Any, Any]]) -> str:
    """Say that all numbers that are wrong are too high, or too low."""
    got, expected = _numbers(pairs)
    if not got.size:
        return ""
    off = ~np.isclose(got, expected, rtol=1e-4, atol=0)
    sides = set(np.sign(got - expected)[off].tolist())
    if len(sides) == 1 and np.sum(off) > 1:
        return f"Each wrong number is too {'high' if sides == {1.0} else 'low'}."
    return ""


def _rounded(pairs: list[tuple[Any, Any]]) -> str:
    """Say that the numbers are the right ones with fewer digits."""
    got, expected = _numbers(pairs)
    if not got.size:
        return ""
    for digits in range(4):
        scale = 10.0**digits
        for how in (np.round, np.floor, np.ceil):
            if np.allclose(got, how(expected * scale) / scale, rtol=1e-9, atol=1e-9):
                return "The numbers are rounded: return them with all their digits."
    return ""


def _lists(pairs: list[tuple[Any, Any]]) -> list[tuple[list[Any], list[Any]]]:
    lists = [
        tuple(x.tolist() if isinstance(x, np.ndarray) and x.ndim else x for x in pair)
        for pair in pairs
    ]
    return [(g, e) for g, e in lists if isinstance(g, list) and isinstance(e, list)]


def _order(pairs: list[tuple[Any, Any]]) -> str:
    lists = _lists(pairs)
    if not lists or len(lists) < len(pairs):
        return ""
    if all(len(g) > 1 and same(g[::-1], e) for g, e in lists):
        return "The parts are right, and stand in reverse order."
    if all(len(g) > 1 and _sorted(g) == _sorted(e) for g, e in lists):
        return "The parts are right, and stand in another order."
    return ""


def _twice(pairs: list[tuple[Any, Any]]) -> str:
    """Say that right items are repeated, where no right answer repeats any."""
    lists = [tuple(map(_sorted, pair)) for pair in _lists(pairs)]
    if not lists or len(lists) < len(pairs):
        return ""
    if any(_repeats(e) or not _repeats(g) or set(g) - set(e) for g, e in lists):
        return ""
    return "An item stands in the list more than once."


def _repeats(items: list[str]) -> bool:
    return len(set(items)) < len(items)


def _sorted(items: list[Any]) -> list[str]:
    return sorted(map(repr, items))


def _parts(pairs: list[tuple[Any, Any]]) -> str:
    """Say which of the two or three things that an answer consists of are wrong."""
    sizes = {len(e) if isinstance(e, list) else 0 for _, e in pairs}
    if sizes not in ({2}, {3}):
        return ""
    if any(not isinstance(g, list) or len(g) != len(e) for g, e in pairs):
        return ""
    off = [not all(same(g[i], e[i]) for g, e in pairs) for i in range(len(pairs[0][1]))]
    if all(off) or (len(off) == 3 and sum(off) > 1):
        return ""
    at = off.index(True)
    inside = seen([g[at] for g, _ in pairs], [e[at] for _, e in pairs])
    inside = "" if inside.startswith(("Right in", "Only the")) else inside
    place = ("first", "second", "third")[at]
    return f"Only the {place} of its parts is wrong. {inside}".strip()


def _lengths(pairs: list[tuple[Any, Any]]) -> str:
    lists = _lists(pairs)
    if not lists or len(lists) < len(pairs):
        return ""
    over = {len(got) - len(expected) for got, expected in lists}
    if over == {1}:
        return "There is one item too many."
    if over == {-1}:
        return "One item is missing."
    if min(over) > 0:
        return "There are too many items."
    if max(over) < 0:
        return "Items are missing."
    return ""


def _items(pairs: list[tuple[Any, Any]]) -> str:
    """Say what lists of items have in common, item by item."""
    lists = _lists(pairs)
    if not lists or len(lists) < len(pairs):
        return ""
    if all(len(g) == len(e) for g, e in lists):
        items = [pair for g, e in lists for pair in zip(g, e, strict=True)]
        wrong = [pair for pair in items if not same(*pair)]
        places = {
            i - len(e) if i else 0
            for g, e in lists
            for i in range(len(e))
            if not same(g[i], e[i])
        }
        if len(wrong) < len(items) and places in ({0}, {-1}):
            return f"Only the {'first' if places == {0} else 'last'} item is wrong."
        inside = _kinds(wrong) or _keys(wrong) or _parts(wrong)
        return f"In the items: {inside[0].lower()}{inside[1:]}" if inside else ""
    more = [Counter(_sorted(g)) - Counter(_sorted(e)) for g, e in lists]
    fewer = [Counter(_sorted(e)) - Counter(_sorted(g)) for g, e in lists]
    lengths = {len(g) - len(e) for g, e in lists}
    if not any(more):
        how = "one is" if lengths == {-1} else "some are"
        return f"Each item in it belongs there, but {how} missing."
    if not any(fewer):
        how = "one more" if lengths == {1} else "more than those"
        return f"Each item that belongs there is in it, and {how}."
    return ""


FORM = (_refusals, _kinds, _rounded, _order)
LOOKS = (
    _refusals,
    _kinds,
    _keys,
    _nan,
    _shapes,
    _ratios,
    _rounded,
    _order,
    _twice,
    _parts,
    _items,
    _lengths,
    _side,
)
