"""Judge of 10.3, a diagnosis from the curves."""

import math
from collections.abc import Callable

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex10_3 import QUESTION

WORDS = ("nan", "diverged", "stuck", "leak", "overfit")
# Each is asked of train, held_out and the loss of guessing.
CONDITIONS: dict[str, Callable[..., bool]] = {
    "nan": lambda train, held, _: not all(map(math.isfinite, train + held)),
    "diverged": lambda train, held, _: train[-1] > train[0] + 0.5,
    "stuck": lambda train, held, guess: train[-1] > 0.95 * guess,
    "leak": lambda train, held, _: held[-1] < train[-1] - 0.5,
    "overfit": lambda train, held, _: held[-1] > min(held) + 0.2,
}


def right(train, held_out, vocab_size, order=WORDS, **other):
    conditions, guess = CONDITIONS | other, math.log(vocab_size)
    holds = (name for name in order if conditions[name](train, held_out, guess))
    return next(holds, "fine")


judge = Judge(
    QUESTION,
    right,
    "Go down the table, and return the first word whose condition is met. Put the last "
    "training loss, the last held-out loss and its lowest of the case below into each "
    "condition.",
)


def answer(name, hint, order=WORDS, **other):
    """Add the mistake of an answer that has another condition, or another order."""
    judge.variant(name, hint, order=order, **other)


NAN = "NaN is not found: it is equal to nothing, not even to itself. Ask math.isfinite."
answer("nan_missed", NAN, nan=lambda *_: False)
answer(
    "nan_only",
    'Infinite losses are "nan" too.',
    nan=lambda train, held, _: any(map(math.isnan, train + held)),
)
answer("nan_by_equality", NAN, nan=lambda train, held, _: math.inf in train + held)
answer(
    "minus_infinity_missed",
    'Minus infinity is "nan" too: ask math.isfinite.',
    nan=lambda train, held, _: any(x != x or x == math.inf for x in train + held),
)
answer(
    "inf_only",
    "Infinity is found, NaN is not: ask math.isfinite.",
    nan=lambda train, held, _: any(map(math.isinf, train + held)),
)
answer(
    "nan_in_training",
    "NaN counts in the held-out losses too.",
    nan=lambda train, *_: not all(map(math.isfinite, train)),
)
answer(
    "nan_in_held_out",
    "NaN and infinity count in the training losses too.",
    nan=lambda _, held, __: not all(map(math.isfinite, held)),
)
answer(
    "nan_at_the_end",
    "A loss that is NaN or infinite counts anywhere, not only at the end.",
    nan=lambda t, h, _: not (math.isfinite(t[-1]) and math.isfinite(h[-1])),
)
answer(
    "any_rise",
    "A loss that trembles has not diverged: it has to end more than 0.5 above the "
    "first.",
    diverged=lambda train, *_: train[-1] > train[0],
)
answer(
    "above_the_lowest",
    "Diverged is measured from the first training loss, not from the lowest.",
    diverged=lambda train, *_: train[-1] > min(train) + 0.5,
)
answer(
    "above_the_last_but_one",
    "Diverged is measured from the first training loss, not from the one before.",
    diverged=lambda train, *_: train[-1] > train[-2] + 0.5,
)
answer(
    "highest_above_the_first",
    "Diverged is about the last training loss, not about the highest.",
    diverged=lambda train, *_: max(train) > train[0] + 0.5,
)
answer(
    "held_out_diverged",
    "Diverged is about the training loss, not the held-out one.",
    diverged=lambda _, held, __: held[-1] > held[0] + 0.5,
)
answer(
    "half_as_much_again",
    "More than 0.5 above means 0.5 nats, not half as much again.",
    diverged=lambda train, *_: train[-1] > 1.5 * train[0],
)
answer(
    "from_05_diverged",
    "Exactly 0.5 above the first is not more than 0.5.",
    diverged=lambda train, *_: train[-1] >= train[0] + 0.5,
)
answer("never_diverged", '"diverged" is never returned.', diverged=lambda *_: False)
NEVER_STUCK = (
    '"stuck" is never returned: its limit is 95 per cent of the natural logarithm of '
    "vocab_size, math.log."
)
answer(
    "log2",
    NEVER_STUCK,
    stuck=lambda train, _, g: train[-1] > 0.95 * g / math.log(2),
)
answer(
    "log10",
    "Losses are in nats: guessing costs the natural logarithm of vocab_size.",
    stuck=lambda train, _, g: train[-1] > 0.95 * g / math.log(10),
)
answer(
    "of_the_first_loss",
    "Stuck is measured by guessing, ln(vocab_size), not by the first loss.",
    stuck=lambda train, *_: train[-1] > 0.95 * train[0],
)
answer(
    "above_guessing",
    "Stuck begins at 95 per cent of guessing, not at guessing itself.",
    stuck=lambda train, _, guess: train[-1] > guess,
)
answer(
    "first_stuck",
    "Stuck is about the last training loss, not about the first.",
    stuck=lambda train, _, guess: train[0] > 0.95 * guess,
)
answer(
    "lowest_stuck",
    "Stuck is about the last training loss, not about the lowest.",
    stuck=lambda train, _, guess: min(train) > 0.95 * guess,
)
answer(
    "held_out_stuck",
    "Stuck is about the training loss, not the held-out one.",
    stuck=lambda _, held, guess: held[-1] > 0.95 * guess,
)
answer(
    "never_stuck",
    NEVER_STUCK,
    stuck=lambda *_: False,
)
answer(
    "any_lower",
    "A held-out loss a little below the training loss is no leak: more than 0.5 is.",
    leak=lambda train, held, _: held[-1] < train[-1],
)
answer(
    "from_05_leak",
    "Exactly 0.5 below is not more than 0.5.",
    leak=lambda train, held, _: held[-1] <= train[-1] - 0.5,
)
answer(
    "lowest_leak",
    "A leak is about the last held-out loss, not about the lowest.",
    leak=lambda train, held, _: min(held) < train[-1] - 0.5,
)
answer(
    "leak_turned",
    "A leak is the wrong way round: the held-out loss is the lower one.",
    leak=lambda train, held, _: train[-1] < held[-1] - 0.5,
)
answer(
    "leak_anywhere",
    "A leak is about the last losses, not about those on the way.",
    leak=lambda train, held, _: any(
        h < t - 0.5 for t, h in zip(train, held, strict=True)
    ),
)
answer(
    "never_leak",
    '"leak" is never returned: it is a held-out loss more than 0.5 nats below.',
    leak=lambda *_: False,
)
GAP = (
    "A gap between training and held-out loss is normal: compare the last held-out "
    "loss with its lowest."
)
answer("gap", GAP, overfit=lambda train, held, _: held[-1] > train[-1] + 0.2)
answer("any_gap", GAP, overfit=lambda train, held, _: held[-1] > train[-1])
answer(
    "last_rise",
    "One small rise is noise: the loss has to be more than 0.2 above its lowest point.",
    overfit=lambda _, held, __: held[-1] > held[-2],
)
answer(
    "above_the_one_before",
    "Compare the last held-out loss with its lowest, not with the one before.",
    overfit=lambda _, held, __: held[-1] > held[-2] + 0.2,
)
answer(
    "above_the_first_held_out",
    "Compare the last held-out loss with its lowest, not with the first or the mean.",
    overfit=lambda _, held, __: held[-1] > held[0] + 0.2,
)
answer(
    "any_above_the_lowest",
    "The loss has to be more than 0.2 above its lowest point: less is noise.",
    overfit=lambda _, held, __: held[-1] > min(held),
)
answer(
    "training_overfit",
    "Overfitting is seen in the held-out losses, not in the training losses.",
    overfit=lambda train, *_: train[-1] > min(train) + 0.2,
)
answer(
    "highest_overfit",
    "Overfitting is about the last held-out loss, not about the highest.",
    overfit=lambda _, held, __: max(held) > min(held) + 0.2,
)
answer("never_overfit", '"overfit" is never returned.', overfit=lambda *_: False)
ORDER = "Several conditions may hold: go by the order of the table."
for order in (
    ("nan", "stuck", "diverged", "leak", "overfit"),
    ("nan", "leak", "diverged", "stuck", "overfit"),
    ("nan", "overfit", "diverged", "stuck", "leak"),
    ("nan", "diverged", "leak", "stuck", "overfit"),
    ("nan", "diverged", "stuck", "overfit", "leak"),
    ("diverged", "stuck", "leak", "overfit", "nan"),
    WORDS[::-1],
):
    answer("_".join(order), ORDER, order)


@judge.sees(ORDER)
def another_holds(got, expected, cases):
    """Return whether each wrong word's condition is met, if another's before it too."""
    return all(
        CONDITIONS[word](*list(case.values())[:2], math.log(case["vocab_size"]))
        for word, wanted, case in zip(got, expected, cases, strict=True)
        if word != wanted
    )


@judge.sees("A word is returned that is not in the table.")
def other_words(got, expected, cases):
    return not set(got) <= {*WORDS, "fine"}


@judge.sees("Every run gets the same word.")
def one_word(got, expected, cases):
    return len(set(got)) == 1


@judge.sees("Runs that are fine are called something else, and no other word is wrong.")
def only_fine_wrong(got, expected, cases):
    pairs = zip(got, expected, strict=True)
    return all(g == e for g, e in pairs if e != "fine")


for word in (*WORDS, "fine"):

    @judge.sees(f'Not every "{word}" is right; the other words are returned rightly.')
    def one_is_wrong(got, expected, cases, word=word):
        pairs = list(zip(got, expected, strict=True))
        return all(word in pair for pair in pairs if pair[0] != pair[1])
