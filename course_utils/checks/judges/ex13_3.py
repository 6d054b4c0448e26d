"""Judge of 13.3, curves over tokens."""

from itertools import pairwise

import numpy as np

from course_utils.checks.judges.known import Judge
from course_utils.checks.judges.same import same
from course_utils.checks.probes.ex13_3 import QUESTION


def curve(log_history, tokens_per_step, name="eval_loss"):
    rows = [row for row in log_history if name in row]
    return [row["step"] * tokens_per_step for row in rows], [row[name] for row in rows]


def right(log_history, tokens_per_step, tokens, name="eval_loss", clamp=False):
    x, y = curve(log_history, tokens_per_step, name)
    if not (clamp or x[0] <= tokens <= x[-1]):
        return None
    return float(np.interp(tokens, x, y))


judge = Judge(
    QUESTION,
    right,
    "Take the rows that have an eval_loss, at step x tokens_per_step, and go in a "
    "straight line between the two around `tokens`. Write down these two rows for the "
    "case below, and how far between them `tokens` lies.",
)
OUTSIDE = (
    "Outside the evaluations nothing was measured: return None there. np.interp "
    "repeats the first or last loss."
)
TRAINING = "This is the training loss: take eval_loss."
STEPS = "Steps are compared with tokens: multiply a row's step by tokens_per_step."
TURNED = (
    "tokens is multiplied by tokens_per_step: it is the steps that are, or tokens is "
    "divided."
)


@judge.mistake(OUTSIDE)
def clamped(*case):
    return right(*case, clamp=True)


@judge.mistake("Behind the last evaluation nothing was measured: return None there.")
def clamped_behind(log_history, per_step, tokens):
    x, _ = curve(log_history, per_step)
    return None if tokens < x[0] else right(log_history, per_step, tokens, clamp=True)


@judge.mistake("Before the first evaluation nothing was measured: return None there.")
def clamped_before(log_history, per_step, tokens):
    x, _ = curve(log_history, per_step)
    return None if tokens > x[-1] else right(log_history, per_step, tokens, clamp=True)


@judge.mistake(
    "Outside the evaluations the line is drawn on: nothing was measured there, so "
    "return None."
)
def drawn_on(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    i = int(np.clip(np.searchsorted(x, tokens), 1, len(x) - 1))
    return y[i - 1] + (tokens - x[i - 1]) / (x[i] - x[i - 1]) * (y[i] - y[i - 1])


@judge.mistake("At the last evaluation itself the loss is known.")
def without_the_last(log_history, per_step, tokens):
    x, _ = curve(log_history, per_step)
    return None if tokens == x[-1] else right(log_history, per_step, tokens)


@judge.mistake(TRAINING)
def of_training(*case):
    return right(*case, name="loss")


@judge.mistake(TRAINING)
def of_training_clamped(*case):
    return right(*case, name="loss", clamp=True)


@judge.mistake("The last row's train_loss is a mean of the run: take eval_loss.")
def of_the_whole_run(log_history, per_step, tokens):
    return log_history[-1]["train_loss"]


@judge.mistake(STEPS)
def by_step(log_history, per_step, tokens):
    return right(log_history, 1, tokens)


@judge.mistake(STEPS)
def by_step_clamped(log_history, per_step, tokens):
    return right(log_history, 1, tokens, clamp=True)


@judge.mistake(TURNED)
def multiplied(log_history, per_step, tokens):
    return right(log_history, 1, tokens * per_step)


@judge.mistake(TURNED)
def multiplied_clamped(log_history, per_step, tokens):
    return right(log_history, 1, tokens * per_step, clamp=True)


@judge.mistake("The step is taken for whole steps: go on between two of them.")
def whole_steps(log_history, per_step, tokens):
    return right(log_history, 1, tokens // per_step)


BEFORE = "This is the evaluation before: go between the two in a straight line."
AFTER = "This is the evaluation after: go between the two in a straight line."
NEAREST = "This is the nearest one: go between the two in a straight line."


@judge.mistake(BEFORE)
def before(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    inside = x[0] <= tokens <= x[-1]
    return y[int(np.searchsorted(x, tokens, "right")) - 1] if inside else None


@judge.mistake(BEFORE)
def before_always(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    return y[max(0, int(np.searchsorted(x, tokens, "right")) - 1)]


@judge.mistake(AFTER)
def after(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    inside = x[0] <= tokens <= x[-1]
    return y[int(np.searchsorted(x, tokens))] if inside else None


@judge.mistake(AFTER)
def after_always(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    return y[min(len(y) - 1, int(np.searchsorted(x, tokens)))]


@judge.mistake(NEAREST)
def nearest(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    inside = x[0] <= tokens <= x[-1]
    return y[int(np.argmin(np.abs(np.array(x) - tokens)))] if inside else None


@judge.mistake(NEAREST)
def nearest_always(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    return y[int(np.argmin(np.abs(np.array(x) - tokens)))]


@judge.mistake("This is the middle of the two: say how far between them tokens lies.")
def middle(*case):
    ends = before(*case), after(*case)
    return None if ends[0] is None else sum(ends) / 2


@judge.mistake("The share is turned round: at the first of the two it is 0.")
def share_turned(*case):
    ends = before(*case), after(*case)
    return None if ends[0] is None else sum(ends) - right(*case)


@judge.mistake("The line goes from the first evaluation to the last: take neighbours.")
def first_to_last(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    ends = [x[0], x[-1]], [y[0], y[-1]]
    return float(np.interp(tokens, *ends)) if x[0] <= tokens <= x[-1] else None


@judge.mistake("The line is in logarithms here: a straight line in tokens and loss.")
def in_logs(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    found = np.exp(np.interp(np.log(tokens), np.log(x), np.log(y)))
    return float(found) if x[0] <= tokens <= x[-1] else None


@judge.mistake("The line is in logarithms here: a straight line in tokens and loss.")
def in_logs_of_the_loss(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    found = np.exp(np.interp(tokens, x, np.log(y)))
    return float(found) if x[0] <= tokens <= x[-1] else None


@judge.mistake(
    "Training losses stand among the evaluations: take the rows with eval_loss alone."
)
def of_both(log_history, per_step, tokens):
    points = [
        (row["step"] * per_step, row.get("eval_loss", row.get("loss")))
        for row in log_history
        if "eval_loss" in row or "loss" in row
    ]
    for (start, first), (end, last) in pairwise(points):
        if start <= tokens <= end and start < end:
            return first + (tokens - start) / (end - start) * (last - first)
    return None


@judge.mistake(
    "Training losses are taken, and steps compared with tokens: take eval_loss, at "
    "step x tokens_per_step."
)
def of_training_by_step(log_history, per_step, tokens):
    return right(log_history, 1, tokens, name="loss")


@judge.mistake(
    "The slope is not divided by the distance: the share goes from 0 to 1 between the "
    "two evaluations."
)
def not_divided(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    for i, j in pairwise(range(len(x))):
        if x[i] <= tokens <= x[j]:
            return y[i] + (tokens - x[i]) * (y[j] - y[i])
    return None


@judge.mistake(
    "The share is counted from 0 tokens: count it from the first of the two "
    "evaluations."
)
def share_of_all(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    for i, j in pairwise(range(len(x))):
        if x[i] <= tokens <= x[j]:
            return y[i] + tokens / x[j] * (y[j] - y[i])
    return None


@judge.mistake(
    "The loss may rise: take each evaluation as it is, not the lowest so far."
)
def lowest_so_far(log_history, per_step, tokens):
    x, y = curve(log_history, per_step)
    lowest = np.minimum.accumulate(y)
    return float(np.interp(tokens, x, lowest)) if x[0] <= tokens <= x[-1] else None


@judge.mistake("Where nothing was measured, return None: 0 is a loss.")
def zero_outside(*case):
    found = right(*case)
    return 0.0 if found is None else found


@judge.mistake("Return the loss alone, not a pair of tokens and loss.")
def pair(log_history, per_step, tokens):
    found = right(log_history, per_step, tokens)
    return None if found is None else [tokens, found]


@judge.sees(
    "It is None in each case. Either no two rows are found around `tokens`, because "
    "steps and tokens are mixed up, or the loop returns before it has looked at all "
    "of them."
)
def always_none(got, expected, cases):
    return all(g is None for g in got)


@judge.sees("The losses inside are right. Outside the evaluations the answer is None.")
def inside_right(got, expected, cases):
    pairs = zip(got, expected, strict=True)
    return all(same(g, e) for g, e in pairs if e is not None)


@judge.sees("None stands in the right places; the losses between are not right.")
def none_right(got, expected, cases):
    return all((g is None) == (e is None) for g, e in zip(got, expected, strict=True))


@judge.sees("None is returned at places that lie on an evaluation, or between two.")
def too_often_none(got, expected, cases):
    return any(g is None and e is not None for g, e in zip(got, expected, strict=True))
