"""Judge of 10.5, attention with grouped queries."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong

TILED = (
    "The heads are repeated as 0, 1, 0, 1: neighbouring query heads share one, so the "
    "order is 0, 0, 1, 1 (repeat_interleave)."
)
NO_MASK = "Each position sees the positions after it: mask them."
SCALES: list[tuple[Callable[[int], float], str]] = [
    (math.sqrt, ""),
    (lambda dim: 1.0, "The scores are not divided by the root of head_dim."),
    (float, "The scores are divided by the root of head_dim, not by head_dim."),
]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Causal attention with grouped queries."""
    if broken := [x for x in data if isinstance(x, np.ndarray) and np.isnan(x).any()]:
        return wrong(
            "There is NaN in the output. Mostly a row of scores is -infinity "
            "everywhere: each position sees itself, so mask above the diagonal only. "
            "Or 0 x infinity or 0 / 0 is computed.",
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

    def usual(scores: np.ndarray) -> np.ndarray:
        return softmax(masked(scores))

    def attention(
        case: Case,
        share: Callable[[np.ndarray, int], np.ndarray] = spread,
        scale: Callable[[int], float] = math.sqrt,
        weights: Callable[[np.ndarray], np.ndarray] = usual,
        values: str = "v",
        values_share: Callable[[np.ndarray, int], np.ndarray] | None = None,
    ) -> np.ndarray:
        q = case["q"].astype(float)
        n = q.shape[1]
        k, v = share(case["k"], n), (values_share or share)(case[values], n)
        return weights(q @ k.swapaxes(-2, -1) / scale(q.shape[-1])) @ v

    def with_weights(
        weights: Callable[[np.ndarray], np.ndarray],
    ) -> Callable[[Case], np.ndarray]:
        return lambda case: attention(case, weights=weights)

    mistakes = [
        (
            lambda case: attention(case, tiled),
            TILED,
        ),
        (
            with_weights(softmax),
            NO_MASK,
        ),
        *(
            (lambda case, scale=scale: attention(case, scale=scale), hint)
            for scale, hint in SCALES[1:]
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
        (with_weights(lambda x: x), "The softmax and the mask are missing."),
        (
            with_weights(
                lambda x: softmax(np.where(np.tri(x.shape[-1]).T > 0, x, -np.inf))
            ),
            "Each position sees those after it, and not those before: the mask is the "
            "wrong way round.",
        ),
        (
            with_weights(
                lambda x: softmax(
                    np.where(np.tri(x.shape[-1], k=1, dtype=bool), x, -np.inf)
                )
            ),
            "Each position sees the next one too: mask from the first diagonal above "
            "the middle one on.",
        ),
        (
            lambda case: attention(case, values_share=tiled),
            "The keys are shared by the right heads, the values are not: repeat both "
            "as 0, 0, 1, 1.",
        ),
        (
            lambda case: attention(case, tiled, values_share=spread),
            "The values are shared by the right heads, the keys are not: repeat both "
            "as 0, 0, 1, 1.",
        ),
        (
            lambda case: attention(
                case, scale=lambda dim: math.sqrt(dim * case["k"].shape[1])
            ),
            "The scores are divided by the root of the width of all kv heads: take "
            "head_dim.",
        ),
        (
            lambda case: attention(case | {"k": case["v"], "v": case["k"]}),
            "k and v have changed places.",
        ),
        (
            with_weights(lambda x: softmax(x + np.tri(x.shape[-1]) - 1)),
            "The scores of the future are only 1 lower: put -infinity there.",
        ),
        (
            with_weights(lambda x: softmax(np.where(np.tri(x.shape[-1]) > 0, x, -1))),
            "The scores of the future are -1, which still gets a weight: -infinity.",
        ),
        *(
            (
                lambda case, scale=scale, how=how, share=share: attention(
                    case, share, scale, how
                ),
                " ".join(filter(None, (hint, also, and_also))),
            )
            for scale, hint in SCALES
            for share, also in ((spread, ""), (tiled, TILED))
            for how, and_also in ((usual, ""), (softmax, NO_MASK))
            if bool(hint) + bool(also) + bool(and_also) > 1
        ),
        (
            lambda case: attention(case, scale=lambda dim: 1 / math.sqrt(dim)),
            "The scores are multiplied by the root of head_dim: divide by it.",
        ),
        (
            lambda case: attention(
                case, scale=lambda dim: math.sqrt(dim * case["q"].shape[1])
            ),
            "The scores are divided by the root of the whole width: take head_dim.",
        ),
        (
            lambda case: attention(
                case, scale=lambda dim: math.sqrt(case["q"].shape[2])
            ),
            "The scores are divided by the root of the time: take head_dim.",
        ),
        (
            lambda case: attention(
                case, scale=lambda dim: math.sqrt(case["q"].shape[1])
            ),
            "The scores are divided by the root of the number of heads: take head_dim.",
        ),
        (
            with_weights(
                lambda x: np.exp(masked(x)) / np.exp(masked(x)).sum(-3, keepdims=True)
            ),
            "The softmax goes over the heads: each query's weights over the keys, the "
            "last dimension, add up to 1.",
        ),
        (
            with_weights(lambda x: 1 / (1 + np.exp(-masked(x)))),
            "This is the sigmoid: the weights have to add up to 1, take the softmax.",
        ),
        (
            with_weights(lambda x: np.exp(masked(x))),
            "exp alone is no softmax: divide by the sum over the keys.",
        ),
        (
            with_weights(
                lambda x: (
                    np.tri(x.shape[-1]) / np.tri(x.shape[-1]).sum(-1, keepdims=True)
                    + 0 * x
                )
            ),
            "All positions that are seen have equal weights: take the softmax of "
            "scores.",
        ),
        (
            lambda case: attention(case, lambda h, n: spread(h[:, ::-1], n)),
            "The kv heads are in reverse order: query heads 0 and 1 use kv head 0.",
        ),
        (
            lambda case: attention(
                case, lambda h, n: spread(h[:, :1].repeat(h.shape[1], 1), n)
            ),
            "All query heads use kv head 0: each group has one of its own.",
        ),
        (
            lambda case: attention(
                case,
                lambda h, n: spread(h.mean(1, keepdims=True).repeat(h.shape[1], 1), n),
            ),
            "The kv heads are averaged: each group of query heads uses one of them.",
        ),
        (
            lambda case: attention(case).swapaxes(1, 2),
            "The dimensions are (batch, time, heads, head_dim): return (batch, heads, "
            "time, head_dim).",
        ),
        (
            lambda case: (
                attention(case)
                .swapaxes(1, 2)
                .reshape(case["q"].shape[0], case["q"].shape[2], -1)
            ),
            "The heads are joined to one width: leave them apart.",
        ),
        (
            lambda case: attention(case).mean(axis=1),
            "The heads are averaged: return one output for each.",
        ),
        (
            lambda case: attention(case, values="k") * 0 + case["q"],
            "These are the queries themselves.",
        ),
        (
            lambda case: attention(case, values="k"),
            "These are weighted sums of the keys: take the values.",
        ),
    ]
    otherwise = (
        "Compare with F.scaled_dot_product_attention(q, k, v, is_causal=True, "
        "enable_gqa=True), step by step: heads, scores, mask, softmax, values."
    )
    return judge_cases(data, inputs["cases"], attention, mistakes, otherwise)
