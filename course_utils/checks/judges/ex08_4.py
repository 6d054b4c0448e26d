"""Judge of 8.4, perplexity of a long text."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.probes.ex08_4 import losses_of


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The perplexity, with each token scored once."""

    def windows(case: Case, stride: int | None = None) -> Iterator[tuple[int, list]]:
        """Yield the start of each window and its losses."""
        n, size = len(case["input_ids"]), case["block_size"]
        for start in range(0, n, stride or case["stride"]):
            yield start, losses_of(case["input_ids"][start : start + size])
            if start + size >= n:
                return

    def new(case: Case) -> list[list[float]]:
        """Return each window's losses of tokens that were not scored before."""
        parts, scored = [], 0
        for start, losses in windows(case):
            parts.append(losses[scored - start :])
            scored += len(parts[-1])
        return parts

    def exp_mean(parts: list[list[float]]) -> float:
        return float(np.exp(np.mean([loss for part in parts for loss in part])))

    def right(case: Case) -> float:
        return exp_mean(new(case))

    def by_tokens(case: Case) -> float:
        first, *others = new(case)
        total = np.mean(first) * (len(first) + 1) + sum(map(sum, others))
        return np.exp(total / len(case["input_ids"]))

    def whole_windows(case: Case) -> float:
        parts, size = new(case), case["block_size"]
        n = len(case["input_ids"])
        rest = n > size and (n - size) % case["stride"]
        return exp_mean(parts[:-1] if rest else parts)

    def tails(case: Case, first_too: bool, skip: bool = False) -> float:
        stride, size = case["stride"], case["block_size"]
        return exp_mean(
            [
                losses
                if start == 0 and not first_too
                else losses[size - stride if skip else -stride :]
                for start, losses in windows(case)
            ]
        )

    def newest(case: Case) -> float:
        last = {}
        for start, losses in windows(case):
            last |= {start + i: loss for i, loss in enumerate(losses)}
        return exp_mean([list(last.values())])

    mistakes = [
        (
            lambda case: exp_mean([x for _, x in windows(case, case["block_size"])]),
            "These are separate blocks: move the window by `stride`, so that tokens "
            "at its start have context.",
        ),
        (
            lambda case: exp_mean([x for _, x in windows(case)]),
            "Tokens in the overlap are scored more than once: leave out what an "
            "earlier window has scored.",
        ),
        (
            lambda case: np.exp(np.mean([np.mean(part) for part in new(case)])),
            "This is a mean of the windows' means, but they score unlike numbers of "
            "tokens: take one mean over all tokens.",
        ),
        (
            by_tokens,
            "Each window's mean is weighted by its new tokens, but the text's first "
            "token has no loss: add up the losses themselves.",
        ),
        (
            whole_windows,
            "The last, shorter window is missing: its new tokens count too.",
        ),
        (
            lambda case: tails(case, first_too=True),
            "The start of the text is never scored: in the first window all tokens "
            "are new.",
        ),
        (
            lambda case: tails(case, first_too=False),
            "A last window that is shorter has fewer than `stride` new tokens: the "
            "others were scored before.",
        ),
        (
            lambda case: tails(case, first_too=False, skip=True),
            "Each later window skips one token too many: the losses begin with the "
            "window's second token.",
        ),
        (
            newest,
            "A token counts in the first window that gives it a loss, not in the "
            "last: the later ones have less of the text before it.",
        ),
        (
            lambda case: exp_mean([losses_of(case["input_ids"])]),
            "The model is given more tokens than a block holds.",
        ),
        (
            lambda case: np.log(right(case)),
            "This is the mean loss: perplexity is exp of it.",
        ),
        (
            lambda case: right(case) ** (1 - 1 / len(case["input_ids"])),
            "The text's first token has no loss: divide by the number of scored "
            "tokens, one less.",
        ),
    ]
    otherwise = (
        "Score each token but the first once: all of the first window, and of each "
        "later one only the tokens behind the end of the window before."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
