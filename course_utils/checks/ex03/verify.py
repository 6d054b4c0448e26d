"""Exercise 3, build the model: the references, and the mistakes that are known."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict

Inputs = dict[str, Any]


def verify_count(data: Any, inputs: Inputs) -> Verdict:
    """The number of parameters, exact."""

    def parts(case: Case) -> dict[str, int]:
        vocab_size, n_positions, d, n_layer, tied = case.values()
        return {
            "tokens": vocab_size * d,
            "positions": n_positions * d,
            "matrices": n_layer * 12 * d * d,
            "biases": n_layer * 9 * d,
            "norms": n_layer * 4 * d,
            "final norm": 2 * d,
            "head": 0 if tied else vocab_size * d,
        }

    def right(case: Case) -> int:
        return sum(parts(case).values())

    def but(*names: str, extra: Callable[[Case], int] = lambda case: 0) -> Any:
        return lambda case: (
            right(case) - sum(parts(case)[name] for name in names) + extra(case)
        )

    def blocks(factor: int) -> Callable[[Case], int]:
        return lambda case: factor * case["n_layer"] * case["n_embd"] ** 2

    mistakes = [
        (
            lambda case: right({**case, "tied": False}),
            "The table of tokens is counted twice, though it is tied: the head has no "
            "parameters of its own then.",
        ),
        (
            but("head"),
            "An untied head is missing: vocab_size x n_embd more, without a bias.",
        ),
        (
            lambda case: right(case) + (0 if case["tied"] else case["vocab_size"]),
            "The head of GPT-2 has no bias.",
        ),
        (but("biases"), "The biases are missing: every matrix of a block has one."),
        (
            but("norms", "final norm"),
            "The layer norms are missing: two in each block and one after the last, "
            "each with a scale and a shift.",
        ),
        (
            but("final norm"),
            "The last layer norm is missing: it follows the last block.",
        ),
        (
            lambda case: right(case) - parts(case)["norms"] // 2 - case["n_embd"],
            "A layer norm has a scale and a shift: 2 x n_embd.",
        ),
        (
            but("biases", "norms", "final norm"),
            "This is the rule of thumb: biases and layer norms are missing.",
        ),
        (
            but("positions"),
            "The table of positions is missing: n_positions x n_embd.",
        ),
        (
            but(extra=blocks(-2)),
            "A matrix is missing: attention has 4 x n_embd squared, three for query, "
            "key and value, and c_proj.",
        ),
        (
            but(extra=blocks(-1)),
            "c_proj, which mixes the heads, is missing: attention has 4 x n_embd "
            "squared.",
        ),
        (
            but(extra=blocks(-4)),
            "The MLP has two matrices: n_embd x 4 n_embd, and back.",
        ),
    ]
    otherwise = (
        "Count part by part, and compare each with the model's own: print the names "
        "and shapes of GPT2LMHeadModel(...).named_parameters()."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_config(data: Any, inputs: Inputs) -> Verdict:
    """Every field as asked, and a refusal where the heads cannot share the width."""
    hints = {
        "n_positions": (
            "The number of positions has its default. Its name is n_positions: n_ctx "
            "and block_size are swallowed without a word."
        ),
        "n_layer": "The number of layers has its default. Its name is n_layer.",
        "n_head": "The number of heads has its default. Its name is n_head.",
        "n_embd": "The width has its default. Its name is n_embd.",
        "eos_token_id": (
            "The end token has GPT-2's own number, 50256, which is not even in this "
            "vocabulary: pass eos_token_id."
        ),
        "bos_token_id": (
            "The start token still has GPT-2's own number: pass bos_token_id, too."
        ),
    }
    for got, case in zip(data, inputs["cases"], strict=True):
        expected = {
            "vocab_size": case["vocab_size"],
            "n_positions": case["block_size"],
            "n_embd": case["width"],
            "n_layer": case["layers"],
            "n_head": case["heads"],
            "eos_token_id": case["eos"],
            "bos_token_id": case["eos"],
        }
        evenly = case["width"] % case["heads"] == 0
        if evenly and isinstance(got, dict) and got != expected:
            field = next(name for name in expected if got[name] != expected[name])
            hint = hints.get(field, f"`{field}` is not what was asked for.")
            return wrong(hint, expected=expected, got=got, **case)
        if evenly and got == "ValueError":
            hint = "It refuses a width that the heads share evenly."
            return wrong(hint, **case)
        if not evenly and got != "ValueError":
            hint = (
                "The heads share the width evenly, so it must be a multiple of their "
                "number: raise a ValueError if it is not. GPT2Config itself says "
                "nothing."
            )
            return wrong(hint, expected="ValueError", got=got, **case)
        if got not in (expected, "ValueError"):
            return wrong("Return a GPT2Config.", got=got, **case)
    return Verdict(2)


def verify_heads(data: Any, inputs: Inputs) -> Verdict:
    """Query, key and value of shape (batch, n_head, time, head_dim)."""

    def parts(case: Case) -> list[np.ndarray]:
        return np.split(case["qkv"], 3, axis=-1)

    def sizes(case: Case) -> tuple[int, int, int, int]:
        batch, time, width = case["qkv"].shape
        return batch, time, case["n_head"], width // 3 // case["n_head"]

    def in_heads(part: np.ndarray, case: Case) -> np.ndarray:
        return part.reshape(sizes(case))

    def right(case: Case) -> list[np.ndarray]:
        return [in_heads(part, case).swapaxes(1, 2) for part in parts(case)]

    def reshaped(case: Case) -> list[np.ndarray]:
        batch, time, n_head, head_dim = sizes(case)
        return [part.reshape(batch, n_head, time, head_dim) for part in parts(case)]

    def every_nth(case: Case) -> list[np.ndarray]:
        batch, time, n_head, head_dim = sizes(case)
        shape = batch, time, head_dim, n_head
        return [part.reshape(shape).transpose(0, 3, 1, 2) for part in parts(case)]

    def head_by_head(case: Case) -> list[np.ndarray]:
        batch, time, n_head, head_dim = sizes(case)
        heads = case["qkv"].reshape(batch, time, n_head, 3 * head_dim).swapaxes(1, 2)
        return np.split(heads, 3, axis=-1)

    mistakes = [
        (
            reshaped,
            "The shape is right and the numbers are not: a reshape to (batch, n_head, "
            "time, head_dim) mixes the tokens. Reshape to (batch, time, n_head, "
            "head_dim), then swap time and n_head.",
        ),
        (
            lambda case: [in_heads(part, case) for part in parts(case)],
            "The heads still stand after time: swap the two dimensions.",
        ),
        (
            every_nth,
            "A head takes every n-th number: it has head_dim numbers that stand side "
            "by side.",
        ),
        (
            head_by_head,
            "The vector is cut into heads first: GPT-2 keeps all of query, then all "
            "of key, then all of value. Cut it into these three first.",
        ),
        (
            lambda case: [right(case)[i] for i in (1, 0, 2)],
            "Query and key are exchanged: the order in c_attn is query, key, value.",
        ),
        (
            lambda case: right(case)[::-1],
            "The order in c_attn is query, key, value.",
        ),
        (
            parts,
            "Query, key and value are right, but not yet cut into heads.",
        ),
    ]
    otherwise = (
        "Return query, key and value, each of shape (batch, n_head, time, head_dim)."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_attention(data: Any, inputs: Inputs) -> Verdict:
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
    if any(np.isnan(array).any() for pair in data for array in pair):
        otherwise = (
            "There is NaN in it. Either a row has nothing left to look at (a token may "
            "look at itself), or a 0 of the mask was multiplied by infinity: use "
            "masked_fill."
        )
    return judge_cases(3, data, inputs["cases"], attend, mistakes, otherwise)


def verify_weights(data: Any, inputs: Inputs) -> Verdict:
    """Mean and standard deviation of each parameter, within a tenth."""
    for got, case in zip(data, inputs["cases"], strict=True):
        small = 0.02 / math.sqrt(2 * case["n_layer"])
        for name, found in got.items():
            mean, std = _start(name, small)
            off = abs(found["mean"] - mean), abs(found["std"] - std)
            if not max(off) <= 0.1 * std + 1e-6:
                hint = _weights_hint(name, found, case["n_layer"])
                expected = {"mean": mean, "std": std}
                return wrong(hint, parameter=name, **case, expected=expected, got=found)
    return Verdict(3)


def _start(name: str, small: float) -> tuple[float, float]:
    """Return mean and standard deviation at which GPT-2 starts a parameter."""
    if name.endswith("bias"):
        return 0.0, 0.0
    if ".ln_" in name:
        return 1.0, 0.0
    return 0.0, small if name.endswith("c_proj.weight") else 0.02


def _weights_hint(name: str, got: dict[str, float], n_layer: int) -> str:
    def near(std: float) -> bool:
        return abs(got["std"] - std) < 0.1 * std

    if got["mean"] == 7 and got["std"] == 0:
        return "A parameter was left as it is: set every one of them, in place."
    if name.endswith("bias"):
        return "Biases start at 0, those of the layer norms, too."
    if ".ln_" in name:
        return (
            "A layer norm starts with a scale of 1: with small random numbers, or 0, "
            "it would shrink all that passes."
        )
    if not name.endswith("c_proj.weight"):
        if near(0.02 / math.sqrt(2 * n_layer)):
            return (
                "Only the c_proj matrices, which write into the residual sum, start "
                "smaller: all others have 0.02."
            )
        if near(0.02**2) or near(0.02**0.5):
            return "0.02 is the standard deviation, not the variance."
        return "Matrices and tables start with a standard deviation of 0.02, around 0."
    if near(0.02):
        return (
            "The c_proj matrices write into the residual sum, where 2 n_layer of them "
            "add up: they start smaller, by the root of that."
        )
    if near(0.02 / math.sqrt(n_layer)):
        return (
            "Each block adds twice, attention and MLP: divide by the root of 2 n_layer."
        )
    if near(0.02 / (2 * n_layer)):
        return "Divide by the root of 2 n_layer: variances add up, not deviations."
    return "A c_proj matrix starts with 0.02 / the root of (2 n_layer)."


VERIFY = {
    "ex03_1": verify_count,
    "ex03_2": verify_config,
    "ex03_3": verify_heads,
    "ex03_4": verify_attention,
    "ex03_5": verify_weights,
}
