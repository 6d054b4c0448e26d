"""Right and wrong answers to Exercise 6.2, as students write them."""

import math

import numpy as np
import pandas as pd
import torch


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


def rate_numpy(old_before, runs, most_forgotten):
    table = np.array(
        [[run["old"], run["validation"], run["learning_rate"]] for run in runs]
    )
    table = table[np.log(table[:, 0]) - np.log(old_before) <= most_forgotten]
    return table[table[:, 1].argmin(), 2] if len(table) else None


def rate_pandas(old_before, runs, most_forgotten):
    table = pd.DataFrame(runs)
    table = table[np.log(table["old"] / old_before) <= most_forgotten]
    if table.empty:
        return None
    return table.sort_values("validation")["learning_rate"].iloc[0]


def rate_torch(old_before, runs, most_forgotten):
    old = torch.tensor([run["old"] for run in runs], dtype=torch.float64)
    validation = torch.tensor([run["validation"] for run in runs], dtype=torch.float64)
    validation[(old / old_before).log() > most_forgotten] = math.inf
    if validation.isinf().all():
        return None
    return torch.tensor(runs[validation.argmin()]["learning_rate"], dtype=torch.float64)


def rate_by_filter(old_before, runs, most_forgotten):
    kept = filter(lambda r: r["old"] / old_before <= math.exp(most_forgotten), runs)
    best = min(kept, key=lambda r: math.log(r["validation"]), default={})
    return best.get("learning_rate")


def rate_in_bits(old_before, runs, most_forgotten):
    kept = [run for run in runs if math.log2(run["old"] / old_before) <= most_forgotten]
    return _best(kept, "validation")


def rate_log10(old_before, runs, most_forgotten):
    kept = [
        run for run in runs if math.log10(run["old"] / old_before) <= most_forgotten
    ]
    return _best(kept, "validation")


def rate_absolute(old_before, runs, most_forgotten):
    kept = [r for r in runs if abs(math.log(r["old"] / old_before)) <= most_forgotten]
    return _best(kept, "validation")


def rate_chosen_first(old_before, runs, most_forgotten):
    best = min(runs, key=lambda run: run["validation"])
    if math.log(best["old"] / old_before) > most_forgotten:
        return None
    return best["learning_rate"]


def rate_zero_for_none(old_before, runs, most_forgotten):
    return _best(_allowed(old_before, runs, most_forgotten), "validation") or 0.0


def rate_worst(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    worst = max(allowed, key=lambda run: run["validation"], default=None)
    return worst and worst["learning_rate"]


def rate_place(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    if allowed:
        return runs.index(min(allowed, key=lambda run: run["validation"]))


def rate_sign(old_before, runs, most_forgotten):
    kept = [
        r for r in runs if math.log(old_before) - math.log(r["old"]) <= most_forgotten
    ]
    return _best(kept, "validation")


def rate_lowest(old_before, runs, most_forgotten):
    allowed = _allowed(old_before, runs, most_forgotten)
    return min((run["learning_rate"] for run in allowed), default=None)


def rate_printed(old_before, runs, most_forgotten):
    print(rate_by_sorting(old_before, runs, most_forgotten))


def rate_sort_is_none(old_before, runs, most_forgotten):
    runs = runs.sort(key=lambda run: run["validation"])
    return runs[0]["learning_rate"]


def rate_sorts_dicts(old_before, runs, most_forgotten):
    return sorted(runs)[0]["learning_rate"]


def rate_loss_itself(old_before, runs, most_forgotten):
    allowed = [run for run in runs if math.log(run["old"]) <= most_forgotten]
    if not allowed:
        return None
    return min(allowed, key=lambda run: run["validation"])["learning_rate"]


def rate_without_the_end(old_before, runs, most_forgotten):
    for run in sorted(runs, key=lambda run: run["validation"]):
        if run["old"] <= most_forgotten:
            return run["learning_rate"]


def rate_strictly_less(old_before, runs, most_forgotten):
    ok = [r for r in runs if math.log(r["old"] / old_before) < most_forgotten]
    return min(ok, key=lambda r: r["validation"])["learning_rate"] if ok else None


RIGHT = [
    rate_by_perplexity,
    rate_by_sorting,
    rate_numpy,
    rate_pandas,
    rate_torch,
    rate_by_filter,
]
WRONG = [
    (rate_ignores_forgetting, "not left out"),
    (rate_by_train, "by the training perplexity"),
    (rate_by_test, "on the test set"),
    (rate_forgets_least, "forgets least"),
    (rate_highest, "highest allowed rate"),
    (rate_relative, "relative rises"),
    (rate_difference, "differences of perplexities"),
    (rate_no_run_left, "return None then"),
    (rate_first_of_none, "return None then"),
    (rate_whole_run, "This is the run"),
    (rate_in_bits, "measured in bits"),
    (rate_log10, "with log10"),
    (rate_absolute, "no abs()"),
    (rate_chosen_first, "chosen first"),
    (rate_zero_for_none, "and not 0"),
    (rate_worst, "the lowest is the best"),
    (rate_place, "place in the list"),
    (rate_sign, "wrong sign"),
    (rate_lowest, "lowest allowed rate"),
    (rate_printed, "`print` shows"),
    (rate_sort_is_none, "`sort` sorts the list"),
    (rate_loss_itself, "No run is ever good enough"),
    (rate_without_the_end, "returns None"),
    (rate_sorts_dicts, "unlike kinds are compared"),
    (rate_strictly_less, "exactly most_forgotten"),
]
