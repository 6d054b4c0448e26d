"""The paired bootstrap interval, which exercises 8.3 and 12.3 ask for."""

import numpy as np

from course_utils.checks.contract import Question
from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same

TWO_INTERVALS = (
    "Two separate intervals are subtracted, so what is hard for both models does not "
    "cancel out: subtract the scores first, then draw."
)
APART = "before and after are drawn apart: a draw takes the same examples from both."
NORMAL = "These are bounds of a normal distribution: take percentiles of the draws."
OF_90 = "This is a 90 % interval: 5 % on each side. Leave out 2.5 % on each side."
ONE_SIDE = "A 95 % interval leaves out 2.5 % on each side, not 5 % on one."


def bounds(values, low=2.5, high=97.5, **how):
    return np.percentile(values, [low, high], **how)


def means_of(values, draws):
    return values[draws].mean(axis=1)  # one a draw


def right(before, after, draws, low=2.5, high=97.5, **how):
    difference = after - before
    return difference.mean(), *bounds(means_of(difference, draws), low, high, **how)


def judge_of(question: Question) -> Judge:
    """Return the judge of a question that asks for this interval."""
    judge = Judge(
        question,
        right,
        "Use `draws` as they are: difference[draws].mean(axis=1) holds one mean a "
        "draw. Return the mean of the difference and the percentiles 2.5 and 97.5.",
    )

    @judge.mistake(TWO_INTERVALS)
    def two_intervals_crossed(before, after, draws):
        low, high = bounds(means_of(before, draws))
        return (after - before).mean(), *bounds(means_of(after, draws)) - [high, low]

    @judge.mistake(TWO_INTERVALS)
    def two_intervals(before, after, draws):
        ends = bounds(means_of(after, draws)) - bounds(means_of(before, draws))
        return (after - before).mean(), *ends

    @judge.mistake(APART)
    def drawn_apart(before, after, draws):
        means = means_of(after, draws) - means_of(before, draws[::-1])
        return (after - before).mean(), *bounds(means)

    @judge.mistake("Only after is drawn: a draw takes the same examples from both.")
    def only_after_drawn(before, after, draws):
        means = means_of(after, draws) - before.mean()
        return (after - before).mean(), *bounds(means)

    @judge.mistake("Only before is drawn: a draw takes the same examples from both.")
    def only_before_drawn(before, after, draws):
        means = after.mean() - means_of(before, draws)
        return (after - before).mean(), *bounds(means)

    @judge.mistake("The sign is the other way round: after - before.")
    def other_sign(before, after, draws):
        return right(after, before, draws)

    @judge.mistake("The mean has the other sign: after - before.")
    def other_sign_of_the_mean(before, after, draws):
        mean, *ends = right(before, after, draws)
        return -mean, *ends

    @judge.mistake("The sign is lost: take no absolute values, or worse looks better.")
    def absolute(before, after, draws):
        difference = np.abs(after - before)
        return difference.mean(), *bounds(means_of(difference, draws))

    @judge.mistake(OF_90)
    def of_90_percent(before, after, draws):
        return right(before, after, draws, 5, 95)

    @judge.mistake(ONE_SIDE)
    def from_the_least(before, after, draws):
        return right(before, after, draws, 0, 95)

    @judge.mistake(ONE_SIDE)
    def to_the_most(before, after, draws):
        return right(before, after, draws, 5, 100)

    @judge.mistake("This is a 99 % interval: take the percentiles 2.5 and 97.5.")
    def of_99_percent(before, after, draws):
        return right(before, after, draws, 0.5, 99.5)

    @judge.mistake("These are the quartiles, 25 and 75: take 2.5 and 97.5.")
    def quartiles(before, after, draws):
        return right(before, after, draws, 25, 75)

    @judge.mistake(
        "These are the least and the most of the draws: take percentiles 2.5 and 97.5."
    )
    def extremes(before, after, draws):
        return right(before, after, draws, 0, 100)

    @judge.mistake(
        "The bounds are means of single draws: np.percentile goes between two of them."
    )
    def lower(before, after, draws):
        return right(before, after, draws, method="lower")

    @judge.mistake(
        "The bounds are means of single draws: np.percentile goes between two of them."
    )
    def nearest(before, after, draws):
        return right(before, after, draws, method="nearest")

    @judge.mistake(
        "The bounds are means of single draws: np.percentile goes between two of them."
    )
    def by_index(before, after, draws):
        difference = after - before
        means = np.sort(means_of(difference, draws))
        n = len(means)
        return difference.mean(), means[int(0.025 * n)], means[int(0.975 * n)]

    @judge.mistake(
        "These are percentiles of the single differences: they show how examples vary, "
        "not how sure the mean is."
    )
    def of_examples(before, after, draws):
        return (after - before).mean(), *bounds(after - before)

    @judge.mistake("Take the mean of each draw before the percentiles.")
    def of_all_draws(before, after, draws):
        return (after - before).mean(), *bounds((after - before)[draws])

    @judge.mistake("The mean goes over the other axis: one mean a draw, so one a row.")
    def over_the_other_axis(before, after, draws):
        difference = after - before
        return difference.mean(), *bounds(difference[draws].mean(axis=0))

    @judge.mistake("These are the medians of the draws: take the mean of each.")
    def medians_of_draws(before, after, draws):
        difference = after - before
        return difference.mean(), *bounds(np.median(difference[draws], axis=1))

    @judge.mistake("These are the sums of the draws: take the mean of each.")
    def sums_of_draws(before, after, draws):
        difference = after - before
        return difference.mean(), *bounds(difference[draws].sum(axis=1))

    @judge.mistake("The first number is the median: return the mean of the difference.")
    def median(before, after, draws):
        _, *ends = right(before, after, draws)
        return np.median(after - before), *ends

    @judge.mistake("The first number is the sum: return the mean of the difference.")
    def total(before, after, draws):
        _, *ends = right(before, after, draws)
        return (after - before).sum(), *ends

    @judge.mistake(NORMAL)
    def normal(before, after, draws, ddof=0):
        difference = after - before
        half = 1.96 * difference.std(ddof=ddof) / np.sqrt(len(difference))
        return difference.mean(), difference.mean() - half, difference.mean() + half

    @judge.mistake(NORMAL)
    def normal_of_a_sample(*case):
        return normal(*case, ddof=1)

    @judge.mistake(NORMAL)
    def normal_of_draws(before, after, draws, times=1.96, ddof=0):
        difference = after - before
        half = times * means_of(difference, draws).std(ddof=ddof)
        return difference.mean(), difference.mean() - half, difference.mean() + half

    @judge.mistake(NORMAL)
    def normal_of_draws_by_2(*case):
        return normal_of_draws(*case, times=2)

    @judge.mistake("These are one standard deviation on each side: take percentiles.")
    def one_deviation(*case):
        return normal_of_draws(*case, times=1)

    @judge.mistake(
        "The first number is the mean of the draws: return the mean over the examples."
    )
    def mean_of_draws(before, after, draws):
        means = means_of(after - before, draws)
        return means.mean(), *bounds(means)

    @judge.mistake("This is about after alone: take the differences of the examples.")
    def of_after(before, after, draws):
        return after.mean(), *bounds(means_of(after, draws))

    @judge.mistake("This is about before alone: take the differences of the examples.")
    def of_before(before, after, draws):
        return before.mean(), *bounds(means_of(before, draws))

    @judge.mistake("These are per cent of before: take the difference in points.")
    def relative(before, after, draws):
        change = 100 * (after - before) / before
        return change.mean(), *bounds(means_of(change, draws))

    @judge.mistake("np.percentile wants percent, 0 to 100: 2.5 and 97.5.")
    def fractions(before, after, draws):
        return right(before, after, draws, 0.025, 0.975)

    @judge.mistake("The bounds are those of after alone: draw the differences.")
    def bounds_of_after(before, after, draws):
        return (after - before).mean(), *bounds(means_of(after, draws))

    @judge.mistake("The bounds are those of before alone: draw the differences.")
    def bounds_of_before(before, after, draws):
        return (after - before).mean(), *bounds(means_of(before, draws))

    @judge.mistake(
        "The percentiles are mirrored at the mean: return them as they are, low and "
        "high."
    )
    def mirrored(before, after, draws):
        mean, low, high = right(before, after, draws)
        return mean, 2 * mean - high, 2 * mean - low

    @judge.mistake("Only the first draw is used: each row of `draws` gives one mean.")
    def one_draw(before, after, draws):
        first = (after - before)[draws[0]]
        return first.mean(), *bounds(first)

    @judge.mistake("These are one standard error on each side: take percentiles.")
    def one_error(before, after, draws):
        difference = after - before
        mean, error = difference.mean(), difference.std() / len(difference) ** 0.5
        return mean, mean - error, mean + error

    @judge.mistake("The bounds stand in a pair of their own: return three numbers.")
    def nested(*case):
        mean, *ends = right(*case)
        return mean, ends

    @judge.mistake("One of the bounds is missing: return three numbers.")
    def without_high(*case):
        return right(*case)[:2]

    @judge.mistake(
        "Each draw is divided by the number of draws: a mean is divided by n examples."
    )
    def divided_by_draws(before, after, draws):
        difference = after - before
        sums = difference[draws].sum(axis=1)
        return difference.mean(), *bounds(sums / len(draws))

    @judge.mistake("low and high have changed places.")
    def high_first(before, after, draws):
        mean, low, high = right(before, after, draws)
        return mean, high, low

    @judge.mistake("The mean comes first, and then the two bounds.")
    def mean_between(before, after, draws):
        mean, low, high = right(before, after, draws)
        return low, mean, high

    @judge.mistake("The mean comes first, and then the two bounds.")
    def mean_last(before, after, draws):
        mean, low, high = right(before, after, draws)
        return low, high, mean

    @judge.mistake(
        "The mean is missing: return three numbers, the mean and the bounds."
    )
    def only_bounds(*case):
        return right(*case)[1:]

    @judge.mistake("The bounds are missing: return three numbers.")
    def only_the_mean(*case):
        return right(*case)[0]

    @judge.mistake("The interval is given by its width: return its two ends.")
    def mean_and_width(*case):
        mean, low, high = right(*case)
        return mean, high - low

    @judge.mistake("The bounds are taken from the mean: return them as they are.")
    def distances(*case):
        mean, low, high = right(*case)
        return mean, mean - low, high - mean

    @judge.sees(
        "The mean is right, the bounds are not. Mostly the draws are the reason: use "
        "`draws` as they are, one mean a row, and make no random numbers of your own. "
        "Or it is the percentiles: 2.5 and 97.5."
    )
    def only_the_bounds(got, expected, cases):
        pairs = zip(got, expected, strict=True)
        return all(len(g) == 3 and same(g[0], e[0]) for g, e in pairs)

    @judge.sees("The bounds are right, and the mean of the difference is not.")
    def only_the_bounds_right(got, expected, cases):
        pairs = zip(got, expected, strict=True)
        return all(len(g) == 3 and same(g[1:], e[1:]) for g, e in pairs)

    return judge
