"""Right and wrong answers to Exercise 12.2, as students write them."""

import pandas as pd

COLUMNS = ["dialogue", "reference", "before", "after"]


def table_by_merge(rows, before, after):
    table = pd.DataFrame(rows).rename(columns={"summary": "reference"})
    for name, texts in (("before", before), ("after", after)):
        table = table.merge(pd.DataFrame(texts).rename(columns={"text": name}), on="id")
    return table[COLUMNS]


def table_by_index(rows, before, after):
    table = pd.DataFrame(rows).set_index("id")
    table["before"] = pd.DataFrame(before).set_index("id")["text"]
    table["after"] = pd.DataFrame(after).set_index("id")["text"]
    return table.dropna().rename(columns={"summary": "reference"})[COLUMNS]


def table_of_lists(rows, before, after):
    return pd.DataFrame(
        {
            "dialogue": [row["dialogue"] for row in rows],
            "reference": [row["summary"] for row in rows],
            "before": [item["text"] for item in before],
            "after": [item["text"] for item in after],
        }
    )


def table_outer(rows, before, after):
    table = pd.DataFrame(rows).rename(columns={"summary": "reference"})
    for name, texts in (("before", before), ("after", after)):
        texts = pd.DataFrame(texts).rename(columns={"text": name})
        table = table.merge(texts, on="id", how="left")
    return table[COLUMNS]


def table_with_empty_texts(rows, before, after):
    return table_outer(rows, before, after).fillna("")


def table_of_every_id(rows, before, after):
    before = {item["id"]: item["text"] for item in before}
    after = {item["id"]: item["text"] for item in after}
    return pd.DataFrame(
        [
            (row["dialogue"], row["summary"], before[row["id"]], after[row["id"]])
            for row in rows
        ],
        columns=COLUMNS,
    )


def table_as_dict(rows, before, after):
    return table_by_merge(rows, before, after).to_dict("list")


def table_without_reference(rows, before, after):
    return table_by_merge(rows, before, after)[["dialogue", "before", "after"]]


RIGHT = [table_by_merge, table_by_index]
WRONG = [
    (table_of_lists, "keep the rows of both"),
    (table_outer, "Some cells hold no text"),
    (table_with_empty_texts, "Some cells hold no text"),
    (table_of_every_id, "Not every id is in both"),
    (table_as_dict, "Return a pandas.DataFrame"),
    (table_without_reference, "with the columns"),
]
