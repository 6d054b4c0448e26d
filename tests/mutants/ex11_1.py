"""Right and wrong answers to Exercise 11.1, as students write them."""

import re as re_


def rows_by_splitlines(rows):
    cleaned = []
    for row in rows:
        row = dict(row)
        for key in ("dialogue", "summary"):
            row[key] = "\n".join((row[key] or "").splitlines()).strip()
        if row["dialogue"] and row["summary"]:
            cleaned.append(row)
    return cleaned


def rows_by_regex(rows):
    import re

    def whole(row):
        return all(row[key] and row[key].strip() for key in ("dialogue", "summary"))

    return [
        {
            key: re.sub(r"\r\n?", "\n", value).strip() if key != "id" else value
            for key, value in row.items()
        }
        for row in rows
        if whole(row)
    ]


def _cleaned(rows, tidy, keep=lambda row: row["dialogue"] and row["summary"]):
    tidied = [
        {**row, "dialogue": tidy(row["dialogue"]), "summary": tidy(row["summary"])}
        for row in rows
    ]
    return [row for row in tidied if keep(row)]


def rows_with_lone_returns(rows):
    return _cleaned(rows, lambda text: (text or "").replace("\r\n", "\n").strip())


def rows_with_double_breaks(rows):
    return _cleaned(rows, lambda text: (text or "").replace("\r", "\n").strip())


def rows_returns_removed(rows):
    return _cleaned(rows, lambda text: (text or "").replace("\r", "").strip())


def rows_only_stripped(rows):
    return _cleaned(rows, lambda text: (text or "").strip())


def rows_not_stripped(rows):
    def tidy(text):
        return (text or "").replace("\r\n", "\n").replace("\r", "\n")

    return _cleaned(
        rows, tidy, lambda row: row["dialogue"].strip() and row["summary"].strip()
    )


def rows_on_one_line(rows):
    return _cleaned(rows, lambda text: " ".join((text or "").split()))


def rows_not_none(rows):
    rows = [r for r in rows if r["dialogue"] is not None and r["summary"] is not None]
    return rows_by_splitlines_only(rows)


def rows_by_splitlines_only(rows):
    return _cleaned(
        rows, lambda text: "\n".join(text.splitlines()).strip(), lambda row: True
    )


def rows_dropped_before_strip(rows):
    return rows_by_splitlines_only([r for r in rows if r["dialogue"] and r["summary"]])


def rows_of_str(rows):
    return rows_by_splitlines_only(
        [
            {**r, "dialogue": str(r["dialogue"]), "summary": str(r["summary"])}
            for r in rows
        ]
    )


def rows_without_summary(rows):
    return _cleaned(rows, _plain, lambda row: row["dialogue"])


def _plain(text):
    return "\n".join((text or "").splitlines()).strip()


def rows_unique(rows):
    seen, kept = set(), []
    for row in rows_by_splitlines(rows):
        if row["dialogue"] not in seen:
            kept.append(row)
        seen.add(row["dialogue"])
    return kept


def rows_without_id(rows):
    return [
        {"dialogue": row["dialogue"], "summary": row["summary"]}
        for row in rows_by_splitlines(rows)
    ]


def rows_none_unasked(rows):
    return _cleaned(rows, lambda text: text.replace("\r\n", "\n").strip())


def rows_joined_by_space(rows):
    return _cleaned(
        rows, lambda text: (text or "").replace("\r\n", " ").replace("\r", " ").strip()
    )


def rows_by_pandas(rows):
    import pandas as pd

    table = pd.DataFrame(rows)
    for name in ("dialogue", "summary"):
        texts = table[name].fillna("").str.replace("\r\n", "\n", regex=False)
        table[name] = texts.str.replace("\r", "\n", regex=False).str.strip()
    table = table[(table["dialogue"] != "") & (table["summary"] != "")]
    return table.to_dict("records")


def rows_by_dataset(rows):
    from datasets import Dataset

    def tidy(row):
        return {name: _plain(row[name]) for name in ("dialogue", "summary")}

    data = Dataset.from_list(rows).map(tidy)
    return data.filter(lambda row: row["dialogue"] and row["summary"]).to_list()


def rows_by_generator(rows):
    def good():
        for row in rows:
            dialogue, summary = (
                "\n".join(str(row[key] or "").replace("\r\n", "\n").split("\r")).strip()
                for key in ("dialogue", "summary")
            )
            if dialogue != "" and summary != "":
                yield dict(row, dialogue=dialogue, summary=summary)

    return list(good())


def rows_by_deepcopy(rows):
    import copy

    kept = [r for r in copy.deepcopy(rows) if r["dialogue"] and r["summary"]]
    for row in kept:
        for key in {"dialogue", "summary"}:
            row[key] = row[key].replace("\r\n", "\n").replace("\r", "\n").strip()
    return [r for r in kept if r["dialogue"] and r["summary"]]


def rows_in_place(rows):
    for row in rows:
        row["dialogue"], row["summary"] = (
            _plain(row["dialogue"]),
            _plain(row["summary"]),
        )
    return [row for row in rows if row["dialogue"] and row["summary"]]


def rows_removed_in_place(rows):
    cleaned = rows_by_regex(rows)
    rows[:] = cleaned
    return cleaned


def rows_reversed(rows):
    return rows_by_regex(rows)[::-1]


def rows_half_cleaned(rows):
    kept = [r for r in rows if (r["dialogue"] or "").strip() and r["summary"]]
    return [{**row, "dialogue": _plain(row["dialogue"])} for row in kept]


def rows_counted(rows):
    return len(rows_by_regex(rows))


def rows_collapsed(rows):
    out = []
    for r in rows:
        n = dict(r)
        for k in ("dialogue", "summary"):
            n[k] = re_.sub(
                "\\s*\\n\\s*", "\n", (n[k] or "").replace("\r", "\n")
            ).strip()
        if n["dialogue"] and n["summary"]:
            out.append(n)
    return out


def rows_summary_only_stripped(rows):
    out = []
    for r in rows:
        d = (r["dialogue"] or "").replace("\r\n", "\n").replace("\r", "\n").strip()
        s = (r["summary"] or "").strip()
        if d and s:
            out.append({**r, "dialogue": d, "summary": s})
    return out


def rows_all_values(rows):
    return [
        {k: v.replace("\r\n", "\n").replace("\r", "\n").strip() for k, v in r.items()}
        for r in rows
        if all(r.values())
        and r["dialogue"].strip()
        and r["summary"].strip()
        and (len(r["summary"].split()) > 3)
    ]


RIGHT = [
    rows_by_splitlines,
    rows_by_regex,
    rows_by_pandas,
    rows_by_dataset,
    rows_by_generator,
    rows_by_deepcopy,
]
WRONG = [
    (rows_in_place, "those that you are given were changed"),
    (rows_removed_in_place, "those that you are given were changed"),
    (rows_reversed, "in reverse order"),
    (rows_half_cleaned, "Only the dialogues are cleaned"),
    (rows_counted, "not how many"),
    (rows_with_lone_returns, 'A lone "\\r"'),
    (rows_with_double_breaks, "two line breaks"),
    (rows_returns_removed, "joins the lines"),
    (rows_only_stripped, 'still "\\r\\n"'),
    (rows_not_stripped, "White space is left around"),
    (rows_on_one_line, "one line"),
    (rows_not_none, "Only None is dropped"),
    (rows_dropped_before_strip, "nothing but white space is left"),
    (rows_of_str, 'the text "None"'),
    (rows_without_summary, "Rows without a summary are left"),
    (rows_unique, "A row has gone that has both texts"),
    (rows_without_id, "The id is gone"),
    (rows_none_unasked, "may be None"),
    (rows_joined_by_space, "make every line end"),
    (rows_collapsed, "White space inside a text"),
    (rows_summary_only_stripped, "make every line end"),
    (rows_all_values, "A row has gone that has both texts"),
]
