"""Right and wrong answers to Exercise 6.2, as students write them."""

import math


def rate_by_perplexity(old_before, runs, most_forgotten):
    limit = old_before * math.exp(most_forgotten)
    best = None
    for run in runs:
        if run["old"] > limit:
            continue
        if best is None or run["validation"] < best["validation"]:
            best = run
    return best and best["learning_rate"]


def rate_by_sorting(old_before, runs, most_forgotten):
    for run in sorted(runs, key=lambda run: run["validation"]):
        if math.log(run["old"]) - math.log(old_before) <= most_forgotten:
            return run["learning_rate"]


def _best(runs, key):
    return min(runs, key=lambda run: run[key])["learning_rate"] if runs else None


def _allowed(old_before, runs, most):
    return [run for run in runs if math.log(run["old"] / old_before) <= most]


def rate_ignores_forgetting(old_before, runs, most_forgotten):
    return _best(runs, "validation")


def rate_by_train(old_before, runs, most_forgotten):
    return _best(_allowed(old_before, runs, most_forgotten), "train")


def rate_by_test(old_before, runs, most_forgotten):
    return _best(_allowed(old_before, runs, most_forgotten), "test")


def rate_forgets_least(old_before, runs, most_forgotten):
    return _best(_allowed(old_before, runs, most_forgotten), "old")


def rate_highest(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    return max([run["learning_rate"] for run in allowed], default=None)


def rate_relative(old_before, runs, most_forgotten):
    limit = old_before * (1 + most_forgotten)
    return _best([run for run in runs if run["old"] <= limit], "validation")


def rate_difference(old_before, runs, most_forgotten):
    limit = old_before + most_forgotten
    return _best([run for run in runs if run["old"] <= limit], "validation")


def rate_no_run_left(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    return min(allowed, key=lambda run: run["validation"])["learning_rate"]


def rate_first_of_none(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    return sorted(allowed, key=lambda run: run["validation"])[0]["learning_rate"]


def rate_whole_run(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    return min(allowed, key=lambda run: run["validation"], default=None)


RIGHT = [rate_by_perplexity, rate_by_sorting]
WRONG = [
    (rate_ignores_forgetting, "Nothing is said against forgetting"),
    (rate_by_train, "by the training perplexity"),
    (rate_by_test, "on the test set"),
    (rate_forgets_least, "forgets least"),
    (rate_highest, "highest allowed rate"),
    (rate_relative, "relative rises"),
    (rate_difference, "differences of perplexities"),
    (rate_no_run_left, "return None then"),
    (rate_first_of_none, "return None then"),
    (rate_whole_run, "Return the learning_rate"),
]
