"""Right and wrong answers to Exercise 11.3, as students write them."""

from collections import defaultdict
from itertools import groupby

import numpy as np
import pandas as pd


def choice_by_pandas(trials, near):
    table = pd.DataFrame(trials).groupby("name").agg({"score": "mean", "steps": "min"})
    table = table[table["score"] >= table["score"].max() - near]
    return table.sort_values(["steps", "score"], ascending=[True, False]).index[0]


def choice_by_loop(trials, near):
    scores, steps = defaultdict(list), {}
    for trial in trials:
        scores[trial["name"]].append(trial["score"])
        steps[trial["name"]] = trial["steps"]
    means = {name: sum(values) / len(values) for name, values in scores.items()}
    top = max(means.values())
    chosen = None
    for name, value in means.items():
        if top - value > near:
            continue
        if chosen is None or (steps[name], -value) < (steps[chosen], -means[chosen]):
            chosen = name
    return chosen


def choice_by_numpy(trials, near):
    names = np.array([trial["name"] for trial in trials])
    score = np.array([trial["score"] for trial in trials], dtype=float)
    steps = np.array([trial["steps"] for trial in trials])
    unique = np.unique(names)
    means = np.array([score[names == name].mean() for name in unique])
    costs = np.array([steps[names == name][0] for name in unique])
    order = np.lexsort((-means, costs))
    return next(unique[i] for i in order if means[i] >= means.max() - near)


def choice_by_groupby(trials, near):
    def by_name(trial):
        return trial["name"]

    found = []
    for name, group in groupby(sorted(trials, key=by_name), by_name):
        group = list(group)
        mean = np.mean([trial["score"] for trial in group])
        found.append((group[0]["steps"], -mean, name))
    best = min(minus for _, minus, _ in found)
    return min(entry for entry in found if entry[1] <= best + near)[2]


def choice_by_sorting(trials, near):
    names = list(dict.fromkeys(trial["name"] for trial in trials))
    table = []
    for name in names:
        own = [trial for trial in trials if trial["name"] == name]
        table.append((name, sum(t["score"] for t in own) / len(own), own[0]["steps"]))
    table.sort(key=lambda row: row[1], reverse=True)
    near_enough = [row for row in table if row[1] + near >= table[0][1]]
    return sorted(near_enough, key=lambda row: row[2])[0][0]


def choice_by_counter(trials, near):
    from collections import Counter

    total, n = Counter(), Counter()
    for trial in trials:
        total[trial["name"]] += trial["score"]
        n[trial["name"]] += 1
    cost = {trial["name"]: trial["steps"] for trial in trials}
    mean = {name: total[name] / n[name] for name in n}
    kept = filter(lambda name: max(mean.values()) - mean[name] <= near, mean)
    return np.str_(min(kept, key=lambda name: (cost[name], -mean[name])))


def choice_printed(trials, near):
    print(choice_by_loop(trials, near))


def choice_sorts_dicts(trials, near):
    return min(trials)["name"]


def choice_of_a_list(trials, near):
    return [choice_by_loop(trials, near)]


def choice_in_place(trials, near):
    trials = trials.sort(key=lambda trial: trial["score"])
    return trials[0]["name"]


def choice_by_seed(trials, near):
    return choice_by_loop([t for t in trials if t["seed"] == 1], near)


def choice_of_added_steps(trials, near):
    s, st = ({}, {})
    for t in trials:
        s.setdefault(t["name"], []).append(t["score"])
        st[t["name"]] = st.get(t["name"], 0) + t["steps"]
    m = {n: sum(v) / len(v) for n, v in s.items()}
    top = max(m.values())
    return min((n for n in m if m[n] >= top - near), key=lambda n: (st[n], -m[n]))


def choice_of_all_seeds(trials, near):
    s, st = ({}, {})
    seeds = len({t["seed"] for t in trials})
    for t in trials:
        s[t["name"]] = s.get(t["name"], 0) + t["score"] / seeds
        st[t["name"]] = t["steps"]
    top = max(s.values())
    return min((n for n in s if s[n] >= top - near), key=lambda n: (st[n], -s[n]))


def choice_of_rounded(trials, near):
    s, st = ({}, {})
    for t in trials:
        s.setdefault(t["name"], []).append(t["score"])
        st[t["name"]] = t["steps"]
    m = {n: round(sum(v) / len(v)) for n, v in s.items()}
    top = max(m.values())
    return min((n for n in m if m[n] >= top - near), key=lambda n: (st[n], -m[n]))


RIGHT = [
    choice_by_pandas,
    choice_by_loop,
    choice_by_numpy,
    choice_by_groupby,
    choice_by_sorting,
    choice_by_counter,
]
WRONG = [
    (choice_printed, "`print` shows"),
    (choice_sorts_dicts, "unlike kinds are compared"),
    (choice_of_a_list, "where a text is asked for"),
    (choice_in_place, "`sort` sorts the list"),
    (choice_by_seed, "Take the mean score of each name"),
    (choice_of_added_steps, "are added up"),
    (choice_of_all_seeds, "the same number of seeds"),
    (choice_of_rounded, "strike out"),
]
