"""Judge of 11.1, empty rows and line ends."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong

TEXTS = ("dialogue", "summary")
Row = dict[str, Any]
INSIDE = (
    "White space inside a text has changed: an empty line or an indented one stays, "
    "and only line ends are made alike."
)
GONE = "A row has gone that has both texts: drop none but the empty ones."
REMOVED = (
    "A row is removed from the list that the loop goes through, so the next one is "
    "never looked at: build a new list."
)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """No row without dialogue or summary, plain line ends, no outer white space."""

    def plain(text: str | None) -> str:
        return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()

    def right(
        case: Case,
        tidy: Callable[[str], str] = plain,
        empty: Callable[[str | None], bool] = lambda text: not plain(text),
        both: bool = True,
    ) -> list[Row]:
        return [
            {key: tidy(row[key]) if key in TEXTS else row[key] for key in row}
            for row in case["rows"]
            if not empty(row["dialogue"]) and not (both and empty(row["summary"]))
        ]

    def removed_in_the_loop(case: Case, cleaned_there: bool = False) -> list[Row]:
        rows = right(case, str if cleaned_there else plain, lambda text: False)
        for row in rows:
            row |= {key: plain(row[key]) for key in TEXTS}
            if not (row["dialogue"] and row["summary"]):
                rows.remove(row)
        return rows

    mistakes = [
        (
            lambda case: right(case, lambda text: text.replace("\r\n", "\n").strip()),
            'A lone "\\r" ends a line too: replace it after "\\r\\n".',
        ),
        (
            lambda case: right(case, lambda text: plain(text.replace("\r", "\n"))),
            'Every "\\r\\n" has become two line breaks: replace it before "\\r".',
        ),
        (
            lambda case: right(case, lambda text: plain(text.replace("\r", ""))),
            'Removing "\\r" joins the lines that end in it alone: make it "\\n".',
        ),
        (
            lambda case: right(case, str.strip),
            'The line ends are still "\\r\\n": make every one of them "\\n".',
        ),
        (
            lambda case: right(
                case, lambda text: text.replace("\r\n", "\n").replace("\r", "\n")
            ),
            "White space is left around the texts: strip dialogue and summary.",
        ),
        (
            lambda case: right(case, lambda text: text.replace("\r", "")),
            'White space is left around the texts, and a lone "\\r" is lost, which '
            "ends a line too.",
        ),
        (
            lambda case: right(case, lambda text: text.replace("\r\n", "\n")),
            'White space is left around the texts, and a lone "\\r", which ends a line '
            "too.",
        ),
        (
            lambda case: right(case, lambda text: " ".join(text.split())),
            "The turns have become one line: keep the line breaks inside a dialogue.",
        ),
        (
            lambda case: right(
                case, lambda text: re.sub(r"\s*\n\s*", "\n", plain(text))
            ),
            INSIDE,
        ),
        (
            lambda case: right(case, lambda text: re.sub(r"\n+", "\n", plain(text))),
            INSIDE,
        ),
        (
            lambda case: right(
                case, lambda text: "\n".join(map(str.strip, plain(text).split("\n")))
            ),
            INSIDE,
        ),
        (
            lambda case: right(case, empty=lambda text: text is None),
            'Only None is dropped: "" and white space hold no text either.',
        ),
        (
            lambda case: right(case, empty=lambda text: not text),
            "A dialogue of nothing but white space is left: strip first, then drop "
            "what is empty.",
        ),
        (
            lambda case: right(case, lambda text: plain(str(text)), lambda text: False),
            'No row is dropped, and str(None) is the text "None".',
        ),
        (
            lambda case: right(
                case,
                lambda text: plain(str(text)),
                lambda text: not plain(str(text)),
            ),
            'str(None) is the text "None": ask for None first.',
        ),
        (
            removed_in_the_loop,
            REMOVED,
        ),
        (
            lambda case: removed_in_the_loop(case, cleaned_there=True),
            REMOVED,
        ),
        (
            lambda case: right(case)[::-1],
            "The rows stand in reverse order: keep the order of the data.",
        ),
        (
            lambda case: sorted(right(case), key=lambda row: row["dialogue"]),
            "The rows are sorted: keep the order of the data.",
        ),
        (
            lambda case: [
                row | {"summary": old["summary"]}
                for row in right(case)
                for old in case["rows"]
                if old["id"] == row["id"]
            ],
            "Only the dialogues are cleaned: the summaries want it too.",
        ),
        (
            lambda case: [
                row | {"dialogue": old["dialogue"]}
                for row in right(case)
                for old in case["rows"]
                if old["id"] == row["id"]
            ],
            "Only the summaries are cleaned: the dialogues want it too.",
        ),
        (
            lambda case: [
                {name: row[name] for name in row}
                for row in right(case, empty=lambda text: False, tidy=plain)
                if row["dialogue"] or row["summary"]
            ],
            "Rows with one empty text are left: one is enough to leave a row out.",
        ),
        (
            lambda case: right(case, lambda text: plain(text).lower()),
            "The texts are lowercased: leave their letters as they are.",
        ),
        (
            lambda case: right(case, lambda text: plain(text).replace("\n", " ")),
            "The turns have become one line: keep the line breaks inside a dialogue.",
        ),
        (
            lambda case: right(
                case,
                lambda text: text.replace("\r\n", "\n").replace("\r", "\n").rstrip(),
            ),
            "White space is left before the texts: strip both ends.",
        ),
        (
            lambda case: [[row["dialogue"], row["summary"]] for row in right(case)],
            "Return dicts, with every key that a row has.",
        ),
        (
            lambda case: len(right(case)),
            "Return the rows, not how many there are.",
        ),
        (
            lambda case: right(case, both=False),
            "Rows without a summary are left: there is nothing to learn from them.",
        ),
        (
            lambda case: [
                row
                for i, row in enumerate(right(case))
                if row["dialogue"] not in {r["dialogue"] for r in right(case)[:i]}
            ],
            GONE,
        ),
        (
            lambda case: [
                {key: row[key] for key in ("dialogue", "summary")}
                for row in right(case)
            ],
            "The id is gone: keep every key of a row.",
        ),
    ]
    otherwise = (
        "Drop the rows whose dialogue or summary is None, empty or white space. In the "
        'others make every line end "\\n", strip both texts, and keep the order.'
    )
    rows = [answer["rows"] for answer in data]
    verdict = judge_cases(rows, inputs["cases"], right, mistakes, otherwise)
    if not verdict.right and all(
        isinstance(found, list) and all(row in right(case) for row in found)
        for found, case in zip(rows, inputs["cases"], strict=True)
    ):
        lost = [
            len(f) < len(right(c)) for f, c in zip(rows, inputs["cases"], strict=True)
        ]
        if any(lost):
            return replace(verdict, message=GONE)
    changed = [answer["kept"] is not True for answer in data]
    if verdict.right and any(changed):
        return wrong(
            "The rows are right, and those that you are given were changed: return new "
            "dicts, such as {**row, ...}.",
            rows=inputs["cases"][changed.index(True)]["rows"],
        )
    return verdict
