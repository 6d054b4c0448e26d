"""Judge of 12.4, what became worse."""

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex12_4 import QUESTION


def changes(before, after):
    return np.array(after) - np.array(before)


def right(before, after, k, limit=0):
    change = changes(before, after)
    order = np.argsort(change, kind="stable")
    return [int(i) for i in order if change[i] < limit][:k]


def every(before, after):
    return right(before, after, len(before))


judge = Judge(
    QUESTION,
    right,
    "Return the places where after is below before, the deepest fall first, at most k "
    "of them. Write down the changes of the case below: which are below 0, and in "
    "which order?",
)


@judge.mistake(
    "Examples that did not become worse are in it: there may be fewer than k."
)
def filled_up(before, after, k):
    return right(before, after, k, limit=np.inf)


@judge.mistake("The smallest fall comes first: begin with the deepest.")
def smallest_first(before, after, k):
    change = changes(before, after)
    fallen = np.flatnonzero(change < 0)
    return [int(i) for i in fallen[np.argsort(-change[fallen], kind="stable")]][:k]


@judge.mistake("Examples whose score stayed the same are in it.")
def or_equal(before, after, k):
    return right(before, after, k, limit=0.5)


@judge.mistake("These became better: look for after below before.")
def better(before, after, k):
    return right(after, before, k)


@judge.mistake("There are more than k: return the k worst.")
def all_fallen(before, after, k):
    return every(before, after)


@judge.mistake("The first k of the data are taken, and then sorted: sort all first.")
def first_k_sorted(before, after, k):
    first = sorted(every(before, after))[:k]
    return sorted(first, key=lambda i: changes(before, after)[i])


@judge.mistake("They are in the order of the data: the deepest fall comes first.")
def in_order(before, after, k):
    return sorted(every(before, after))[:k]


@judge.mistake(
    "The right ones stand in the order of the data: the deepest comes first."
)
def right_in_order(*case):
    return sorted(right(*case))


@judge.mistake("The order is the wrong way round: the deepest fall comes first.")
def turned(*case):
    return right(*case)[::-1]


@judge.mistake("These are the smallest falls: the deepest comes first.")
def smallest(before, after, k):
    return every(before, after)[::-1][:k]


@judge.mistake("Equal falls are in reverse: the earlier example comes first.")
def ties_turned(before, after, k):
    change = changes(before, after)
    order = sorted(range(len(change)), key=lambda i: (change[i], -i))
    return [i for i in order if change[i] < 0][:k]


@judge.mistake("Of equal falls only one is there: each example counts.")
def ties_lost(before, after, k):
    change, seen = changes(before, after), {}
    for i in every(before, after):
        seen.setdefault(change[i], i)
    return list(seen.values())[:k]


@judge.mistake("These have the lowest scores: look for the deepest fall.")
def lowest(before, after, k):
    return np.argsort(after, kind="stable")[:k].tolist()


@judge.mistake("These fell, and stand by their score: the deepest fall comes first.")
def fallen_by_score(before, after, k):
    return sorted(sorted(every(before, after)), key=lambda i: after[i])[:k]


@judge.mistake("These are the deepest falls by ratio: take the difference.")
def by_ratio(before, after, k):
    ratio = np.array(after) / np.array(before)
    return [int(i) for i in np.argsort(ratio, kind="stable") if ratio[i] < 1][:k]


@judge.mistake("These are the largest changes up or down: only falls count.")
def by_size(before, after, k):
    return np.argsort(-abs(changes(before, after)), kind="stable")[:k].tolist()


@judge.mistake("These are the changes: return the places of the examples.")
def the_changes(before, after, k):
    return [int(changes(before, after)[i]) for i in right(before, after, k)]


@judge.mistake("These are the scores: return the places of the examples.")
def the_scores(before, after, k):
    return [after[i] for i in right(before, after, k)]


@judge.mistake("Return the places alone, without the changes.")
def with_changes(before, after, k):
    return [[i, int(changes(before, after)[i])] for i in right(before, after, k)]


@judge.mistake("Places count from 0: the first example is 0.")
def from_1(*case):
    return [i + 1 for i in right(*case)]


@judge.mistake("One is missing: return k of them, if so many fell.")
def one_less(before, after, k):
    return right(before, after, k - 1)


@judge.mistake("One is too many: return k at most.")
def one_more(before, after, k):
    return right(before, after, k + 1)


@judge.mistake("Only the deepest fall is there: return k of them.")
def deepest(*case):
    return right(*case)[:1]


@judge.mistake("Return the places, not how many fell.")
def counted(before, after, k):
    return len(every(before, after))


@judge.mistake("Return places, not whether each example fell.")
def flags(before, after, k):
    return (changes(before, after) < 0).tolist()


@judge.mistake("These are ranks of the examples: return the places in order of rank.")
def ranks(before, after, k):
    return np.argsort(np.argsort(changes(before, after), kind="stable")).tolist()[:k]


@judge.mistake("These are the k deepest falls, the deepest at the end: it comes first.")
def deepest_last(before, after, k):
    return smallest_first(before, after, len(before))[-k:]


@judge.mistake(
    "These fell, the highest score before first: the deepest fall comes first."
)
def fallen_by_score_before(before, after, k):
    return sorted(sorted(every(before, after)), key=lambda i: -before[i])[:k]


@judge.mistake(
    "Of equal falls only the last is there, as in a dict by the change: each counts."
)
def ties_overwritten(before, after, k):
    last = {changes(before, after)[i]: i for i in sorted(every(before, after))}
    return [last[change] for change in sorted(last)][:k]


@judge.mistake("The deepest fall is left out: a slice begins at 0.")
def without_the_deepest(before, after, k):
    return right(before, after, k)[1:]


@judge.sees("An example is named that did not become worse.")
def not_fallen(got, expected, cases):
    return any(
        case["after"][i] >= case["before"][i]
        for places, case in zip(got, cases, strict=True)
        for i in places
    )
