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
    value = report.get(first) if isinstance(report, dict) else None
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


def figure_by_match(report, path):
    value = report
    for key in path.split("."):
        match value:
            case dict() if key in value:
                value = value[key]
            case _:
                return "not measured"
    match value:
        case int() | float() if math.isfinite(value):
            return f"{value:.1f}"
    return "not measured"


def figure_by_numpy(report, path):
    import numpy as np

    value = report
    for part in path.split("."):
        value = value.get(part) if hasattr(value, "get") else None
    number = np.float64(math.nan if value is None else value)
    return np.str_(f"{number:.1f}") if np.isfinite(number) else np.str_("not measured")


def figure_by_pandas(report, path):
    import pandas as pd

    flat = pd.json_normalize(report).iloc[0].to_dict()
    value = flat.get(path)
    if value is None or not math.isfinite(value):
        return "not measured"
    return f"{value:.1f}"


def figure_by_walrus(report, path):
    keys = path.split(".")
    while keys and isinstance(report, dict):
        report = report.get(keys.pop(0))
    if keys or report is None or report != report or report in (math.inf, -math.inf):
        return "not measured"
    return "{0:.{1}f}".format(report, 1)


def figure_of_dicts_or_none(report, path):
    value = report
    for part in path.split("."):
        value = (value or {}).get(part)
    if value is None or not math.isfinite(value):
        return "not measured"
    return f"{value:.1f}"


def figure_with_a_dash(report, path):
    text = figure_by_match(report, path)
    return "-" if text == "not measured" else text


def figure_with_capital(report, path):
    return figure_by_match(report, path).capitalize()


def figure_with_unit(report, path):
    text = figure_by_match(report, path)
    return text if text == "not measured" else f"{text} %"


def figure_of_two_names(report, path):
    first, second = path.split(".")
    return f"{report[first][second]:.1f}"


RIGHT = [
    figure_by_exceptions,
    figure_by_recursion,
    figure_by_match,
    figure_by_pandas,
    figure_by_numpy,
    figure_by_walrus,
]
WRONG = [
    (figure_trusting, "may be missing"),
    (figure_by_get, "may be None"),
    (figure_of_dicts_or_none, "isinstance(value, dict)"),
    (figure_with_a_dash, 'is not "not measured"'),
    (figure_with_capital, 'is not "not measured"'),
    (figure_with_unit, "Something stands beside the figure"),
    (figure_of_two_names, "may be missing"),
]
