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


judge = Judge(
    QUESTION,
    right,
    "By length, put each index into the last batch if (rows + 1) x its length is at "
    "most max_tokens, and else into a new one.",
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
