"""Exercise 10, when it goes wrong: the references, and the mistakes that are known."""

import math
from collections.abc import Callable, Iterable
from itertools import permutations
from statistics import mean, median
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]
Grams = set[tuple[str, ...]]


def verify_config(data: Any, inputs: Inputs) -> Verdict:
    """The names of the fields that are wrong, exact."""

    def names(
        case: Case,
        defaults: bool = True,
        vocabulary: Callable[[int, int], bool] = lambda size, length: size < length,
    ) -> list[str]:
        config, known = case["config"], case["defaults"]
        fields = known | config if defaults else config
        length, block_size = case["tokenizer_length"], case["block_size"]
        wrong = {name: name not in known for name in config}
        wrong["vocab_size"] = vocabulary(fields.get("vocab_size", length), length)
        wrong["n_head"] = fields.get("n_embd", 0) % fields.get("n_head", 1) > 0
        wrong["n_positions"] = fields.get("n_positions", block_size) < block_size
        return sorted(name for name in wrong if wrong[name])

    def unknown(case: Case) -> list[str]:
        return [name for name in names(case) if name not in case["defaults"]]

    def unsorted(case: Case) -> list[str]:
        checked = [*case["config"], "vocab_size", "n_head", "n_positions"]
        return list(dict.fromkeys(name for name in checked if name in names(case)))

    mistakes = [
        (
            lambda case: names(case, defaults=False),
            "A field that is not in config has its default, and the default may be "
            "the wrong value here.",
        ),
        (
            lambda case: names(case, vocabulary=lambda size, length: size != length),
            "A larger vocabulary is fine: only one that is smaller than the tokenizer "
            "is a mistake.",
        ),
        (
            lambda case: names(case)[:1],
            "There may be several mistakes: return all of them.",
        ),
        (unknown, "Only unknown keys are found: look at the three values too."),
        (
            lambda case: [n for n in names(case) if n in case["defaults"]],
            "The unknown keys are missing: GPT2Config would swallow them.",
        ),
        (unsorted, "The names are right, but not sorted by the alphabet."),
    ]
    otherwise = (
        "Return the keys of config that are no field, and of vocab_size, n_head and "
        "n_positions those that do not fit, all sorted."
    )
    return judge_cases(2, data, inputs["cases"], names, mistakes, otherwise)


def verify_norms(data: Any, inputs: Inputs) -> Verdict:
    """The first step that explodes, exact."""

    def first(
        case: Case,
        middle: Callable[[list[float]], float] = median,
        begin: Callable[[int, int], int] = lambda step, window: step - window,
        end: int = 0,
        judged_from: int | None = None,
        bad: Callable[[int, float], bool] = lambda _, norm: not math.isfinite(norm),
    ) -> int | None:
        norms, window = case["norms"], case["window"]
        judged_from = window if judged_from is None else judged_from
        for step, norm in enumerate(norms):
            if bad(step, norm):
                return step
            if step < judged_from:
                continue
            before = norms[max(0, begin(step, window)) : step + end]
            if norm > case["factor"] * middle(before):
                return step
        return None

    def in_full_windows(case: Case) -> int | None:
        def bad(step: int, norm: float) -> bool:
            return step >= case["window"] and not math.isfinite(norm)

        return first(case, bad=bad)

    mistakes = [
        (
            lambda case: first(case, bad=lambda *_: False),
            "NaN is missed, because every comparison with NaN is false: ask "
            "math.isfinite first.",
        ),
        (
            in_full_windows,
            "NaN and infinity count in the first `window` steps too.",
        ),
        (
            lambda case: first(case, bad=lambda _, norm: math.isnan(norm)),
            "Infinity in the first steps is missed: it is as bad as NaN.",
        ),
        (
            lambda case: first(case, mean),
            "This is the mean, which a single spike pulls up: take the median.",
        ),
        (
            lambda case: first(case, begin=lambda step, w: step - w + 1, end=1),
            "The window holds the step itself, which makes the limit higher: take the "
            "norms before it.",
        ),
        (
            lambda case: first(case, begin=lambda *_: 0),
            "This is the median since the start: take the last `window` norms.",
        ),
        (
            lambda case: first(case, judged_from=1),
            "There is no full window before the first steps: judge from step `window` "
            "on.",
        ),
        (
            lambda case: first(case, begin=lambda step, _: step - 1, judged_from=1),
            "This compares with the one norm before: take the median of a window.",
        ),
        (
            lambda case: first(case, lambda _: 1.0, judged_from=0),
            "factor is not a norm: multiply it by the median.",
        ),
        (
            lambda case: -1 if first(case) is None else first(case),
            "Return None if no step explodes: -1 is an index too.",
        ),
    ]
    otherwise = (
        "Return the first step that is not finite, or more than factor x the median "
        "of norms[step - window : step]."
    )
    return judge_cases(2, data, inputs["cases"], first, mistakes, otherwise)


def verify_curves(data: Any, inputs: Inputs) -> Verdict:
    """The word for each run, exact."""
    words = ("nan", "diverged", "stuck", "leak", "overfit")

    def word(
        case: Case, order: Iterable[str] = words, **other: Callable[..., bool]
    ) -> str:
        train, held_out = case["train"], case["held_out"]
        guess = math.log(case["vocab_size"])
        conditions = {
            "nan": lambda train, held, _: not all(map(math.isfinite, train + held)),
            "diverged": lambda train, held, _: train[-1] > train[0] + 0.5,
            "stuck": lambda train, held, guess: train[-1] > 0.95 * guess,
            "leak": lambda train, held, _: held[-1] < train[-1] - 0.5,
            "overfit": lambda train, held, _: held[-1] > min(held) + 0.2,
        } | other
        holds = (name for name in order if conditions[name](train, held_out, guess))
        return next(holds, "fine")

    mistakes = [
        (
            lambda case: word(case, nan=lambda *_: False),
            "NaN is not found: it is equal to nothing, not even to itself. Ask "
            "math.isfinite.",
        ),
        (
            lambda case: word(
                case, nan=lambda train, held, _: any(map(math.isnan, train + held))
            ),
            'Infinite losses are "nan" too.',
        ),
        (
            lambda case: word(case, nan=lambda x, *_: not all(map(math.isfinite, x))),
            "NaN counts in the held-out losses too.",
        ),
        (
            lambda case: word(case, diverged=lambda train, *_: train[-1] > train[0]),
            "A loss that trembles has not diverged: it has to end more than 0.5 above "
            "the first.",
        ),
        (
            lambda case: word(
                case, stuck=lambda train, _, g: train[-1] > 0.95 * g / math.log(2)
            ),
            "Losses are in nats: guessing costs the natural logarithm of vocab_size.",
        ),
        (
            lambda case: word(case, leak=lambda train, held, _: held[-1] < train[-1]),
            "A held-out loss a little below the training loss is no leak: more than "
            "0.5 is.",
        ),
        (
            lambda case: word(
                case, overfit=lambda train, held, _: held[-1] > train[-1] + 0.2
            ),
            "A gap between training and held-out loss is normal: compare the last "
            "held-out loss with its lowest.",
        ),
        (
            lambda case: word(case, overfit=lambda _, held, __: held[-1] > held[-2]),
            "One small rise is noise: the loss has to be more than 0.2 above its "
            "lowest point.",
        ),
        *(
            (
                lambda case, order=order: word(case, order),
                "Several conditions may hold: go by the order of the table.",
            )
            for order in permutations(words)
        ),
    ]
    otherwise = "Go down the table, and return the first word whose condition is met."
    return judge_cases(3, data, inputs["cases"], word, mistakes, otherwise)


def verify_leak(data: Any, inputs: Inputs) -> Verdict:
    """The share of leaked test texts."""

    def lowered(text: str) -> list[str]:
        return text.lower().split()

    def whole(words: list[str], n: int, less: int = 0) -> Grams:
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1 - less)}

    def found(
        case: Case,
        split: Callable[[str], list[str]] = lowered,
        grams: Callable[[list[str], int], Grams] = whole,
        join: bool = False,
    ) -> list[bool]:
        train, n = case["train_texts"], case["n"]
        train = [" ".join(train)] if join else train
        known = set().union(*(grams(split(text), n) for text in train))
        return [bool(grams(split(text), n) & known) for text in case["test_texts"]]

    def share(case: Case, **how: Any) -> float:
        return float(np.mean(found(case, **how)))

    def of_words(case: Case) -> float:
        train = [set(lowered(text)) for text in case["train_texts"]]
        tests = [set(lowered(text)) for text in case["test_texts"]]
        return np.mean([max(len(t & k) for k in train) >= case["n"] for t in tests])

    def of_grams(case: Case) -> float:
        known = set().union(
            *(whole(lowered(t), case["n"]) for t in case["train_texts"])
        )
        test = [g for t in case["test_texts"] for g in whole(lowered(t), case["n"])]
        return np.mean([gram in known for gram in test])

    def of_training(case: Case) -> float:
        train, test = case["train_texts"], case["test_texts"]
        return share(case | {"train_texts": test, "test_texts": train})

    mistakes = [
        (lambda case: share(case, split=str.split), "Lowercase the texts first."),
        (
            lambda case: share(case, join=True),
            "The training texts are put one after the other, and n-grams found across "
            "their borders: take each text alone.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: whole(words, n, less=1)),
            "The last n words of each text are missed: there are len(words) - n + 1 "
            "n-grams.",
        ),
        (
            lambda case: share(case, grams=lambda x, n: whole(x, n) or {tuple(x)}),
            "A text with fewer than n words is never leaked: shorter pieces count "
            "here.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: whole(words, n - 1)),
            "Already n - 1 words in a row count here.",
        ),
        (
            lambda case: share(case, grams=lambda words, n: {tuple(words)}),
            "Only whole texts are compared: look for n words in a row.",
        ),
        (
            of_words,
            "The words are compared without their order: they have to stand in a row.",
        ),
        (of_grams, "This is the share of n-grams: return that of the test texts."),
        (of_training, "This is the share of training texts that occur in the test."),
        (
            lambda case: sum(found(case)),
            "This is their number: divide by the number of test texts.",
        ),
        (lambda case: 100 * share(case), "The share goes from 0 to 1."),
    ]
    otherwise = (
        "Split each text into words. A test text is leaked if one of its n-grams is "
        "also an n-gram of a training text. Return leaked / all test texts."
    )
    return judge_cases(2, data, inputs["cases"], share, mistakes, otherwise)


def verify_attention(data: Any, inputs: Inputs) -> Verdict:
    """Causal attention with grouped queries."""
    if broken := [x for x in data if isinstance(x, np.ndarray) and np.isnan(x).any()]:
        return wrong(
            "There is NaN in the output: a position that may see nothing has no "
            "softmax. Each position sees itself, so mask above the diagonal only.",
            got=broken[0],
        )

    def spread(heads: np.ndarray, n: int) -> np.ndarray:
        return np.repeat(heads, n // heads.shape[1], axis=1)

    def tiled(heads: np.ndarray, n: int) -> np.ndarray:
        return np.tile(heads, (1, n // heads.shape[1], 1, 1))

    def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
        powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def masked(scores: np.ndarray) -> np.ndarray:
        return np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.inf)

    def attention(
        case: Case,
        share: Callable[[np.ndarray, int], np.ndarray] = spread,
        scale: Callable[[int], float] = math.sqrt,
        weights: Callable[[np.ndarray], np.ndarray] = lambda x: softmax(masked(x)),
        values: str = "v",
    ) -> np.ndarray:
        q = case["q"].astype(float)
        n = q.shape[1]
        k, v = share(case["k"], n), share(case[values], n)
        return weights(q @ k.swapaxes(-2, -1) / scale(q.shape[-1])) @ v

    def with_weights(
        weights: Callable[[np.ndarray], np.ndarray],
    ) -> Callable[[Case], np.ndarray]:
        return lambda case: attention(case, weights=weights)

    mistakes = [
        (
            lambda case: attention(case, tiled),
            "The heads are repeated as 0, 1, 0, 1: neighbouring query heads share one, "
            "so the order is 0, 0, 1, 1 (repeat_interleave).",
        ),
        (
            with_weights(softmax),
            "Each position sees the positions after it: mask them.",
        ),
        (
            lambda case: attention(case, scale=lambda dim: 1.0),
            "The scores are not divided by the root of head_dim.",
        ),
        (
            lambda case: attention(case, scale=lambda dim: dim),
            "The scores are divided by the root of head_dim, not by head_dim.",
        ),
        (
            with_weights(lambda scores: softmax(masked(scores), axis=-2)),
            "The softmax goes over the other dimension: each query's weights over the "
            "keys, the last dimension, add up to 1.",
        ),
        (
            with_weights(lambda scores: np.tril(softmax(scores))),
            "The future is masked after the softmax, so the weights no longer add up "
            "to 1: put -infinity into the scores before it.",
        ),
        (
            with_weights(lambda scores: softmax(np.tril(scores))),
            "A masked score of 0 still gets a weight, exp(0): put -infinity there.",
        ),
        (with_weights(np.tril), "The softmax is missing."),
        (
            lambda case: attention(case, values="k"),
            "These are weighted sums of the keys: take the values.",
        ),
    ]
    otherwise = (
        "Compare with F.scaled_dot_product_attention(q, k, v, is_causal=True, "
        "enable_gqa=True), step by step: heads, scores, mask, softmax, values."
    )
    return judge_cases(3, data, inputs["cases"], attention, mistakes, otherwise)


VERIFY = {
    "ex10_1": verify_config,
    "ex10_2": verify_norms,
    "ex10_3": verify_curves,
    "ex10_4": verify_leak,
    "ex10_5": verify_attention,
}
