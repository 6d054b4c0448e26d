"""Judge of 10.2, the first step that explodes."""

import math
from statistics import mean, median, median_high, median_low

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex10_2 import QUESTION


def not_finite(step, norm):
    return not math.isfinite(norm)


def right(
    norms,
    window,
    factor,
    middle=median,
    before=lambda norms, step, window: norms[max(0, step - window) : step],
    judged_from=0,
    bad=not_finite,
    above=lambda norm, middle, factor: norm > factor * middle,
):
    for step, norm in enumerate(norms):
        if bad(step, norm):
            return step
        if step < window + judged_from:
            continue
        last = before(norms, step, window)
        if last and above(norm, middle(last), factor):
            return step
    return None


judge = Judge(
    QUESTION,
    right,
    "Return the first step that is not finite, or more than factor x the median of "
    "norms[step - window : step]. Work out that median and limit for the expected step "
    "of the case below, and for yours.",
)


@judge.mistake(
    "`norms.index` finds the first norm that is equal, which may stand earlier: return "
    "the step that you are at."
)
def first_equal(norms, window, factor):
    step = right(norms, window, factor)
    return step if step is None else norms.index(norms[step])


judge.variant(
    "nan_missed",
    "NaN is missed, because every comparison with NaN is false: ask math.isfinite "
    "first.",
    bad=lambda *_: False,
)


@judge.mistake("NaN and infinity count in the first `window` steps too.")
def in_full_windows(norms, window, factor):
    return right(
        norms, window, factor, bad=lambda i, x: i >= window and not_finite(i, x)
    )


judge.variant(
    "nan_only",
    "Infinity in the first steps is missed: it is as bad as NaN.",
    bad=lambda _, norm: math.isnan(norm),
)
judge.variant(
    "infinity_only",
    "NaN is missed, and infinity is found: ask math.isfinite.",
    bad=lambda _, norm: math.isinf(norm),
)
MEAN = "This is the mean, which a single spike pulls up: take the median."
judge.variant("by_mean", MEAN, middle=mean)
BETWEEN = (
    "With an even window, the median is the mean of the two in the middle: take "
    "statistics.median."
)
judge.variant("upper", BETWEEN, middle=median_high)
judge.variant("lower", BETWEEN, middle=median_low)
judge.variant(
    "unsorted",
    "This takes the norm in the middle of the window without sorting: take the median.",
    middle=lambda last: last[len(last) // 2],
)
judge.variant(
    "highest", "This is the highest norm of the window: take the median.", middle=max
)
judge.variant(
    "lowest", "This is the lowest norm of the window: take the median.", middle=min
)
judge.variant(
    "at_the_limit",
    "A norm of exactly factor x median is not more: compare by >.",
    above=lambda norm, middle, factor: norm >= factor * middle,
)
judge.variant(
    "added",
    "factor times the median is the limit, not factor and the median added.",
    above=lambda norm, middle, factor: norm > factor + middle,
)
judge.variant(
    "with_itself",
    "The window holds the step itself, which makes the limit higher: take the norms "
    "before it.",
    before=lambda norms, step, window: norms[step - window + 1 : step + 1],
)
judge.variant(
    "with_one_more",
    "The window holds the step itself, and one norm too many: take the `window` "
    "before it.",
    before=lambda norms, step, window: norms[step - window : step + 1],
)
judge.variant(
    "one_less",
    "The window has one norm too few: norms[step - window : step].",
    before=lambda norms, step, window: norms[step - window + 1 : step],
)
judge.variant(
    "one_more",
    "The window has one norm too many: norms[step - window : step].",
    before=lambda norms, step, window: norms[max(0, step - window - 1) : step],
)
judge.variant(
    "since_the_start",
    "This is the median since the start: take the last `window` norms.",
    before=lambda norms, step, window: norms[:step],
)
judge.variant(
    "first_window",
    "This is the median of the first window: the window moves with the step.",
    before=lambda norms, step, window: norms[:window],
)
judge.variant(
    "after",
    "The window lies after the step: take the norms before it.",
    before=lambda norms, step, window: norms[step + 1 : step + 1 + window],
)
judge.variant(
    "judged_late",
    "Step `window` has a full window before it: judge from there on.",
    judged_from=1,
)
judge.variant(
    "judged_early",
    "Step window - 1 has no full window before it: judge from step `window` on.",
    judged_from=-1,
)


@judge.mistake(
    "There is no full window before the first steps: judge from step `window` on."
)
def too_early(norms, window, factor):
    return right(norms, window, factor, judged_from=-window)


@judge.mistake("This compares with the one norm before: take the median of a window.")
def previous(norms, window, factor):
    return right(norms, 1, factor)


@judge.mistake("factor is not a norm: multiply it by the median.")
def absolute(norms, window, factor):
    return right(
        norms, 0, factor, before=lambda *_: [1], above=lambda x, _, limit: x > limit
    )


@judge.mistake("window and factor have changed places.")
def exchanged(norms, window, factor):
    return right(norms, int(factor), window)


@judge.mistake("The limit is the mean and `factor` deviations: take factor x median.")
def deviations(norms, window, factor):
    from statistics import pstdev

    def above(norm, last, factor):
        return norm > mean(last) + factor * pstdev(last)

    return right(norms, window, factor, middle=list, above=above)


def steps(norms, window, factor):
    """Return every step that explodes."""
    found = []
    for step, norm in enumerate(norms):
        last = norms[max(0, step - window) : step]
        full = step >= window and all(map(math.isfinite, last))
        if not math.isfinite(norm) or (full and norm > factor * median(last)):
            found.append(step)
    return found


@judge.mistake("These are all steps that explode: return the first.")
def all_steps(*case):
    return steps(*case)


@judge.mistake(
    "NaN and infinity are looked for in all steps first, and a step above the limit "
    "may come before them: ask both of each step in one loop."
)
def not_finite_first(norms, window, factor):
    bad = [i for i, norm in enumerate(norms) if not_finite(i, norm)]
    return bad[0] if bad else right(norms, window, factor)


@judge.mistake("The last step is never looked at.")
def without_the_last(norms, window, factor):
    return right(norms[:-1], window, factor)


@judge.mistake(
    "This is the first step that has the same norm: take the step itself, by enumerate."
)
def by_index(norms, window, factor):
    for norm in norms:
        place = norms.index(norm)
        if not math.isfinite(norm):
            return place
        if place >= window and norm > factor * median(norms[place - window : place]):
            return place
    return None


@judge.mistake("This is the last step that explodes: return the first.")
def last_step(*case):
    return steps(*case)[-1] if steps(*case) else None


@judge.mistake("Return the step, not how many explode.")
def counted(*case):
    return len(steps(*case))


@judge.mistake("Return the step, not whether there is one.")
def whether(*case):
    return right(*case) is not None


@judge.mistake("Return None if no step explodes: -1 is an index too.")
def minus_one(*case):
    step = right(*case)
    return -1 if step is None else step


@judge.mistake("Return None if no step explodes: 0 is the first step.")
def zero(*case):
    return right(*case) or 0


@judge.mistake("Return None if no step explodes.")
def length(norms, window, factor):
    step = right(norms, window, factor)
    return len(norms) if step is None else step


@judge.mistake("Steps count from 0: this is one too high.")
def from_1(*case):
    step = right(*case)
    return None if step is None else step + 1


@judge.mistake("This is one step too early.")
def one_early(*case):
    step = right(*case)
    return None if step is None else step - 1


@judge.mistake("The steps are counted from the end of the first window: add `window`.")
def from_the_window(norms, window, factor):
    step = right(norms, window, factor)
    return None if step is None else step - window


@judge.mistake(
    "Behind the first window the steps are counted from its end: add `window`."
)
def later_steps_from_the_window(norms, window, factor):
    step = right(norms, window, factor)
    return step if step is None or step < window else step - window


@judge.sees("These are norms: return the step.")
def norms_instead(got, expected, cases):
    return any(step is not None for step in got) and all(
        norm is None if step is None else str(norm) == str(case["norms"][step])
        for norm, step, case in zip(got, expected, cases, strict=True)
    )


@judge.sees("No step is ever found.")
def never(got, expected, cases):
    return all(step is None for step in got)


@judge.sees(
    "Steps that are not finite are found; those above the limit are not all right: the "
    "median is of the `window` norms before the step, and the limit is factor times "
    "that."
)
def only_the_limit_wrong(got, expected, cases):
    def bad(case):
        return any(not math.isfinite(norm) for norm in case["norms"])

    return all(g == e for g, e, c in zip(got, expected, cases, strict=True) if bad(c))


@judge.sees(
    "Steps above the limit are found; NaN or infinity is missed, or found too late."
)
def only_nan_wrong(got, expected, cases):
    def finite(case):
        return all(map(math.isfinite, case["norms"]))

    return all(
        g == e for g, e, c in zip(got, expected, cases, strict=True) if finite(c)
    )
