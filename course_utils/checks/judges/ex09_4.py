"""Judge of 9.4, batches of like length."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_4 import QUESTION


def by_length(lengths):
    return sorted(range(len(lengths)), key=lambda i: lengths[i])


def longest_first(lengths):
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])


def padded(row):
    return len(row) * max(row)


def right(lengths, max_tokens, order=by_length, cost=padded):
    batches = [[]]
    for i in order(lengths):
        after = [lengths[j] for j in [*batches[-1], i]]
        if batches[-1] and cost(after) > max_tokens:
            batches.append([])
        batches[-1].append(i)
    return batches


ROWS = (
    "The new request is not counted among the rows, or asked for too late: it makes "
    "rows + 1, and goes in only if that fits."
)
judge = Judge(
    QUESTION,
    right,
    "By length, put each index into the last batch if (rows + 1) x its length is at "
    "most max_tokens, and else into a new one. Look where your first batch ends, and "
    "what the request that did not fit becomes.",
)


@judge.mistake(
    "The lengths are added up, but padding costs too: a batch has rows x longest row "
    "tokens."
)
def summed(*case):
    return right(*case, cost=sum)


@judge.mistake("The requests are in the order of arrival: take them by length.")
def in_order(*case):
    return right(*case, order=lambda lengths: range(len(lengths)))


@judge.mistake("Here the longest come first: begin with the shortest.")
def from_the_longest(*case):
    return right(*case, order=longest_first)


@judge.mistake("Equal requests are exchanged: the one that came first goes first.")
def ties_exchanged(*case):
    return right(*case, order=lambda lengths: longest_first(lengths)[::-1])


@judge.mistake(
    "These are lengths. Return indices, or nobody knows whose answer is whose."
)
def of_lengths(lengths, max_tokens):
    return [[lengths[i] for i in batch] for batch in right(lengths, max_tokens)]


@judge.mistake(
    "These are indices into the sorted list: return those of the order of arrival."
)
def sorted_places(lengths, max_tokens):
    return right(sorted(lengths), max_tokens)


@judge.mistake("The last batch is lost: return it too.")
def last_lost(*case):
    return right(*case)[:-1]


@judge.mistake(
    "The limit is asked for before the new request counts: ask how large the batch is "
    "after the request is in."
)
def asked_before(*case):
    return right(*case, cost=lambda row: (len(row) - 1) * row[-2] + 1)


@judge.mistake(
    "The longest row is taken from before: by length, the new one is the longest of "
    "its batch."
)
def longest_before(*case):
    return right(*case, cost=lambda row: len(row) * row[-2])


@judge.mistake("A batch may have exactly max_tokens tokens.")
def never_full(*case):
    return right(*case, cost=lambda row: padded(row) + 1)


@judge.mistake("The request that did not fit is lost: it begins the new batch.")
def lost_at_the_border(lengths, max_tokens):
    batches = [[]]
    for i in by_length(lengths):
        if (len(batches[-1]) + 1) * lengths[i] > max_tokens:
            batches.append([])
        else:
            batches[-1].append(i)
    return batches


@judge.mistake(
    "The request that did not fit stands in the full batch too: it begins a new one."
)
def doubled_at_the_border(lengths, max_tokens):
    batches = [[]]
    for i in by_length(lengths):
        batches[-1].append(i)
        if padded([lengths[j] for j in batches[-1]]) > max_tokens:
            batches.append([i])
    return batches


@judge.mistake(ROWS)
def closed_too_late(lengths, max_tokens):
    batches = [[]]
    for i in by_length(lengths):
        if batches[-1] and padded([lengths[j] for j in batches[-1]]) > max_tokens:
            batches.append([])
        batches[-1].append(i)
    return batches


@judge.mistake("There is an empty batch at the beginning.")
def empty_first(*case):
    return [[], *right(*case)]


@judge.mistake("There is an empty batch at the end.")
def empty_last(*case):
    return [*right(*case), []]


@judge.mistake("The indices count from 1: the first request has the index 0.")
def from_1(*case):
    return [[i + 1 for i in batch] for batch in right(*case)]


@judge.mistake("This is one list of indices: return a list for each batch.")
def flat(*case):
    return [i for batch in right(*case) for i in batch]


@judge.mistake("These are the sizes of the batches: return the indices in each.")
def sizes(*case):
    return [len(batch) for batch in right(*case)]


@judge.mistake("Each request is alone: put in as many as max_tokens allows.")
def all_alone(lengths, max_tokens):
    return [[i] for i in by_length(lengths)]


@judge.mistake("All requests are in one batch: it costs more than max_tokens.")
def all_together(lengths, max_tokens):
    return [by_length(lengths)]


@judge.mistake("Pairs of index and length: return the indices alone.")
def pairs(lengths, max_tokens):
    return [[[i, lengths[i]] for i in batch] for batch in right(lengths, max_tokens)]


@judge.mistake("The rows are counted once too often: the new request makes rows + 1.")
def one_row_too_many(*case):
    return right(*case, cost=lambda row: (len(row) + 1) * max(row))


@judge.mistake(ROWS)
def one_row_too_few(*case):
    return right(*case, cost=lambda row: (len(row) - 1) * max(row))


@judge.mistake(
    "The indices in each batch are sorted by number: the shortest comes first."
)
def sorted_in_each(*case):
    return [sorted(batch) for batch in right(*case)]


@judge.mistake(
    "The batches are right, and in the wrong order: the shortest come first."
)
def batches_reversed(*case):
    return right(*case)[::-1]


@judge.mistake("The last batch is not followed by another: only it is returned.")
def last_only(*case):
    return right(*case)[-1:]


@judge.sees("A request stands in no batch, or in two: each index comes once.")
def not_each_once(got, expected, cases):
    pairs = zip(got, cases, strict=True)
    return any(
        sorted(i for batch in batches for i in batch) != [*range(len(case["lengths"]))]
        for batches, case in pairs
    )


@judge.sees("A batch costs more than max_tokens: its rows x its longest row.")
def too_dear(got, expected, cases):
    return any(
        padded([case["lengths"][i] for i in batch]) > case["max_tokens"]
        for batches, case in zip(got, cases, strict=True)
        for batch in batches
    )


@judge.sees("There are more batches than are needed: put in as many as fit.")
def too_many(got, expected, cases):
    return all(len(g) >= len(e) for g, e in zip(got, expected, strict=True)) and any(
        len(g) > len(e) for g, e in zip(got, expected, strict=True)
    )
