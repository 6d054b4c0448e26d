"""Judge of 6.3, freeze the lower blocks."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong
from course_utils.checks.judges.ex06_parameters import gpt2_shapes, parameters
from course_utils.checks.judges.same import same

PARTS = ("wte", "wpe", *(f"h.{i}" for i in range(12)), "ln_f")


def part_of(name: str) -> str:
    """Return the part of a parameter: wte, wpe, h.0, h.1, ..., ln_f."""
    return re.search(r"\.(h\.\d+|\w+)", name)[1]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Which parts are frozen, and how many weights are still trained."""
    cases = inputs["cases"]

    def right(
        case: Case,
        blocks: Iterable[int] | None = None,
        others: tuple[str, ...] = ("wte", "wpe"),
    ) -> list[str]:
        blocks = range(case["n_blocks"]) if blocks is None else blocks
        frozen = {*others, *(f"h.{i}" for i in blocks)}
        return [part for part in PARTS if part in frozen]

    def count(case: Case) -> int:
        sizes, frozen = parameters(case["n_embd"], 12), right(case)
        return sum(n for name, n in sizes.items() if part_of(name) not in frozen)

    def frozen_parts(case: Case, trained: list[str]) -> list[str]:
        whole = Counter(map(part_of, parameters(case["n_embd"], 12)))
        left = Counter(map(part_of, trained))
        frozen = [part for part in PARTS if left[part] < whole[part]]
        return [f"some of {part}" if left[part] else part for part in frozen]

    def rows_only(case: Case) -> int:
        """Return what len(p) counts of the tensors that are still trained."""
        shapes, frozen = gpt2_shapes(case["n_embd"], 12, 1, 1), right(case)
        return sum(s[0] for name, s in shapes.items() if part_of(name) not in frozen)

    def begins_alike(case: Case) -> list[int]:
        begins = tuple(map(str, range(case["n_blocks"])))
        return [i for i in range(12) if str(i).startswith(begins)]

    mistakes = [
        (
            lambda case: [],
            "Nothing is frozen. Set requires_grad on parameters: on a module it does "
            "nothing. Or call module.requires_grad_(False).",
        ),
        (
            lambda case: right(case, others=()),
            "The embeddings are not frozen: freeze wte and wpe too.",
        ),
        (
            lambda case: right(case, others=("wte",)),
            "The position embedding, wpe, is not frozen.",
        ),
        (
            lambda case: right(case, others=("wpe",)),
            "The token embedding is trained. The output layer shares its weights: "
            "whoever trains lm_head, trains wte.",
        ),
        (
            lambda case: right(case, begins_alike(case)),
            "Blocks 10 and 11 are frozen with block 1, since their names begin alike: "
            "put a dot after the number, or take the modules of transformer.h.",
        ),
        (
            lambda case: right(case, range(12 - case["n_blocks"], 12)),
            "The last blocks are frozen: freeze the first, which are next to the "
            "embeddings.",
        ),
        (
            lambda case: right(case, range(case["n_blocks"] + 1)),
            "One block too many is frozen: n_blocks of them, from block 0 on.",
        ),
        (
            lambda case: right(case, range(1, case["n_blocks"] + 1)),
            "The blocks count from 0, so the first one is transformer.h[0].",
        ),
        (
            lambda case: list(PARTS),
            "Everything is frozen: nothing would be trained. Freeze wte, wpe and the "
            "first n_blocks blocks.",
        ),
        (
            lambda case: right(case, range(max(0, case["n_blocks"] - 1))),
            "One block too few is frozen: n_blocks of them, from block 0 on.",
        ),
        (
            lambda case: right(case, range(12)),
            "All blocks are frozen: only the first n_blocks.",
        ),
        (
            lambda case: right(case, [case["n_blocks"]]),
            "One block alone is frozen: the first n_blocks of them.",
        ),
        (
            lambda case: right(case, []),
            "The blocks are not frozen: the first n_blocks of transformer.h.",
        ),
        (
            lambda case: [p for p in PARTS if p not in right(case)],
            "It is the wrong way round: what is to be frozen is trained.",
        ),
        (
            lambda case: right(case, others=("wte", "wpe", "ln_f")),
            "The last layer norm, ln_f, is frozen: it comes after the blocks.",
        ),
    ]
    otherwise = (
        "Freeze wte, wpe and the first n_blocks blocks, and nothing else: what is to "
        "be frozen is not, or more than that is."
    )

    def of_the_parts(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say which kinds of parts are frozen, and should not be, or the reverse."""
        both = list(zip(got, expected, strict=True))
        if any(part.startswith("some of") for g, _ in both for part in g):
            return (
                "Of a part, some parameters are frozen and others are trained: freeze "
                "whole modules, with all that is in them."
            )

        def kinds(parts: Iterable[str]) -> str:
            return ", ".join(
                dict.fromkeys("blocks" if p.startswith("h.") else p for p in parts)
            )

        blocks = [
            {part for part in parts if part.startswith("h.")}
            for g, e in both
            for parts in (g, e)
        ]
        if all(
            not g & e and len(g | e) == 12
            for g, e in zip(blocks[::2], blocks[1::2], strict=True)
        ):
            return (
                "The upper blocks are frozen: it is the first n_blocks, h[:n_blocks]."
            )
        more = kinds(part for g, e in both for part in g if part not in e)
        fewer = kinds(part for g, e in both for part in e if part not in g)
        if more == fewer == "blocks":
            return "Other blocks are frozen than the first n_blocks: h[:n_blocks]."
        said = [
            more and f"Frozen, though they should be trained: {more}.",
            fewer and f"Trained, though they should be frozen: {fewer}.",
        ]
        return " ".join(filter(None, said))

    names = [each["trained"] for each in data]
    if not any(frozen_parts(*pair) for pair in zip(cases, names, strict=True)):
        numbers = [each["returned"] for each in data]
        if all(map(same, numbers, map(count, cases))):
            return wrong(
                "The number is right, and nothing of this model is frozen: a copy of "
                "it is. Change the model itself.",
                **cases[0],
            )
    frozen = [frozen_parts(*pair) for pair in zip(cases, names, strict=True)]
    for case, found in zip(cases, names, strict=True):
        if set(found) - parameters(case["n_embd"], 12).keys():
            return wrong(
                "The model has parameters now that it had not: the output layer and "
                "the token embedding were one, and have to stay so. Set requires_grad "
                "only.",
                got=sorted(set(found) - parameters(case["n_embd"], 12).keys()),
                **case,
            )
    looks = [(of_the_parts, "")]
    verdict = judge_cases(frozen, cases, right, mistakes, otherwise, looks)
    if not verdict.right:
        return verdict

    mistakes = [
        (
            lambda case: sum(parameters(case["n_embd"], 12).values()),
            "All parameters are counted: count those that are still trained.",
        ),
        (
            lambda case: sum(parameters(case["n_embd"], 12).values()) - count(case),
            "These are the frozen weights: count those that are still trained.",
        ),
        (
            lambda case: 2 + 12 * case["n_blocks"],
            "These are the frozen tensors: count the weights that are still trained.",
        ),
        (
            lambda case: 64 * case["n_embd"] + count(case),
            "The tied output layer is counted, though it is frozen with the embedding.",
        ),
        (
            lambda case: 12 - case["n_blocks"],
            "These are blocks: count weights, the elements of the tensors.",
        ),
        (
            rows_only,
            "These are the rows of the tensors, len(p): add up their elements, "
            "p.numel().",
        ),
        (
            lambda case: 0,
            "What is frozen is right, and 0 comes back. The tensors of state_dict() "
            "require no gradient, whatever is frozen: go through parameters().",
        ),
        (
            lambda case: case["n_blocks"],
            "These are blocks: count the weights still trained.",
        ),
        (
            lambda case: len(parameters(case["n_embd"], 12)),
            "All tensors are counted: count the weights of those still trained.",
        ),
        (
            lambda case: count(case) / sum(parameters(case["n_embd"], 12).values()),
            "This is the share that is still trained: return the number of weights.",
        ),
        (
            lambda case: 2 + 12 * (12 - case["n_blocks"]),
            "These are tensors: add up their numbers of weights, p.numel().",
        ),
    ]
    otherwise = (
        "What is frozen is right, and the number that comes back is not: return the "
        "sum of p.numel() over the parameters that require a gradient. Most often it "
        "is counted before the freezing, or tensors are counted instead of elements."
    )
    returned = [each["returned"] for each in data]
    return judge_cases(returned, cases, count, mistakes, otherwise)
