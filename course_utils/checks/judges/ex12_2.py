"""Judge of 12.2, a table in the right pairing."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong


def judge(data: Any, inputs: Inputs) -> Verdict:
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
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
