"""Right and wrong answers to Exercise 2.4, as students write them."""

import numpy as np


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


RIGHT = [groups_by_search, groups_union_find]
WRONG = [
    (groups_one_pass, "Two groups that meet late"),
    (groups_copy_first, "Two groups that meet late"),
    (groups_direct_partner, "Copies of copies"),
    (groups_numbered, "their names are not"),
    (groups_largest, "smallest document number"),
    (groups_as_sets, "Return one number a document"),
]
