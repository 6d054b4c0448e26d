"""Right and wrong answers to Exercise 12.3, as students write them."""

import numpy as np


def interval_by_loop(before, after, draws):
    means = []
    for places in draws:
        means.append(np.mean([after[i] - before[i] for i in places]))
    return [
        np.mean(after) - np.mean(before),
        np.percentile(means, 2.5),
        np.percentile(means, 97.5),
    ]


def interval_of_both(before, after, draws):
    means = after[draws].mean(1) - before[draws].mean(1)
    return np.array([(after - before).mean(), *np.quantile(means, [0.025, 0.975])])


def interval_before_minus_after(before, after, draws):
    return interval_by_loop(after, before, draws)


def interval_unpaired(before, after, draws):
    means = after[draws].mean(1) - before[draws[::-1]].mean(1)
    return after.mean() - before.mean(), *np.percentile(means, [2.5, 97.5])


def interval_of_examples(before, after, draws):
    change = after - before
    return change.mean(), *np.percentile(change, [2.5, 97.5])


def interval_subtracted(before, after, draws):
    ends = [
        np.percentile(scores[draws].mean(1), [2.5, 97.5]) for scores in (before, after)
    ]
    low, high = ends[1] - ends[0]
    return after.mean() - before.mean(), low, high


def interval_of_90(before, after, draws):
    means = (after - before)[draws].mean(axis=1)
    return (after - before).mean(), *np.percentile(means, [5, 95])


def interval_of_after(before, after, draws):
    means = after[draws].mean(axis=1)
    return after.mean(), *np.percentile(means, [2.5, 97.5])


def interval_normal(before, after, draws):
    change = after - before
    error = change.std(ddof=1) / len(change) ** 0.5
    return change.mean(), change.mean() - 1.96 * error, change.mean() + 1.96 * error


def interval_high_first(before, after, draws):
    mean, low, high = interval_by_loop(before, after, draws)
    return mean, high, low


def interval_over_columns(before, after, draws):
    means = (after - before)[draws].mean(axis=0)
    return (after - before).mean(), *np.percentile(means, [2.5, 97.5])


def interval_by_the_course(before, after, draws):
    from course_utils.evaluation.rouge import paired_difference

    return tuple(paired_difference(after, before))


RIGHT = [interval_by_loop, interval_of_both]
WRONG = [
    (interval_before_minus_after, "sign is the wrong way round"),
    (interval_unpaired, "drawn apart"),
    (interval_of_examples, "range of the examples"),
    (interval_subtracted, "cannot be subtracted"),
    (interval_of_90, "holds 90 %"),
    (interval_of_after, "about after alone"),
    (interval_normal, "1.96 standard errors"),
    (interval_high_first, "low and high have changed places"),
    (interval_over_columns, "each row of draws"),
    (interval_by_the_course, "write it yourself"),
]
