"""Judge of 3.4, causal attention."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.judges.same import same


def _has_nan(data: Any) -> bool:
    if isinstance(data, list):
        return any(map(_has_nan, data))
    return isinstance(data, np.ndarray) and bool(np.isnan(data).any())


def _looks_ahead(result: Any) -> bool:
    """Return whether only later tokens have a weight; NaN counts as none."""
    weights = np.nan_to_num(np.asarray(result[1]))
    return weights.ndim > 1 and bool(weights.any()) and not np.tril(weights).any()


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Output and weights, as the library's attention computes them."""

    def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
        powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def attend(
        case: Case,
        scale: Callable[[int, int], float] = lambda head_dim, n_head: head_dim**0.5,
        hide: float = -math.inf,
        allow: Callable[[np.ndarray], np.ndarray] = np.tril,
        axis: int = -1,
        after: bool = False,
        swap: bool = True,
    ) -> list[np.ndarray]:
        query, key, value = (case[name].astype(float) for name in case)
        batch, n_head, time, head_dim = query.shape
        scores = query @ key.swapaxes(-2, -1) / scale(head_dim, n_head)
        allowed = allow(np.ones((time, time))) > 0
        if after:
            weights = softmax(scores) * allowed
        else:
            weights = softmax(np.where(allowed, scores, hide), axis)
        mixed = weights @ value
        mixed = mixed.swapaxes(1, 2) if swap else mixed
        return [mixed.reshape(batch, time, n_head * head_dim), weights]

    def above(ones: np.ndarray) -> np.ndarray:
        return np.tril(ones, k=1)

    def turned(case: Case) -> list[np.ndarray]:
        return attend({**case, "query": case["key"], "key": case["query"]})

    def unmasked_output(case: Case) -> list[np.ndarray]:
        return [attend(case, allow=everything)[0], attend(case)[1]]

    def unmerged(case: Case) -> list[np.ndarray]:
        output, weights = attend(case)
        batch, n_head, time, _ = weights.shape
        return [output.reshape(batch, time, n_head, -1), weights]

    def by_head(case: Case) -> list[np.ndarray]:
        output, weights = unmerged(case)
        return [output.swapaxes(1, 2), weights]

    def everything(ones: np.ndarray) -> np.ndarray:
        return ones

    mistakes = [
        (
            lambda case: attend(case, scale=lambda head_dim, n_head: 1),
            "The scores are not scaled: divide them by the root of head_dim.",
        ),
        (
            lambda case: attend(case, scale=lambda head_dim, n_head: head_dim),
            "The scores are divided by head_dim: divide by its root.",
        ),
        (
            lambda case: attend(case, scale=lambda d, n: (d * n) ** 0.5),
            "The scores are divided by the root of n_embd: a dot product runs over "
            "head_dim numbers, so divide by the root of that.",
        ),
        (
            lambda case: attend(case, allow=everything),
            "There is no causal mask: tokens see the future, and the loss will be too "
            "good to be true.",
        ),
        (
            lambda case: attend(case, allow=np.triu),
            "The mask is the wrong way round: a token may look at itself and at what "
            "comes before it, the lower triangle.",
        ),
        (
            lambda case: attend(case, after=True),
            "The mask comes after the softmax, so rows no longer sum to 1: mask the "
            "scores, with minus infinity, before it.",
        ),
        (
            lambda case: attend(case, hide=0.0),
            "Hidden scores are set to 0, and exp(0) is 1: set them to minus infinity.",
        ),
        (
            lambda case: attend(case, axis=-2),
            "The softmax runs over the queries: each row, over the keys, sums to 1.",
        ),
        (
            lambda case: attend(case, allow=above),
            "A token sees the next one: the triangle is one diagonal too high.",
        ),
        (
            lambda case: attend(case, scale=lambda head_dim, n_head: head_dim**-0.5),
            "The scores are multiplied by the root of head_dim: divide them by it.",
        ),
        (
            lambda case: attend(case, scale=lambda head_dim, n_head: n_head**0.5),
            "The scores are divided by the root of n_head: divide by that of head_dim.",
        ),
        (
            lambda case: attend(
                case,
                scale=lambda head_dim, n_head: case["query"].shape[2] ** 0.5,
            ),
            "The scores are divided by the root of time: divide by that of head_dim.",
        ),
        (
            turned,
            "Query and key are exchanged: a row of the scores belongs to one query.",
        ),
        (
            unmasked_output,
            "The weights are right, but the output was made with others: multiply "
            "these, masked, with the values.",
        ),
        (
            lambda case: attend({**case, "value": case["key"]}),
            "The output is a sum of the keys: weigh the values.",
        ),
        (
            lambda case: attend({**case, "value": case["query"]}),
            "The output is a sum of the queries: weigh the values.",
        ),
        (
            unmerged,
            "The output is not flattened: put the heads side by side, (batch, time, "
            "n_head x head_dim).",
        ),
        (
            by_head,
            "The heads are not put together: swap n_head and time, and flatten the "
            "last two dimensions.",
        ),
        (
            lambda case: attend(case)[0],
            "The weights are missing: return output and weights.",
        ),
        (
            lambda case: attend(case)[1],
            "The output is missing: return output and weights.",
        ),
        (
            lambda case: attend(case, swap=False),
            "The weights are right, but the heads are put together wrongly: swap "
            "n_head and time before you flatten, or tokens are mixed.",
        ),
        (
            lambda case: attend(case)[::-1],
            "The results are in the other order: output, then weights.",
        ),
    ]
    otherwise = (
        "Return output and weights: softmax(query key^T / root of head_dim, masked) "
        "and its product with the value, heads side by side."
    )
    if _has_nan(data) and all(_looks_ahead(result) for result in data):
        otherwise = (
            "The mask is the wrong way round: it hides what a token may look at, and "
            "shows what comes after it. There is NaN where nothing is left."
        )
    elif _has_nan(data):
        otherwise = (
            "There is NaN in it. Either a row has nothing left to look at (a token may "
            "look at itself), or a 0 of the mask was multiplied by infinity: use "
            "masked_fill."
        )

    def of_the_weights(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say which of the bullets the results break, one by one."""
        said = []
        shapes = [tuple(np.shape(part) for part in result) for result in got]
        wanted = [tuple(np.shape(part) for part in result) for result in expected]
        if shapes != wanted:
            return (
                "The shapes are not those asked for. Each head has its own weights, "
                "(batch, n_head, time, time), and its own part of the output, (batch, "
                "time, n_head x head_dim): side by side, not added or averaged."
            )
        weights = [result[1] for result in got]
        if all(map(same, weights, (result[1] for result in expected))):
            said.append(
                "The weights are right, and the output is not: weigh the values with "
                "them, swap n_head and time, and flatten the heads."
            )
        elif all(same(g[0], e[0]) for g, e in zip(got, expected, strict=True)):
            said.append("The output is right, but these are not the weights of it.")
        lows = [np.tril(np.ones(w.shape[-2:])) > 0 for w in weights]
        if not all(np.allclose(w.sum(axis=-1), 1, atol=1e-4) for w in weights):
            said.append(
                "Rows of the weights do not sum to 1: they are what the softmax over "
                "the keys makes of the masked scores."
            )
        elif any(np.triu(w, k=1).any() for w in weights):
            said.append(
                "A token looks at later ones: hide their scores, with minus infinity, "
                "before the softmax."
            )
        elif any(
            np.any(w[..., low] == 0) for w, low in zip(weights, lows, strict=True)
        ):
            said.append(
                "A token does not look at all that comes before it, or not at itself: "
                "the mask hides too much."
            )
        elif not said:
            said.append(
                "Each row sums to 1 and no token sees a later one, so that the scores "
                "are at fault: query times key, over head_dim, divided by its root."
            )
        return " ".join(said)

    looks = [] if _has_nan(data) else [(of_the_weights, "")]
    return judge_cases(data, inputs["cases"], attend, mistakes, otherwise, looks)
