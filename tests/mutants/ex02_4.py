"""Right and wrong answers to Exercise 2.4, as students write them."""

import numpy as np
import pandas as pd
import torch
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def groups_by_search(n_documents, pairs):
    neighbours = {i: set() for i in range(n_documents)}
    for i, j in pairs:
        neighbours[i].add(j)
        neighbours[j].add(i)
    groups = [None] * n_documents
    for start in range(n_documents):
        waiting = [start]
        while waiting:
            document = waiting.pop()
            if groups[document] is None:
                groups[document] = start
                waiting += neighbours[document]
    return groups


def groups_union_find(n_documents, pairs):
    parent = list(range(n_documents))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for i, j in pairs:
        low, high = sorted([root(i), root(j)])
        parent[high] = low
    return np.array([root(i) for i in range(n_documents)])


def groups_one_pass(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in pairs:
        smaller = min(groups[i], groups[j])
        groups[i] = smaller
        groups[j] = smaller
    return groups


def groups_copy_first(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in pairs:
        groups[j] = groups[i]
    return groups


def groups_direct_partner(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in pairs:
        groups[j] = i
    return groups


def groups_numbered(n_documents, pairs):
    groups = groups_by_search(n_documents, pairs)
    names = sorted(set(groups))
    return [names.index(group) for group in groups]


def groups_largest(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in pairs:
        old, new = groups[i], max(groups[i], groups[j])
        old = {groups[i], groups[j]}
        groups = [new if group in old else group for group in groups]
    return groups


def groups_as_sets(n_documents, pairs):
    groups = groups_by_search(n_documents, pairs)
    return [[i for i, g in enumerate(groups) if g == name] for name in {*groups}]


def groups_scipy(n_documents, pairs):
    rows, columns = np.array(pairs).reshape(-1, 2).T
    ones = np.ones(len(rows))
    graph = coo_matrix((ones, (rows, columns)), shape=(n_documents, n_documents))
    _, labels = connected_components(graph, directed=False)
    return [int(np.flatnonzero(labels == label)[0]) for label in labels]


def groups_until_settled(n_documents, pairs):
    groups = torch.arange(n_documents, dtype=torch.int32)
    while True:
        before = groups.clone()
        for i, j in set(pairs):
            groups[[i, j]] = groups[[i, j]].min()
        if torch.equal(before, groups):
            return groups


def groups_pandas(n_documents, pairs):
    groups = pd.Series(range(n_documents))
    for i, j in pairs:
        low, high = sorted((groups[i], groups[j]))
        groups = groups.replace(high, low)
    return groups


def groups_by_sets(n_documents, pairs):
    groups = {i: {i} for i in range(n_documents)}
    for i, j in pairs:
        both = groups[i] | groups[j]
        groups.update(dict.fromkeys(both, both))
    return (min(groups[i]) for i in range(n_documents))


def groups_two_passes(n_documents, pairs):
    groups = list(range(n_documents))
    for _ in range(2):
        for i, j in pairs:
            groups[i] = groups[j] = min(groups[i], groups[j])
    return groups


def groups_alone(n_documents, pairs):
    return list(range(n_documents))


def groups_minus_one(n_documents, pairs):
    groups = groups_by_search(n_documents, pairs)
    return [g if groups.count(g) > 1 else -1 for g in groups]


def groups_from_one(n_documents, pairs):
    return [group + 1 for group in groups_by_search(n_documents, pairs)]


def groups_of_pairs_only(n_documents, pairs):
    groups = groups_by_search(n_documents, pairs)
    return [groups[i] for i in sorted({i for pair in pairs for i in pair})]


def groups_pair_minimum(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in pairs:
        groups[j] = min(groups[j], i)
    return groups


def groups_direct_union_find(n_documents, pairs):
    parent = list(range(n_documents))
    for i, j in pairs:
        parent[parent[j]] = parent[i]
    return parent


def groups_printed(n_documents, pairs):
    print(groups_by_search(n_documents, pairs))


def groups_append_is_none(n_documents, pairs):
    groups = []
    for i in range(n_documents):
        groups = groups.append(i)
    return groups


def groups_as_dict(n_documents, pairs):
    return dict(enumerate(groups_by_search(n_documents, pairs)))


def groups_one_short(n_documents, pairs):
    return groups_by_search(n_documents, pairs)[:-1]


def groups_there_and_back(n_documents, pairs):
    groups = list(range(n_documents))
    for i, j in [*pairs, *pairs[::-1]]:
        groups[i] = groups[j] = min(groups[i], groups[j])
    return groups


RIGHT = [
    groups_by_search,
    groups_union_find,
    groups_scipy,
    groups_until_settled,
    groups_pandas,
    groups_by_sets,
]
WRONG = [
    (groups_there_and_back, "meet late"),
    (groups_one_pass, "Two groups that meet late"),
    (groups_copy_first, "Two groups that meet late"),
    (groups_direct_partner, "Copies of copies"),
    (groups_numbered, "their names are not"),
    (groups_largest, "largest document"),
    (groups_as_sets, "These are the groups"),
    (groups_two_passes, "Two groups that meet late"),
    (groups_alone, "Every document is alone"),
    (groups_minus_one, "with its own number"),
    (groups_from_one, "1 too high"),
    (groups_of_pairs_only, "as many numbers"),
    (groups_pair_minimum, "Copies of copies"),
    (groups_direct_union_find, "follow them to the end"),
    (groups_printed, "`print` shows"),
    (groups_append_is_none, "`append` changes"),
    (groups_as_dict, "whose keys are no texts"),
    (groups_one_short, "as many numbers"),
]
