"""Judge of 11.3, a rule that chooses among trials."""

import math
from statistics import mean, median

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex11_3 import QUESTION


def grouped(trials):
    found = {}
    for trial in trials:
        found.setdefault(trial["name"], []).append(trial)
    return found


def right(trials, near, of=mean, strict=False, order=None, limit=None):
    groups = grouped(trials)
    score = {name: of([t["score"] for t in group]) for name, group in groups.items()}
    least = max(score.values()) - near if limit is None else limit(trials, near)
    allowed = [
        n for n in groups if score[n] > least or score[n] == least * (not strict)
    ]
    key = order or (lambda name, score, steps: (steps, -score))
    return min(allowed, key=lambda n: key(n, score[n], groups[n][0]["steps"]))


judge = Judge(
    QUESTION,
    right,
    "Take the mean score of each name. Of the names within `near` points of the best "
    "mean, the one with the fewest steps is chosen. Write down the means of the case "
    "below, and strike out those that are too low.",
)


@judge.mistake(
    "This has the best mean: who is within `near` points of it counts as well."
)
def best_mean(trials, near):
    return right(trials, 0.0)


@judge.mistake("This is the name of the best single run: take the mean of each name.")
def best_run(trials, near):
    return max(trials, key=lambda trial: trial["score"])["name"]


@judge.mistake("The means are compared with the best single run: take the best mean.")
def near_the_best_run(trials, near):
    best = max(trial["score"] for trial in trials)
    return right(trials, near, limit=lambda *_: best - near)


@judge.mistake(
    "Of each name only the best run counts here: take the mean of each name first."
)
def of_best_seed(trials, near):
    return right(trials, near, of=max)


@judge.mistake("Of each name only the worst run counts here: take the mean.")
def of_worst_seed(trials, near):
    return right(trials, near, of=min)


@judge.mistake("Of each name only the first run counts here: take the mean of all.")
def of_first_seed(trials, near):
    return right(trials, near, of=lambda scores: scores[0])


@judge.mistake("Of each name only the last run counts here: take the mean of all.")
def of_last_seed(trials, near):
    return right(trials, near, of=lambda scores: scores[-1])


@judge.mistake("The median of each name is taken: the mean is asked for.")
def of_median(trials, near):
    return right(trials, near, of=median)


@judge.mistake(
    "The scores of a name are added up: who has more seeds wins. Take the mean."
)
def of_sum(trials, near):
    return right(trials, near, of=sum)


@judge.mistake(
    "The steps of a name's trials are added up: a setting has the steps of one of them."
)
def of_added_steps(trials, near):
    times = {name: len(group) for name, group in grouped(trials).items()}
    return right(
        trials, near, order=lambda name, score, steps: (steps * times[name], -score)
    )


@judge.mistake(
    "The scores of each name are divided by the same number of seeds: some names have "
    "more trials than others."
)
def of_all_seeds(trials, near):
    seeds = len({trial["seed"] for trial in trials})
    return right(trials, near, of=lambda scores: sum(scores) / seeds)


@judge.mistake("A mean just `near` points below the best is near enough: >= and not >.")
def strictly_near(trials, near):
    return right(trials, near, strict=True)


@judge.mistake("`near` is taken for per cent: it is points.")
def near_in_per_cent(trials, near):
    best = max(mean(t["score"] for t in group) for group in grouped(trials).values())
    return right(trials, near, limit=lambda *_: best * (1 - near / 100))


@judge.mistake("The scores are not asked: this has the fewest steps of all.")
def fewest_of_all(trials, near):
    return right(trials, math.inf)


@judge.mistake("Of those near the best, this has the most steps: take the fewest.")
def most_steps(trials, near):
    return right(trials, near, order=lambda name, score, steps: (-steps, -score))


@judge.mistake("Of equal steps the higher mean is chosen, and nothing else decides.")
def first_of_equal(trials, near):
    return right(trials, near, order=lambda name, score, steps: steps)


@judge.mistake("Of equal steps the higher mean is chosen.")
def lower_of_equal(trials, near):
    return right(trials, near, order=lambda name, score, steps: (steps, score))


@judge.mistake("This is the lowest mean: a high ROUGE-1 is good.")
def lowest_mean(trials, near):
    order = lambda name, score, steps: score  # noqa: E731
    return right(trials, math.inf, order=order)


@judge.mistake("This is a trial: return its name.")
def whole_trial(trials, near):
    name = right(trials, near)
    return next(trial for trial in trials if trial["name"] == name)


@judge.mistake(
    "These are all that are near enough: return the one with the fewest steps."
)
def all_near(trials, near):
    groups = grouped(trials)
    score = {name: mean(t["score"] for t in group) for name, group in groups.items()}
    return [name for name in groups if score[name] >= max(score.values()) - near]


@judge.mistake("These are the steps: return the name.")
def steps_alone(trials, near):
    return whole_trial(trials, near)["steps"]


@judge.mistake("The limit is `near` below the mean of the means: below the best one.")
def near_the_middle(trials, near):
    def middle(trials, near):
        groups = grouped(trials).values()
        return mean(mean(t["score"] for t in group) for group in groups) - near

    return right(trials, near, limit=middle)
