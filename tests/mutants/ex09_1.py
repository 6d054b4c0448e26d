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


def _find(report, path):
    value = report
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def figure_if_true(report, path):
    value = _find(report, path)
    if not value or not math.isfinite(value):
        return "not measured"
    return f"{value:.1f}"


def figure_with_nan(report, path):
    value = _find(report, path)
    return "not measured" if value is None else f"{value:.1f}"


def figure_zero_if_missing(report, path):
    value = _find(report, path)
    if value is None or not math.isfinite(value):
        value = 0.0
    return f"{value:.1f}"


def figure_unrounded(report, path):
    value = _find(report, path)
    if value is None or not math.isfinite(value):
        return "not measured"
    return str(value)


def figure_as_number(report, path):
    value = _find(report, path)
    if value is None or not math.isfinite(value):
        return "not measured"
    return round(value, 1)


def figure_none(report, path):
    value = _find(report, path)
    if value is None or not math.isfinite(value):
        return None
    return f"{value:.1f}"


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
    (figure_if_true, "0 is a figure"),
    (figure_with_nan, "NaN and infinity"),
    (figure_zero_if_missing, "made up"),
    (figure_unrounded, "one digit after the point"),
    (figure_as_number, "Return a text"),
    (figure_none, "Return a text"),
    (figure_trusting, "may be missing"),
    (figure_by_get, "may be None"),
]
