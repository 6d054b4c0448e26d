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


def table_by_loops(rows, before, after):
    lines = []
    for row in rows:
        old = [item["text"] for item in before if item["id"] == row["id"]]
        new = [item["text"] for item in after if item["id"] == row["id"]]
        if old and new:
            lines.append([row["dialogue"], row["summary"], old[0], new[0]])
    return pd.DataFrame(lines, columns=COLUMNS, index=range(5, 5 + len(lines)))


def table_by_join(rows, before, after):
    frames = [pd.DataFrame(texts).set_index("id") for texts in (before, after)]
    both = frames[0].join(frames[1], how="inner", lsuffix="_b", rsuffix="_a")
    table = pd.DataFrame(rows).set_index("id").join(both, how="inner")
    table = table.loc[[row["id"] for row in rows if row["id"] in table.index]]
    table = table.rename(
        columns={"summary": "reference", "text_b": "before", "text_a": "after"}
    )
    return table[COLUMNS].astype("string")


def table_by_map(rows, before, after):
    table = pd.DataFrame.from_records(rows)
    for name, texts in {"before": before, "after": after}.items():
        table[name] = table["id"].map(pd.DataFrame(texts).set_index("id")["text"])
    kept = table[table["before"].notna() & table["after"].notna()]
    return kept.drop(columns="id").rename(columns={"summary": "reference"})[COLUMNS]


def table_of_columns(rows, before, after):
    old = {item["id"]: item["text"] for item in before}
    new = {item["id"]: item["text"] for item in after}
    ids = [row["id"] for row in rows if row["id"] in old.keys() & new.keys()]
    by_id = {row["id"]: row for row in rows}
    return pd.DataFrame(
        {
            "dialogue": [by_id[i]["dialogue"] for i in ids],
            "reference": [by_id[i]["summary"] for i in ids],
            "before": [old[i] for i in ids],
            "after": [new[i] for i in ids],
        }
    )


def table_of_positions(rows, before, after):
    lines = zip(rows, before, after, strict=False)
    return pd.DataFrame(
        [(r["dialogue"], r["summary"], b["text"], a["text"]) for r, b, a in lines],
        columns=COLUMNS,
    )


def table_none(rows, before, after):
    print(table_by_merge(rows, before, after))


RIGHT = [
    table_by_merge,
    table_by_index,
    table_by_loops,
    table_by_join,
    table_by_map,
    table_of_columns,
]
WRONG = [
    (table_of_positions, "match them by id"),
    (table_none, "None"),
    (table_of_lists, "match them by id"),
    (table_outer, "Some cells hold no text"),
    (table_with_empty_texts, "Some cells hold no text"),
    (table_of_every_id, "Not every id is in both"),
    (table_as_dict, "Return a pandas.DataFrame"),
    (table_without_reference, "A column is missing"),
]
