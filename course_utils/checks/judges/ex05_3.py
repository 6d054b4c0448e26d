"""Judge of 5.3, warm-up and cosine."""

import math

from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same
from course_utils.checks.probes.ex05_3 import QUESTION


def half_cosine(progress):
    return (1 + math.cos(math.pi * progress)) / 2


def right(step, warmup_steps, total_steps, peak, fall=half_cosine):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * fall((step - warmup_steps) / (total_steps - warmup_steps))


def other_warm_up(rate, *case):
    """Answer with another rate, before the peak, in the warm-up."""
    step, warmup_steps, _, peak = case
    return peak * rate(*case) if step < warmup_steps else right(*case)


judge = Judge(
    QUESTION,
    right,
    "Below warmup_steps: peak x step / warmup_steps. From there on: "
    "peak x (1 + cos(pi x progress)) / 2, with progress from 0 to 1.",
    unit="peak",
)


@judge.mistake(
    "The cosine counts from step 0: let it start after the warm-up, with "
    "progress = (step - warmup_steps) / (total_steps - warmup_steps)."
)
def from_step_0(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * half_cosine(step / total_steps)


@judge.mistake("The rate falls in a straight line: use half a cosine.")
def straight(*case):
    return right(*case, fall=lambda progress: 1 - progress)


@judge.mistake("The rate stays at its peak: let it fall to 0 with half a cosine.")
def constant(*case):
    return right(*case, fall=lambda progress: 1)


@judge.mistake("The rate comes up again: half a cosine is cos(pi x progress).")
def whole_cosine(*case):
    return right(*case, fall=lambda progress: half_cosine(2 * progress))


@judge.mistake("The rate does not reach 0: the angle has to go from 0 to pi.")
def quarter_cosine(*case):
    return right(*case, fall=lambda progress: half_cosine(progress / 2))


@judge.mistake(
    "A bare cosine ends at -1, and a negative rate climbs uphill: use (1 + cos) / 2."
)
def bare_cosine(*case):
    return right(*case, fall=lambda progress: math.cos(math.pi * progress))


@judge.mistake("1 + cos starts at 2: halve it.")
def not_halved(*case):
    return right(*case, fall=lambda progress: 2 * half_cosine(progress))


@judge.mistake(
    "The warm-up is missing: below warmup_steps the rate is peak x step / warmup_steps."
)
def no_warm_up(step, warmup_steps, total_steps, peak):
    return right(max(step, warmup_steps), warmup_steps, total_steps, peak)


@judge.mistake("The warm-up starts one step early: at step 0 the rate is 0.")
def one_step_early(step, warmup_steps, *others):
    return right(step + (step < warmup_steps), warmup_steps, *others)


@judge.mistake("This is the factor: multiply it by the peak.")
def without_peak(step, warmup_steps, total_steps, peak):
    return right(step, warmup_steps, total_steps, 1)


@judge.mistake(
    "The warm-up divides by warmup_steps + 1: at warmup_steps it is the peak."
)
def warm_up_plus_1(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / (warmup_steps + 1)
    return right(step, warmup_steps, total_steps, peak)


@judge.mistake("The rate reaches 0 one step early: at total_steps it is 0, not before.")
def one_step_short(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * half_cosine((step - warmup_steps) / (total_steps - warmup_steps - 1))


@judge.mistake(
    "The cosine is measured by total_steps: the steps that follow the warm-up are "
    "total_steps - warmup_steps."
)
def over_all_steps(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * half_cosine((step - warmup_steps) / total_steps)


@judge.mistake(
    "The cosine starts one step late or early: progress is 0 at warmup_steps."
)
def one_step_on(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * half_cosine((step - warmup_steps + 1) / (total_steps - warmup_steps))


@judge.mistake("// cuts the fraction off, so that the warm-up stays at 0: use /.")
def whole_division(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * (step // warmup_steps)
    return right(step, warmup_steps, total_steps, peak)


@judge.mistake("The rate ends at a tenth of the peak: here it falls to exactly 0.")
def down_to_a_tenth(*case):
    return right(*case, fall=lambda progress: 0.1 + 0.9 * half_cosine(progress))


@judge.mistake("cos takes radians: half a turn is pi, not 180.")
def in_degrees(*case):
    return right(*case, fall=lambda progress: (1 + math.cos(180 * progress)) / 2)


@judge.mistake("The rate rises after the warm-up: (1 - cos) goes up, (1 + cos) down.")
def rising(*case):
    return right(*case, fall=lambda progress: 1 - half_cosine(progress))


@judge.mistake(
    "This is a quarter of a cosine, cos(pi / 2 x progress), not half of one."
)
def cosine_of_a_quarter(*case):
    return right(*case, fall=lambda progress: math.cos(math.pi / 2 * progress))


@judge.mistake("The peak is missing in the warm-up: multiply by it.")
def warm_up_without_peak(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return step / warmup_steps
    return right(step, warmup_steps, total_steps, peak)


@judge.mistake("The peak is missing in the fall: multiply by it.")
def fall_without_peak(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return right(step, warmup_steps, total_steps, 1)


@judge.mistake("The warm-up follows a cosine, too: it rises in a straight line.")
def curved_warm_up(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * (1 - half_cosine(step / warmup_steps))
    return right(step, warmup_steps, total_steps, peak)


@judge.mistake(
    "The rate is 0 at every step: it rises to the peak, and falls only then."
)
def always_0(*case):
    return 0.0


@judge.mistake("The warm-up is divided by total_steps: divide by warmup_steps.")
def warm_up_over_all_steps(*case):
    return other_warm_up(lambda step, warmup, total, peak: step / total, *case)


@judge.mistake("// cuts the fraction off, so that the rate stays at its peak: use /.")
def whole_progress(*case):
    return right(*case, fall=lambda progress: half_cosine(math.floor(progress)))


@judge.mistake(
    "1 + cos is not in brackets, so that only the cosine is halved: (1 + cos) / 2."
)
def half_of_the_cosine_only(*case):
    return right(*case, fall=lambda progress: 1 + math.cos(math.pi * progress) / 2)


@judge.mistake(
    "The cosine counts from step 0, and multiplies the warm-up, too: let it start "
    "after the warm-up, with progress = (step - warmup_steps) / (total_steps - "
    "warmup_steps)."
)
def cosine_over_all(step, warmup_steps, total_steps, peak):
    warm_up = min(1, step / warmup_steps) if warmup_steps else 1
    return peak * warm_up * half_cosine(step / total_steps)


@judge.mistake("The rate jumps to 0 after the warm-up: it falls with half a cosine.")
def only_warm_up(*case):
    return right(*case, fall=lambda progress: 0.0)


@judge.sees(
    "None comes back in some cases: after the warm-up, or before it, a `return` is "
    "missing."
)
def none_at_times(got, expected, cases):
    return None in got


@judge.sees("It is rounded: such small rates need all their digits.")
def rounded(got, expected, cases):
    return all(
        any(g == round(e, digits) for digits in range(9))
        for g, e in zip(got, expected, strict=True)
    )


@judge.sees("The warm-up does not start at 0.")
def starts_higher(got, expected, cases):
    return _right_but(
        got, expected, cases, lambda case: case["step"] < case["warmup_steps"]
    ) and any(
        g > 0
        for g, c in zip(got, cases, strict=True)
        if c["step"] == 0 < c["warmup_steps"]
    )


@judge.sees(
    "The fall is right, and the warm-up is not: below warmup_steps the rate is peak x "
    "step / warmup_steps."
)
def other_warm_ups(got, expected, cases):
    return _right_but(
        got, expected, cases, lambda case: case["step"] < case["warmup_steps"]
    )


@judge.sees("The rate is never 0 at the end: at total_steps it is exactly 0.")
def another_end(got, expected, cases):
    return _right_but(
        got, expected, cases, lambda case: case["step"] == case["total_steps"]
    )


@judge.sees(
    "Warm-up and end are right, and the way between is not: (1 + cos(pi x progress)) / "
    "2, with progress = (step - warmup_steps) / (total_steps - warmup_steps)."
)
def another_way_down(got, expected, cases):
    return _right_but(
        got,
        expected,
        cases,
        lambda case: case["warmup_steps"] < case["step"] < case["total_steps"],
    )


@judge.sees(
    "The warm-up is right, and what follows is not: (1 + cos(pi x progress)) / 2 times "
    "the peak, with progress = (step - warmup_steps) / (total_steps - warmup_steps)."
)
def another_fall(got, expected, cases):
    return _right_but(
        got, expected, cases, lambda case: case["step"] >= case["warmup_steps"]
    )


def _right_but(got, expected, cases, may_differ):
    """Return whether all is right but what may differ."""
    return all(
        same(g, e, nothing=1e-6 * case["peak"]) or may_differ(case)
        for g, e, case in zip(got, expected, cases, strict=True)
    )
