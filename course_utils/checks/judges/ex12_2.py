"""Judge of 12.2, a table in the right pairing."""

from typing import Any

import pandas as pd

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex12_2 import QUESTION

COLUMNS = ["dialogue", "reference", "before", "after"]
OTHER_ORDER = "The columns stand in another order: dialogue, reference, before, after."


def right(rows, before, after, columns=COLUMNS):
    before, after = (
        {item["id"]: item["text"] for item in texts} for texts in (before, after)
    )
    table = [
        {
            "id": row["id"],
            "dialogue": row["dialogue"],
            "reference": row["summary"],
            "before": before[row["id"]],
            "after": after[row["id"]],
        }
        for row in rows
        if row["id"] in before and row["id"] in after
    ]
    return pd.DataFrame(table)[columns]


tables = Judge(
    QUESTION,
    right,
    "A row for each id that all three have, in the order of rows, with the columns "
    "dialogue, reference, before, after.",
)


@tables.mistake("The texts are paired by their place in the lists: match them by id.")
def by_position(rows, before, after):
    table = [
        (row["dialogue"], row["summary"], old["text"], new["text"])
        for row, old, new in zip(rows, before, after, strict=False)
    ]
    return pd.DataFrame(table, columns=COLUMNS)


@tables.mistake("before and after have changed places.")
def swapped(rows, before, after):
    return right(rows, after, before)


@tables.mistake("There is a column too many: dialogue, reference, before and after.")
def with_id(*case):
    return right(*case, columns=["id", *COLUMNS])


@tables.mistake("The column of the summaries that people wrote is called reference.")
def with_summary(*case):
    return right(*case).rename(columns={"reference": "summary"})


@tables.mistake("The rows are sorted by id: keep the order of the data.")
def sorted_by_id(rows, before, after):
    return right(sorted(rows, key=lambda row: row["id"]), before, after)


def ordered_as(texts, rows):
    """Return the rows in the order of the texts."""
    by_id = {row["id"]: row for row in rows}
    return [by_id[item["id"]] for item in texts if item["id"] in by_id]


@tables.mistake("The rows are in the order of before: keep the order of the data.")
def in_order_of_before(rows, before, after):
    return right(ordered_as(before, rows), before, after)


@tables.mistake("The rows are in the order of after: keep the order of the data.")
def in_order_of_after(rows, before, after):
    return right(ordered_as(after, rows), before, after)


@tables.mistake("The rows stand in reverse order: keep the order of the data.")
def reversed_rows(rows, before, after):
    return right(rows[::-1], before, after)


@tables.mistake(OTHER_ORDER)
def other_order(*case):
    return right(*case, columns=sorted(COLUMNS))


@tables.mistake("dialogue and reference have changed places.")
def dialogue_as_reference(*case):
    table = right(*case)
    return table.assign(dialogue=table["reference"], reference=table["dialogue"])


@tables.mistake("The column of texts is there twice: before and after are two models.")
def before_twice(rows, before, after):
    table = right(rows, before, after)
    return table.assign(after=table["before"])


@tables.mistake("The column of texts is there twice: before and after are two models.")
def after_twice(rows, before, after):
    table = right(rows, before, after)
    return table.assign(before=table["after"])


@tables.mistake("Only the first row is there: return one for each id.")
def first_row(*case):
    return right(*case).head(1)


@tables.mistake("The last row is missing.")
def without_the_last(*case):
    return right(*case).iloc[:-1]


@tables.mistake("The table stands on its side: the four names are its columns.")
def on_its_side(*case):
    return right(*case).T


@tables.mistake("These are ids, not texts: dialogue holds the dialogue.")
def ids_as_dialogues(rows, before, after):
    return right([row | {"dialogue": row["id"]} for row in rows], before, after)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Rows that both models have, matched by id, in the order of the data."""
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
    lacking = {n for table in data for n in COLUMNS if n not in table["columns"]}
    if lacking and all(set(table["columns"]) < set(COLUMNS) for table in data):
        missing = f"A column is missing: {', '.join(sorted(lacking))}."
        return wrong(missing, got=data[0]["columns"], expected=COLUMNS)
    if any(
        names != COLUMNS and sorted(names) == sorted(COLUMNS)
        for names in (table["columns"] for table in data)
    ):
        return wrong(OTHER_ORDER, got=data[0]["columns"], expected=COLUMNS)
    return tables(data, inputs)
