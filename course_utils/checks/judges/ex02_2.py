"""Judge of 2.2, documents into blocks."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

Blocks = list[dict[str, list[int]]]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Blocks of input_ids and labels, exact."""

    def joined(lists: list[list[Any]]) -> list[Any]:
        return list(chain.from_iterable(lists))

    def stream(case: Case, before: bool = False) -> list[int]:
        eos, documents = [case["eos"]], case["documents"]
        return joined([eos + ids if before else ids + eos for ids in documents])

    def cut(ids: list[int], case: Case, short: bool = False) -> list[list[int]]:
        size = case["block_size"]
        blocks = [ids[i : i + size] for i in range(0, len(ids), size)]
        return [block for block in blocks if short or len(block) == size]

    def rows(blocks: list[list[int]]) -> Blocks:
        return [{"input_ids": block, "labels": block} for block in blocks]

    def right(case: Case) -> Blocks:
        return rows(cut(stream(case), case))

    def relabelled(label: Callable[[list[int], Case], list[int]]) -> Any:
        return lambda case: [
            {**row, "labels": label(row["labels"], case)} for row in right(case)
        ]

    def of_next_tokens(case: Case) -> Blocks:
        ids, shifted = stream(case), stream(case)[1:]
        blocks = zip(cut(ids, case), cut(shifted, case, short=True), strict=False)
        return [{"input_ids": block, "labels": label} for block, label in blocks]

    def padded(case: Case) -> Blocks:
        fill = [case["eos"]] * case["block_size"]
        blocks = cut(stream(case), case, short=True)
        return rows([(block + fill)[: case["block_size"]] for block in blocks])

    def each_alone(case: Case) -> Blocks:
        documents = [[*ids, case["eos"]] for ids in case["documents"]]
        return rows(joined([cut(ids, case) for ids in documents]))

    def stream_parts(case: Case) -> list[list[int]]:
        return [[*ids, case["eos"]] for ids in case["documents"]]

    def without_empty(case: Case) -> Case:
        return {**case, "documents": [ids for ids in case["documents"] if ids]}

    def sliding(case: Case, step: int) -> list[list[int]]:
        ids, size = stream(case), case["block_size"]
        return [ids[i : i + size] for i in range(0, len(ids) - size + 1, step)]

    shifted = (
        "The labels are shifted. Nothing would fail: the model shifts them once more, "
        "and learns the token after the next. Here labels equal input_ids."
    )
    mistakes = [
        (
            lambda case: rows(cut(stream(case)[:-1], case)),
            "The last block is missing where the tokens fill the blocks exactly. "
            "Either the last document has no eos (put one after each, not only between "
            "them), or the last place to cut is left out.",
        ),
        (
            lambda case: rows(cut(stream(case, before=True), case)),
            "eos stands before each document: it marks the end, so put it after.",
        ),
        (
            lambda case: rows(cut(joined(case["documents"]), case)),
            "There is no eos between the documents: the model would see one run into "
            "the next, and never learn to stop.",
        ),
        (
            lambda case: rows(cut(stream(case), case, short=True)),
            "The last block is shorter than the others: drop what does not fill a "
            "block.",
        ),
        (
            padded,
            "The last block is filled up with eos: drop what does not fill a block.",
        ),
        (
            each_alone,
            "Each document is cut alone, so that its end is lost: join them all first, "
            "then cut.",
        ),
        (of_next_tokens, shifted),
        (relabelled(lambda ids, case: [*ids[1:], -100]), shifted),
        (relabelled(lambda ids, case: [*ids[1:], case["eos"]]), shifted),
        (
            lambda case: right(case)[:-1],
            "The last block is missing: it may end where the tokens end.",
        ),
        (
            lambda case: rows(cut(stream(without_empty(case)), case)),
            "An empty document has no eos: it gets one, like each.",
        ),
        (
            lambda case: rows(
                [
                    [*block, case["eos"]]
                    for block in cut(
                        joined(case["documents"]),
                        {**case, "block_size": case["block_size"] - 1},
                    )
                ]
            ),
            "eos stands at the end of each block: put it after each document.",
        ),
        (
            lambda case: rows(sliding(case, 1)),
            "The blocks overlap: the next one begins where the last one ended.",
        ),
        (
            lambda case: rows(
                cut(stream({**case, "documents": case["documents"][::-1]}), case)
            ),
            "The documents stand in reverse order.",
        ),
        (
            lambda case: rows(cut(joined(sorted(stream_parts(case))), case)),
            "The documents are sorted: keep their order.",
        ),
        (
            lambda case: [{"input_ids": row["input_ids"]} for row in right(case)],
            "There are no labels: they equal input_ids.",
        ),
        (
            lambda case: cut(stream(case), case),
            "The blocks are right. Return a dict of input_ids and labels for each.",
        ),
        (
            relabelled(lambda ids, case: [-100] * len(ids)),
            "All labels are -100, and nothing is left to learn: they equal input_ids.",
        ),
        (
            relabelled(lambda ids, case: [-100, *ids[1:]]),
            "The first label is -100, though nothing asks for it: the model leaves it "
            "out by itself.",
        ),
        (
            relabelled(
                lambda ids, case: [-100 if i == case["eos"] else i for i in ids]
            ),
            "The labels leave out eos: then the model never learns to write it, and "
            "never stops.",
        ),
    ]
    otherwise = (
        "Join all documents, with eos after each, and cut the result into blocks of "
        "block_size tokens. Each is a dict of input_ids and the same labels."
    )

    def of_the_blocks(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say whether blocks, their lengths, tokens or labels are at fault."""
        triples = list(zip(got, expected, cases, strict=True))
        if any({*row} != {"input_ids", "labels"} for g in got for row in g):
            return "Each block is a dict of input_ids and labels, and of nothing else."
        if any(
            len(r["input_ids"]) != c["block_size"] for g, _, c in triples for r in g
        ):
            return "A block has another length than block_size."
        ids = [[list(row["input_ids"]) for row in answer] for answer in got]
        wanted = [[list(row["input_ids"]) for row in answer] for answer in expected]
        if ids == wanted:
            return "The blocks are right, and the labels are not: they equal input_ids."
        spare = [len(g) - len(e) for g, e, _ in triples]
        if max(spare) > 0:
            return (
                "There are too many blocks: one may be filled up, or tokens come twice."
            )
        if min(spare) < 0:
            return (
                "There are too few blocks: tokens are dropped before the end, eos is "
                "missing somewhere, or the last full block is."
            )
        return (
            "There are as many blocks as there should be, with other tokens: an eos "
            "after each document, and block i from i x block_size on."
        )

    looks = [(of_the_blocks, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)
