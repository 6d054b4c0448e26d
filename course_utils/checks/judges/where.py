"""In which cases an answer is wrong, told by the names of its arguments.

The sentences go into hints, which a grader publishes: they hold no value of an input
but True, False, None and 0.
"""

from collections.abc import Iterator, Sized
from itertools import combinations
from typing import Any

from course_utils.checks.contract import Case

FEWEST = 3  # cases on each side, before an order of two numbers is no accident
Condition = tuple[str, str, list[bool], int]  # where it holds, where not, and how often


def where(is_wrong: list[bool], cases: list[Case]) -> str:
    """Return what holds of exactly the wrong cases, or of some right ones; or "".

    Args:
        is_wrong: whether the answer is wrong, one a case.
        cases: what it was asked.
    """
    if all(is_wrong) or not any(is_wrong):
        return ""
    found = [each for each in _conditions(cases) if _enough(each)]
    exact = next((yes for yes, _, holds, _ in found if holds == is_wrong), "")
    if exact:
        return f"wrong exactly where {exact}"
    spared = [
        (sum(holds), no)
        for _, no, holds, _ in found
        if holds.count(False) >= FEWEST
        and all(holds[i] for i, is_off in enumerate(is_wrong) if is_off)
    ]
    return f"right wherever {min(spared)[1]}" if spared else ""


def _enough(condition: Condition) -> bool:
    _, _, holds, fewest = condition
    return fewest <= sum(holds) <= len(holds) - fewest


def _conditions(cases: list[Case]) -> Iterator[Condition]:
    names = [name for name in cases[0] if all(name in case for case in cases)]
    columns = {name: [case[name] for case in cases] for name in names}
    for name, values in columns.items():
        yield from _of_one(f"`{name}`", values)
    numbers = {
        name: values
        for name, values in columns.items()
        if all(type(value) is int for value in values)
    }
    for one, other in combinations(numbers, 2):
        pairs = list(zip(numbers[one], numbers[other], strict=True))
        for yes, no, holds, fewest in (
            ("<", ">=", [x < y for x, y in pairs], FEWEST),
            (">", "<=", [x > y for x, y in pairs], FEWEST),
            ("=", "!=", [x == y for x, y in pairs], 1),
        ):
            at, otherwise = (f"`{one}` {sign} `{other}`" for sign in (yes, no))
            yield from _both_ways(at, otherwise, holds, fewest)


def _both_ways(
    yes: str, no: str, holds: list[bool], fewest: int
) -> Iterator[Condition]:
    yield yes, no, holds, fewest
    yield no, yes, [not each for each in holds], fewest


def _of_one(name: str, values: list[Any]) -> Iterator[Condition]:
    tests = (
        ("is True", "is False", lambda value: value is True),
        ("is None", "is not None", lambda value: value is None),
        ("is 0", "is not 0", lambda value: type(value) in (int, float) and value == 0),
        (
            "is empty",
            "is not empty",
            lambda value: isinstance(value, Sized) and len(value) == 0,
        ),
    )
    for yes, no, test in tests:
        holds = [test(value) for value in values]
        yield from _both_ways(f"{name} {yes}", f"{name} {no}", holds, 1)
