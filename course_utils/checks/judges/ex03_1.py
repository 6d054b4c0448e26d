"""Judge of 3.1, the parameters, counted."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
