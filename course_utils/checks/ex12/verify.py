"""Exercise 12, before and after: the references, and the mistakes that are known."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex12.probe import summariser
from course_utils.checks.ex12.result import verify_result

Inputs = dict[str, Any]


@cache
def model_and_tokenizer() -> tuple[Any, Any]:
    """Return the model of 12.1, apart from the one that student code is given."""
    return summariser()


@lru_cache(maxsize=64)
def written(
    prompts: tuple[str, ...], length: int, side: str = "left", mask: bool = True
) -> list[list[int]]:
    """Return prompts and continuations of a batch, as token ids with their padding."""
    import torch

    model, tokenizer = model_and_tokenizer()
    batch = tokenizer(
        list(prompts), padding=True, padding_side=side, return_tensors="pt"
    )
    attention = batch["attention_mask"]
    return model.generate(
        batch["input_ids"],
        attention_mask=attention if mask else torch.ones_like(attention),
        max_new_tokens=length,
        do_sample=False,
        pad_token_id=tokenizer.eos_token_id,
    ).tolist()


def verify_generate(data: Any, inputs: Inputs) -> Verdict:
    """The texts of one prompt at a time, where no padding can do harm."""
    _, tokenizer = model_and_tokenizer()

    def lengths(case: Case) -> list[int]:
        return [len(tokenizer(prompt)["input_ids"]) for prompt in case["prompts"]]

    def batch(
        case: Case,
        start: Callable[[int, int], int] = lambda own, widest: widest,
        keep_end: bool = False,
        length: int = 0,
        **padding: Any,
    ) -> list[str]:
        own = lengths(case)
        rows = written(
            tuple(case["prompts"]), length or case["max_new_tokens"], **padding
        )
        return [
            tokenizer.decode(
                ids[start(mine, max(own)) :], skip_special_tokens=not keep_end
            ).strip()
            for ids, mine in zip(rows, own, strict=True)
        ]

    def right(case: Case) -> list[str]:
        return [batch({**case, "prompts": [text]})[0] for text in case["prompts"]]

    mistakes = [
        (
            lambda case: batch(case, side="right"),
            "The padding is on the right, between prompt and continuation: pad on "
            "the left to generate.",
        ),
        (
            lambda case: batch(case, mask=False),
            "The model looks at the padding: pass the attention_mask too.",
        ),
        (
            lambda case: batch(case, start=lambda own, widest: 0),
            "The prompts are still there: return only what comes after them.",
        ),
        (
            lambda case: batch(case, start=lambda own, widest: own),
            "A piece of the shorter prompts is left: in a batch padded on the left, "
            "every prompt ends at the same column.",
        ),
        (
            lambda case: batch(case, keep_end=True),
            "The end-of-text token is in the texts: decode with "
            "skip_special_tokens=True.",
        ),
        (
            lambda case: batch(case, length=20),
            "The texts are not as long as asked for: pass max_new_tokens on.",
        ),
    ]
    otherwise = (
        "These are not the greedy continuations. Pad on the left, pass the mask, do "
        "not sample, and compare with one prompt at a time."
    )
    texts = [[text.strip() for text in answer] for answer in data]
    if list(map(sorted, texts)) == [sorted(right(case)) for case in inputs["cases"]]:
        mistakes = []
        otherwise = (
            "The texts are in another order than the prompts: if you sort prompts by "
            "length, put the texts back."
        )
    return judge_cases(3, texts, inputs["cases"], right, mistakes, otherwise)


def verify_table(data: Any, inputs: Inputs) -> Verdict:
    """Rows that both models have, matched by id, in the order of the data."""
    columns = ["dialogue", "reference", "before", "after"]

    def right(case: Case, names: list[str] = columns) -> Case:
        before, after = (
            {item["id"]: item["text"] for item in case[name]}
            for name in ("before", "after")
        )
        rows = [
            row for row in case["rows"] if row["id"] in before.keys() & after.keys()
        ]
        values = {
            "id": [row["id"] for row in rows],
            "dialogue": [row["dialogue"] for row in rows],
            "reference": [row["summary"] for row in rows],
            "before": [before[row["id"]] for row in rows],
            "after": [after[row["id"]] for row in rows],
        }
        values["summary"] = values["reference"]
        return {
            "columns": names,
            "values": [list(row) for row in zip(*map(values.get, names), strict=True)],
        }

    def by_position(case: Case) -> Case:
        lists = [[item["text"] for item in case[name]] for name in ("before", "after")]
        rows = [
            [row["dialogue"], row["summary"], *texts]
            for row, *texts in zip(case["rows"], *lists, strict=False)
        ]
        return {"columns": columns, "values": rows}

    def reordered(order: Callable[[Case], list[str]]) -> Callable[[Case], Case]:
        def answer(case: Case) -> Case:
            rows = {row["id"]: row for row in case["rows"]}
            ids = [name for name in order(case) if name in rows]
            return right({**case, "rows": [rows[name] for name in ids]})

        return answer

    def swapped(case: Case) -> Case:
        return right({**case, "before": case["after"], "after": case["before"]})

    if isinstance(data, str):
        return wrong("Return a pandas.DataFrame.", returned=data)
    rows = [row for table in data for row in table["values"]]
    for row in rows:
        if not all(isinstance(cell, str) and cell for cell in row):
            return wrong(
                "Some cells hold no text: leave out the rows that one of the models "
                "has no text for.",
                got=row,
            )
    mistakes = [
        (
            by_position,
            "The texts are paired by their place in the lists: match them by id.",
        ),
        (swapped, "before and after have changed places."),
        (
            lambda case: right(case, ["id", *columns]),
            "There is a column too many: dialogue, reference, before and after.",
        ),
        (
            lambda case: right(case, ["dialogue", "summary", "before", "after"]),
            "The column of the summaries that people wrote is called reference.",
        ),
        (
            reordered(lambda case: sorted(row["id"] for row in case["rows"])),
            "The rows are sorted by id: keep the order of the data.",
        ),
        (
            reordered(lambda case: [item["id"] for item in case["before"]]),
            "The rows are in the order of before: keep the order of the data.",
        ),
        (
            reordered(lambda case: [item["id"] for item in case["after"]]),
            "The rows are in the order of after: keep the order of the data.",
        ),
    ]
    otherwise = (
        "A row for each id that all three have, in the order of rows, with the columns "
        "dialogue, reference, before, after."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_interval(data: Any, inputs: Inputs) -> Verdict:
    """Mean of after - before, with the percentiles of its means over the draws."""

    def interval(
        before: np.ndarray, after: np.ndarray, case: Case, share: float = 95
    ) -> list[float]:
        means = after.mean(axis=1) - before.mean(axis=1)
        low, high = np.percentile(means, [50 - share / 2, 50 + share / 2])
        return [np.mean(case["after"] - case["before"]), low, high]

    def right(case: Case, share: float = 95) -> list[float]:
        before, after = case["before"][case["draws"]], case["after"][case["draws"]]
        return interval(before, after, case, share)

    def unpaired(case: Case) -> list[float]:
        draws = case["draws"]
        return interval(case["before"][draws[::-1]], case["after"][draws], case)

    def of_examples(case: Case) -> list[float]:
        change = case["after"] - case["before"]
        return [change.mean(), *np.percentile(change, [2.5, 97.5])]

    def of_one(case: Case, name: str) -> np.ndarray:
        means = case[name][case["draws"]].mean(axis=1)
        return np.array([case[name].mean(), *np.percentile(means, [2.5, 97.5])])

    def normal(case: Case) -> list[float]:
        change = case["after"] - case["before"]
        half = 1.96 * change.std(ddof=1) / np.sqrt(len(change))
        return [change.mean(), change.mean() - half, change.mean() + half]

    mistakes = [
        (
            lambda case: -np.array(right(case))[[0, 2, 1]],
            "The sign is the wrong way round: after minus before.",
        ),
        (
            unpaired,
            "before and after are drawn apart: a resample has the same examples of "
            "both.",
        ),
        (
            of_examples,
            "This is the range of the examples: take the mean of each resample first, "
            "and the percentiles of these means.",
        ),
        (
            lambda case: of_one(case, "after") - of_one(case, "before"),
            "Two intervals cannot be subtracted: resample the differences.",
        ),
        (
            lambda case: right(case, share=90),
            "This interval holds 90 %: take the percentiles 2.5 and 97.5.",
        ),
        (
            lambda case: of_one(case, "after"),
            "This is about after alone: take the differences of the examples.",
        ),
        (
            normal,
            "This is 1.96 standard errors: use the draws that you are given.",
        ),
        (
            lambda case: [right(case)[0], *np.sort(right(case)[1:])[::-1]],
            "low and high have changed places.",
        ),
    ]
    otherwise = (
        "Return the mean of after - before over all examples, and the percentiles 2.5 "
        "and 97.5 of the same mean over the examples of each row of draws."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_worse(data: Any, inputs: Inputs) -> Verdict:
    """Places where the score fell, the deepest fall first."""

    def change(case: Case) -> np.ndarray:
        return np.array(case["after"]) - np.array(case["before"])

    def right(case: Case, limit: float = 0, k: int = 0) -> list[int]:
        order = np.argsort(change(case), kind="stable")
        fallen = [int(i) for i in order if change(case)[i] < limit]
        return fallen[: k or case["k"]]

    def lowest(case: Case) -> list[int]:
        order = np.argsort(case["after"], kind="stable")
        return [int(i) for i in order][: case["k"]]

    mistakes = [
        (
            lambda case: right(case, limit=np.inf),
            "Examples that did not become worse are in it: there may be fewer than k.",
        ),
        (
            lambda case: right(case, limit=0.5),
            "Examples whose score stayed the same are in it.",
        ),
        (
            lambda case: right(
                {**case, "after": case["before"], "before": case["after"]}
            ),
            "These became better: look for after below before.",
        ),
        (
            lambda case: right(case, k=len(case["before"])),
            "There are more than k: return the k worst.",
        ),
        (
            lambda case: sorted(right(case, k=len(case["before"])))[: case["k"]],
            "They are in the order of the data: the deepest fall comes first.",
        ),
        (
            lambda case: right(case)[::-1],
            "The order is the wrong way round: the deepest fall comes first.",
        ),
        (
            lambda case: right(case, k=len(case["before"]))[::-1][: case["k"]],
            "These are the smallest falls: the deepest comes first.",
        ),
        (
            lambda case: [
                len(case["before"]) - 1 - i
                for i in right(
                    {
                        name: value if name == "k" else value[::-1]
                        for name, value in case.items()
                    }
                )
            ],
            "Equal falls are in reverse: the earlier example comes first.",
        ),
        (lowest, "These have the lowest scores: look for the deepest fall."),
        (
            lambda case: [int(change(case)[i]) for i in right(case)],
            "These are the changes: return the places of the examples.",
        ),
    ]
    otherwise = (
        "Return the places where after is below before, the deepest fall first, at "
        "most k of them."
    )
    return judge_cases(1, data, inputs["cases"], right, mistakes, otherwise)


VERIFY = {
    "ex12_1": verify_generate,
    "ex12_2": verify_table,
    "ex12_3": verify_interval,
    "ex12_4": verify_worse,
    "ex12_5": verify_result,
}
