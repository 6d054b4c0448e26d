"""Judge of 9.5, an alarm after the release."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_5 import QUESTION


def invents(speakers, named):
    return not named <= speakers


def right(records, window, limit, bad=invents, first=None, begin=None, every=1):
    flags = [bad(set(r["speakers"]), set(r["named"])) for r in records]
    for index in range(window - 1 if first is None else first, len(flags), every):
        start = max(0, index - window + 1) if begin is None else begin
        last = flags[start : index + 1]
        if sum(last) / len(last) > limit:
            return index
    return None


judge = Judge(
    QUESTION,
    right,
    "Return the first index, from window - 1 on, at which more than limit of the last "
    "`window` summaries name somebody who is not among the speakers.",
)


@judge.mistake("It rings while the window is not full yet: wait for `window` records.")
def too_early(*case):
    return right(*case, first=0)


@judge.mistake(
    "This is the share since the release: look at the last `window` records."
)
def since_the_release(*case):
    return right(*case, begin=0)


@judge.mistake("It rings at the limit already: the share has to be more than limit.")
def at_the_limit(records, window, limit):
    return right(records, window, limit - 1e-9)


@judge.mistake("A summary that invents several names counts once.")
def names_counted(*case):
    return right(*case, bad=lambda speakers, named: len(named - speakers))


@judge.mistake(
    "These are the summaries that leave speakers out: look for names that are not "
    "among the speakers."
)
def speakers_left_out(*case):
    return right(*case, bad=lambda speakers, named: not speakers <= named)


@judge.mistake("A summary need not name all speakers: only other names count.")
def unequal_names(*case):
    return right(*case, bad=lambda speakers, named: speakers != named)


@judge.mistake("The windows stand side by side: the window moves on with every record.")
def separate_windows(records, window, limit):
    return right(records, window, limit, every=window)


@judge.mistake("This is where the window begins: return the index of its last record.")
def start_of_the_window(records, window, limit):
    index = right(records, window, limit)
    return None if index is None else index - window + 1


@judge.mistake("The index is one too high.")
def one_too_high(*case):
    index = right(*case)
    return None if index is None else index + 1


@judge.mistake("Return None if it never rings: -1 is an index too.")
def minus_one(*case):
    index = right(*case)
    return -1 if index is None else index
