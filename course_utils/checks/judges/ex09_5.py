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
    "`window` summaries name somebody who is not among the speakers. Write down for "
    "the case below which summaries invent, and count in the last `window` of them.",
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


@judge.mistake(
    "The index is one too high: perhaps the window ends one record too early, or "
    "indices are counted from 1."
)
def one_too_high(*case):
    index = right(*case)
    return None if index is None else index + 1


@judge.mistake("The window ends one record too early: it holds the record itself.")
def window_ends_early(records, window, limit):
    return one_too_high(records[:-1], window, limit)


@judge.mistake(
    "It waits for one record more than a window holds: the first full window ends at "
    "index window - 1."
)
def starts_one_late(records, window, limit):
    return right(records, window, limit, first=window)


@judge.mistake(
    "A name is found as a piece of a longer one, in a joined text: compare whole names."
)
def names_in_a_text(records, window, limit):
    flags = [any(n not in " ".join(r["speakers"]) for n in r["named"]) for r in records]
    ends = range(window - 1, len(flags))
    full = (i for i in ends if sum(flags[i - window + 1 : i + 1]) / window > limit)
    return next(full, None)


@judge.mistake("The index is one too low.")
def one_too_low(*case):
    index = right(*case)
    return None if index is None else index - 1


@judge.mistake(
    "It rings while the window is not full yet, although it divides by `window`: wait "
    "for `window` records."
)
def early_by_window(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    for index in range(len(flags)):
        if sum(flags[max(0, index - window + 1) : index + 1]) / window > limit:
            return index
    return None


@judge.mistake("The window has one record too many: the last `window`, with this one.")
def window_too_long(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    for index in range(window - 1, len(flags)):
        if sum(flags[max(0, index - window) : index + 1]) / window > limit:
            return index
    return None


@judge.mistake("The window has one record too few: the last `window`, with this one.")
def window_too_short(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    for index in range(window - 1, len(flags)):
        if sum(flags[index - window + 2 : index + 1]) / window > limit:
            return index
    return None


@judge.mistake(
    "limit is a share of 1: compare it with the number of summaries that invent, "
    "divided by window, and not with the number itself or with per cent."
)
def not_divided(records, window, limit):
    return right(records, window, limit / window)


@judge.mistake("This is the last alarm: return the first.")
def last_alarm(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    shares = [
        sum(flags[i - window + 1 : i + 1]) / window
        for i in range(window - 1, len(flags))
    ]
    ringing = [i for i, share in enumerate(shares, window - 1) if share > limit]
    return ringing[-1] if ringing else None


@judge.mistake("These are all alarms: return the index of the first.")
def all_alarms(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    ends = range(window - 1, len(flags))
    return [i for i in ends if sum(flags[i - window + 1 : i + 1]) / window > limit]


@judge.mistake("Return the index at which it rings, not whether it does.")
def whether(*case):
    return right(*case) is not None


@judge.mistake("Return the index of the record, not the record.")
def the_record(records, window, limit):
    index = right(records, window, limit)
    return None if index is None else records[index]


@judge.mistake(
    "A summary invents if it names anybody who is no speaker, not only if all are none."
)
def all_strangers(*case):
    return right(
        *case, bad=lambda speakers, named: bool(named) and not named & speakers
    )


@judge.mistake("A summary that names nobody invents nobody.")
def nobody_is_bad(*case):
    return right(
        *case, bad=lambda speakers, named: not named or invents(speakers, named)
    )


@judge.mistake("It rings when few invent: more than limit is too many.")
def turned_round(*case):
    return right(*case, bad=lambda speakers, named: named <= speakers)


@judge.mistake("If it never rings, return None.")
def length_if_never(records, window, limit):
    index = right(records, window, limit)
    return len(records) if index is None else index


@judge.mistake("If it never rings, return None: 0 is the first record's index.")
def zero_if_never(*case):
    return right(*case) or 0


@judge.mistake("Return None if it never rings: -1 is an index too.")
def minus_one(*case):
    index = right(*case)
    return -1 if index is None else index


@judge.mistake("The last record is never looked at: the window may end with it.")
def without_the_last(records, window, limit):
    return right(records[:-1], window, limit)


@judge.mistake("It rings only if each summary of the window invents: the share counts.")
def all_of_them(records, window, limit):
    return right(records, window, 1 - 1e-9)


@judge.mistake(
    "All summaries so far are counted, and divided by `window`: forget the older ones."
)
def never_forgotten(records, window, limit):
    flags = [invents(set(r["speakers"]), set(r["named"])) for r in records]
    places = range(window - 1, len(flags))
    return next((i for i in places if sum(flags[: i + 1]) / window > limit), None)


@judge.mistake("This is the share of the names: the share of the summaries counts.")
def share_of_names(records, window, limit):
    for index in range(window - 1, len(records)):
        last = records[index - window + 1 : index + 1]
        named = sum(len(r["named"]) for r in last)
        wrong = sum(len(set(r["named"]) - set(r["speakers"])) for r in last)
        if named and wrong / named > limit:
            return index
    return None


@judge.sees("It never rings, though in some cases the share is more than limit.")
def never(got, expected, cases):
    return all(g is None for g in got)


@judge.sees(
    "It rings too early in each case that is wrong. Most often that is before the "
    "window is full, at the limit already, or for summaries that invent nobody; or the "
    "index is that of the window's first record."
)
def early(got, expected, cases):
    pairs = [(g, e) for g, e in zip(got, expected, strict=True) if g != e]
    return all(g is not None and (e is None or g < e) for g, e in pairs)


@judge.sees("It rings too late in each case that is wrong, or not at all.")
def late(got, expected, cases):
    pairs = [(g, e) for g, e in zip(got, expected, strict=True) if g != e]
    return all(e is not None and (g is None or g > e) for g, e in pairs)
