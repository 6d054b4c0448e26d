"""Judge of 3.3, query, key and value, by heads."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
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

    def interleaved(case: Case) -> list[np.ndarray]:
        return [
            part.reshape(sizes(case)).swapaxes(1, 2)
            for part in (case["qkv"][..., i::3] for i in range(3))
        ]

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
            lambda case: [part.swapaxes(2, 3) for part in right(case)],
            "The last two dimensions are exchanged: (batch, n_head, time, head_dim).",
        ),
        (
            lambda case: [part.swapaxes(0, 1) for part in right(case)],
            "Batch and heads are exchanged: (batch, n_head, time, head_dim).",
        ),
        (
            lambda case: [right(case)[i] for i in (0, 2, 1)],
            "Key and value are exchanged: the order in c_attn is query, key, value.",
        ),
        (
            interleaved,
            "Query, key and value are taken by turns: c_attn has all of the query, "
            "then all of the key, then all of the value.",
        ),
        (
            lambda case: [right(case)[0]] * 3,
            "All three are the query: cut the last dimension into three parts.",
        ),
        (
            lambda case: [
                part.reshape(part.shape[0], part.shape[1], -1, case["n_head"]).swapaxes(
                    1, 2
                )
                for part in parts(case)
            ],
            "n_head and head_dim are exchanged: cut into (n_head, head_dim).",
        ),
        (
            lambda case: [right(case)[0] / sizes(case)[3] ** 0.5, *right(case)[1:]],
            "The query is divided by the root of head_dim: only cut it here.",
        ),
        (
            lambda case: right(case)[0],
            "The key and the value are missing: return three tensors.",
        ),
        (
            parts,
            "Query, key and value are right, but not yet cut into heads.",
        ),
    ]
    otherwise = (
        "Return query, key and value, each of shape (batch, n_head, time, head_dim)."
    )

    def of_the_parts(got: Any, expected: Any, cases: list[Case]) -> str:
        if any(isinstance(tensors, np.ndarray) for tensors in got):
            return "One tensor comes back: return three, query, key and value."
        if any(len(tensors) != 3 for tensors in got):
            return "Return three tensors, query, key and value: no more and no fewer."
        if any(
            not np.isin(tensor, whole).all()
            for g, e in zip(got, expected, strict=True)
            for tensor, whole in zip(g, e, strict=True)
        ):
            return (
                "A part holds numbers that are not its own: change none, and cut the "
                "last dimension into query, key and value before anything else."
            )
        if all(
            tensor.shape == whole.shape
            for g, e in zip(got, expected, strict=True)
            for tensor, whole in zip(g, e, strict=True)
        ):
            return (
                "The shapes are right, and a head has numbers of other tokens or other "
                "heads. View each part as (batch, time, n_head, head_dim), then swap "
                "time and n_head, and nothing else."
            )
        return ""

    looks = [(of_the_parts, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)
