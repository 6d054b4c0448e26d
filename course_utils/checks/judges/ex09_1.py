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
    'missing, None, NaN or infinite, return "not measured".',
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
