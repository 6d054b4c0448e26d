"""Judge of 8.3, is the difference real?"""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex08_3 import QUESTION

TWO_INTERVALS = (
    "Two separate intervals are subtracted, so what is hard for both models does not "
    "cancel out: subtract the scores first, then draw."
)
NORMAL = "These are bounds of a normal distribution: take percentiles of the draws."


def bounds(values, low=2.5, high=97.5):
    return np.percentile(values, [low, high])


def right(before, after, draws):
    difference = after - before
    return difference.mean(), *bounds(difference[draws].mean(axis=1))


judge = Judge(
    QUESTION,
    right,
    "Use `draws` as they are: difference[draws].mean(axis=1) holds one mean a draw. "
    "Return the mean of the difference and the percentiles 2.5 and 97.5.",
)


@judge.mistake(TWO_INTERVALS)
def two_intervals_crossed(before, after, draws):
    low, high = bounds(before[draws].mean(axis=1))
    return (after - before).mean(), *bounds(after[draws].mean(axis=1)) - [high, low]


@judge.mistake(TWO_INTERVALS)
def two_intervals(before, after, draws):
    ends = bounds(after[draws].mean(axis=1)) - bounds(before[draws].mean(axis=1))
    return (after - before).mean(), *ends


@judge.mistake("The sign is the other way round: after - before.")
def other_sign(before, after, draws):
    return right(after, before, draws)


@judge.mistake(
    "This is a 90 % interval: 5 % on each side. Leave out 2.5 % on each side."
)
def of_90_percent(before, after, draws):
    difference = after - before
    return difference.mean(), *bounds(difference[draws].mean(axis=1), 5, 95)


@judge.mistake(
    "These are percentiles of the single differences: they show how dialogues vary, "
    "not how sure the mean is."
)
def of_dialogues(before, after, draws):
    return (after - before).mean(), *bounds(after - before)


@judge.mistake("Take the mean of each draw before the percentiles.")
def of_all_draws(before, after, draws):
    return (after - before).mean(), *bounds((after - before)[draws])


@judge.mistake("The mean goes over the other axis: one mean a draw, so one a row.")
def over_the_other_axis(before, after, draws):
    difference = after - before
    return difference.mean(), *bounds(difference[draws].mean(axis=0))


@judge.mistake(NORMAL)
def normal(before, after, draws, ddof=0):
    difference = after - before
    half = 1.96 * difference.std(ddof=ddof) / np.sqrt(len(difference))
    return difference.mean(), difference.mean() - half, difference.mean() + half


@judge.mistake(NORMAL)
def normal_of_a_sample(*case):
    return normal(*case, ddof=1)


@judge.mistake(
    "The first number is the mean of the draws: return the mean over the n dialogues."
)
def mean_of_draws(before, after, draws):
    means = (after - before)[draws].mean(axis=1)
    return means.mean(), *bounds(means)


@judge.mistake("np.percentile wants percent, 0 to 100: 2.5 and 97.5.")
def fractions(before, after, draws):
    difference = after - before
    return difference.mean(), *bounds(difference[draws].mean(axis=1), 0.025, 0.975)
