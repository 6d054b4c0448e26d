"""The one reader of notebooks: what it takes, and a line for each cause."""

import codecs
import json

import pytest

from course_utils.checks.read_notebook import MAX_CELLS, MAX_SOURCE, read_cells
from course_utils.machine.errors import CourseError

CELL = {
    "cell_type": "code",
    "id": "a",
    "metadata": {},
    "outputs": [],
    "source": "x = 1",
}


def book(*cells: object, **rest: object) -> bytes:
    return json.dumps({"cells": list(cells), "nbformat": 4, **rest}, indent=1).encode()


GOOD = book(CELL)


@pytest.mark.parametrize(
    "content",
    [GOOD, codecs.BOM_UTF8 + GOOD, GOOD.replace(b"\n", b"\r\n"), b"\n " + GOOD + b"\n"],
    ids=["plain", "byte order mark", "Windows", "spaces"],
)
def test_what_is_read(content):
    [cell] = read_cells(content)
    assert cell == {
        "cell_type": "code",
        "source": "x = 1",
        "id": "a",
        "metadata": {"nbgrader": {"grade_id": ""}},
    }


@pytest.mark.parametrize(
    ("cell", "source"),
    [
        ({"source": ["x = 1\n", "y = 2"]}, "x = 1\ny = 2"),
        ({"source": None}, ""),
        ({"source": "a\0b\ud800"}, "ab?"),
        ({"metadata": None}, "x = 1"),
        ({"metadata": {"nbgrader": ["ex05_1"]}}, "x = 1"),
        ({"id": 5}, "x = 1"),
        ({"id": "<script>"}, "x = 1"),
    ],
)
def test_small_damage_is_tolerated(cell, source):
    [read] = read_cells(book({**CELL, **cell}))
    assert read["source"] == source


CONFLICT = b'{"cells": [\n<<<<<<< HEAD\n{},\n=======\n{}\n>>>>>>> theirs\n]}'


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "it is empty."),
        (b" \n", "it is empty."),
        (GOOD.decode().encode("utf-16"), "it is UTF-16"),
        (CONFLICT, "it holds a merge conflict, see line 2"),
        (b'{"nbformat": 3, "worksheets": []}', "the old format 3"),
        (b"<!DOCTYPE html><html>", "a web page: download the .ipynb"),
        (GOOD[:-30], "its end is missing"),
        (b"import torch", "it is no notebook: save it as .ipynb."),
        (b"[1, 2]", "it is no notebook: save it as .ipynb."),
        (b'{"a": 1}', "it has no cells"),
        (b"{" * 100_000, "it is no notebook"),
        (b'{"cells": [' + b"9" * 10_000 + b"]}", "it is no notebook"),
        (bytes(range(256)), "it is no notebook"),
        (book({**CELL, "source": ["x = 1\n", 5]}), "its cell 1 holds no text"),
        (book(CELL, {**CELL, "source": {"a": 1}}), "its cell 2 holds no text"),
        (book(CELL, None), "its cell 2 is none"),
        (book({**CELL, "cell_type": []}), "its cell 1 is none"),
        (book(*[CELL] * (MAX_CELLS + 1)), "more than 5000 cells"),
        (book({**CELL, "source": "x" * (MAX_SOURCE + 1)}), "more text"),
    ],
)
def test_each_cause_has_its_line(content, line):
    with pytest.raises(CourseError, match=r"^it ") as refused:
        read_cells(content)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
