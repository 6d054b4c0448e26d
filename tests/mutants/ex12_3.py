"""Right and wrong answers to Exercise 12.3, as students write them."""

import numpy as np
from mutants import paired_interval


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


def interval_by_the_course(before, after, draws):
    from course_utils.evaluation.rouge import paired_difference

    return tuple(paired_difference(after, before))


RIGHT = [interval_by_loop, interval_of_both, *paired_interval.RIGHT]
WRONG = [(interval_by_the_course, "write it yourself"), *paired_interval.WRONG]
