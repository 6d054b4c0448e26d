"""Judge of 9.1, a model card without invented figures."""

import math

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_1 import QUESTION

NONE = "not measured"


def find(report, path):
    value = report
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def right(*case, is_figure=math.isfinite, write="{:.1f}".format, otherwise=NONE):
    value = find(*case)
    return otherwise if value is None or not is_figure(value) else write(value)


judge = Judge(
    QUESTION,
    right,
    'Return the number at the end of the path with one digit, such as "41.3". If it is '
    'missing, None, NaN or infinite, return "not measured". Look at the path below: is '
    "there a figure at its end, and which?",
)


@judge.mistake("0 is a figure too: ask whether it is None, not whether it is true.")
def if_true(*case):
    return right(*case, is_figure=lambda value: value and math.isfinite(value))


@judge.mistake("NaN and infinity are no figures: nobody measured them.")
def nan_too(*case):
    return right(*case, is_figure=lambda value: True)


@judge.mistake("A figure is made up: what is missing is not 0, it is not measured.")
def zero_if_missing(*case):
    return right(*case, otherwise="0.0")


@judge.mistake("Write the figure with one digit after the point.")
def unrounded(*case):
    return right(*case, write=str)


@judge.mistake("Return a text in each case, not a number.")
def as_number(*case):
    return right(*case, write=lambda value: round(value, 1))


@judge.mistake('Return a text in each case: "not measured" if there is no figure.')
def none_if_missing(*case):
    return right(*case, otherwise=None)


@judge.mistake("NaN is found, and infinity is not: ask math.isfinite.")
def infinity_passes(*case):
    return right(*case, is_figure=lambda value: not math.isnan(value))


@judge.mistake("Minus infinity is no figure either: ask math.isfinite.")
def minus_infinity_passes(*case):
    return right(*case, is_figure=lambda value: value < math.inf)


@judge.mistake("Infinity is found, and NaN is not: ask math.isfinite.")
def nan_passes(*case):
    return right(*case, is_figure=lambda value: not math.isinf(value))


@judge.mistake("A whole number gets a digit after the point as well: format it by .1f.")
def str_of_round(*case):
    return right(*case, write=lambda value: str(round(value, 1)))


@judge.mistake("These are two digits after the point: write one.")
def two_digits(*case):
    return right(*case, write="{:.2f}".format)


@judge.mistake("There is no digit after the point: write one.")
def no_digits(*case):
    return right(*case, write="{:.0f}".format)


@judge.mistake("The figure is cut off, not rounded: format it by .1f.")
def cut_off(*case):
    return right(*case, write=lambda value: f"{math.trunc(value * 10) / 10:.1f}")


@judge.mistake(
    "These are one significant digit or more: .1f, with the f, is one digit."
)
def significant(*case):
    return right(*case, write="{:.3g}".format)


@judge.mistake("The figure is turned into per cent: write it as it is.")
def per_cent(*case):
    return right(*case, write=lambda value: f"{100 * value:.1f}")


@judge.mistake("The path is taken for one key: split it at its points.")
def one_key(report, path):
    return right({path: report[path]} if path in report else {}, path)


@judge.mistake("Paths have one or more parts: only those of two are followed.")
def two_parts(report, path):
    return right(report, path) if path.count(".") == 1 else NONE


@judge.mistake("Paths have one or more parts: the third is not followed.")
def at_most_two(report, path):
    return right(report, path) if path.count(".") < 2 else NONE


@judge.mistake(
    "A part on the way may be a number. Nothing lies below it, so nothing is measured "
    "there."
)
def number_on_the_way(report, path):
    value = report
    for part in path.split("."):
        if value is None:
            return NONE
        value = value.get(part) if isinstance(value, dict) else value
    return NONE if value is None or not math.isfinite(value) else f"{value:.1f}"


@judge.mistake("A whole number is a figure too: ask for int as well as float.")
def floats_only(*case):
    return right(*case, is_figure=lambda v: isinstance(v, float) and math.isfinite(v))


@judge.sees(
    'Each figure is right. Where there is none, the text is not "not measured".'
)
def other_words(got, expected, cases):
    pairs = list(zip(got, expected, strict=True))
    return all(g == e for g, e in pairs if e != NONE)


@judge.sees("Something stands beside the figure: return the number alone.")
def with_a_unit(got, expected, cases):
    return all(e in g for g, e in zip(got, expected, strict=True))


@judge.sees('"not measured" stands in the right places, and the figures are not right.')
def other_figures(got, expected, cases):
    return all((g == NONE) == (e == NONE) for g, e in zip(got, expected, strict=True))


@judge.mistake("A figure below 0 is measured too.")
def negative_refused(report, path):
    return NONE if right(report, path).startswith("-") else right(report, path)
