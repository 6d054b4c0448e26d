"""Right and wrong answers to Exercise 9.1, as students write them."""

import math
from functools import reduce


def figure_by_exceptions(report, path):
    try:
        value = reduce(lambda part, key: part[key], path.split("."), report)
    except (KeyError, TypeError):
        return "not measured"
    if value is None or math.isnan(value) or math.isinf(value):
        return "not measured"
    return format(value, ".1f")


def figure_by_recursion(report, path):
    first, _, rest = path.partition(".")
    value = (report or {}).get(first)
    if rest:
        return figure_by_recursion(value, rest)
    if value is None or not abs(value) < math.inf:
        return "not measured"
    return str(round(float(value), 1))


def figure_trusting(report, path):
    value = report
    for part in path.split("."):
        value = value[part]
    return f"{value:.1f}"


def figure_by_get(report, path):
    value = report
    for part in path.split("."):
        value = value.get(part, {})
    return f"{value:.1f}" if value != {} else "not measured"


RIGHT = [figure_by_exceptions, figure_by_recursion]
WRONG = [
    (figure_trusting, "may be missing"),
    (figure_by_get, "may be None"),
]
