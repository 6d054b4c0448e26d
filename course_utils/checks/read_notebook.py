"""Read a notebook's file: the one reader of `course check` and `course grade`.

The bytes may come from a hostile writer. Nothing of the file is taken over but each
cell's kind, source, id and nbgrader mark, and limits come before copies.
"""

import json
import re
from collections import Counter
from pathlib import PurePath
from typing import Any

from course_utils.checks.run_question import exercises
from course_utils.machine.errors import CourseError

MAX_SOURCE = 4 * 2**20  # characters of all cells, without outputs
MAX_CELLS = 5000
QUESTION_ID = re.compile(r"\b(ex\d\d)_\d+")
EXERCISE = re.compile(r"ex\d\d(?!\d)")
CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)

Cell = dict[str, Any]


def read_cells(content: bytes) -> list[Cell]:
    """Return a notebook's cells, without outputs.

    Args:
        content: the bytes of the file.

    Returns:
        cell_type ("code" or "markdown"), source, id and metadata (nbgrader's grade_id
        alone) of each cell. Zero bytes and halves of surrogate pairs are left out.

    Raises:
        CourseError: it is no notebook of format 4, or too long. The line begins with
            "it", for whoever names the file.
    """
    document = _document(content)
    cells = document.get("cells")
    if type(cells) is not list:
        if type(document.get("worksheets")) is list:
            raise CourseError(
                "it is a notebook of the old format 3: open it in JupyterLab, and save."
            )
        raise CourseError("it is no notebook: it has no cells. Save it as .ipynb.")
    if len(cells) > MAX_CELLS:
        raise CourseError(f"it has more than {MAX_CELLS} cells.")
    left = MAX_SOURCE
    read = []
    for number, cell in enumerate(cells, start=1):
        read.append(_cell(cell, number, left))
        left -= len(read[-1]["source"])
    return read


def _document(content: bytes) -> dict[str, Any]:
    """Return a file's JSON object.

    Raises:
        CourseError: it holds none; the line names the likely cause.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CourseError("it is UTF-16: save it as UTF-8, which Jupyter writes.")
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise CourseError("it is empty.")
    try:
        document = json.loads(text.decode("utf-8"))
    except MemoryError as error:
        raise CourseError("it is no notebook: it takes too much memory.") from error
    except (ValueError, RecursionError) as error:
        raise CourseError(_no_json(text)) from error
    if type(document) is not dict:
        raise CourseError("it is no notebook: save it as .ipynb.")
    return document


def _no_json(text: bytes) -> str:
    conflict = CONFLICT.search(text)
    if conflict:
        line = text.count(b"\n", 0, conflict.start()) + 1
        return f"it holds a merge conflict, see line {line}: resolve it with git."
    if text[:1] == b"<":
        return "it is no notebook but a web page: download the .ipynb file itself."
    if text[:1] == b"{" and b'"cells"' in text and not text.endswith(b"}"):
        return "it is no whole notebook: its end is missing. Save or copy it again."
    return "it is no notebook: save it as .ipynb."


def _cell(cell: Any, number: int, left: int) -> Cell:
    """Return what is kept of one cell.

    Raises:
        CourseError: it is no cell, or longer than `left` characters.
    """
    if type(cell) is not dict or type(cell.get("cell_type", "")) is not str:
        raise CourseError(f"it is no notebook: its cell {number} is none.")
    source = cell.get("source", "")
    lines = source if type(source) is list else [source or ""]
    if any(type(line) is not str for line in lines):
        raise CourseError(f"it is no notebook: its cell {number} holds no text.")
    if sum(map(len, lines)) > left:
        raise CourseError("it has more text than a notebook of the course can have.")
    source = "".join(lines).replace("\0", "").encode("utf-8", "replace").decode()
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if type(metadata) is dict else None
    grade_id = marks.get("grade_id") if type(marks) is dict else None
    return {
        "cell_type": "code" if cell.get("cell_type") == "code" else "markdown",
        "source": source,
        "id": _label(cell.get("id")),
        "metadata": {"nbgrader": {"grade_id": _label(grade_id)}},
    }


def _label(value: Any) -> str:
    return value if type(value) is str and re.fullmatch(r"[\w-]{1,64}", value) else ""


def exercise_of(cells: list[Cell], place: PurePath | None = None) -> str:
    """Return the exercise that the cells name most often, else the one in its path.

    Returns:
        Such as "ex05"; "" if neither names an exercise that has checks.
    """
    known = exercises()
    counts: Counter[str] = Counter()
    for cell in cells:
        marks = [cell["metadata"]["nbgrader"]["grade_id"], cell["id"], cell["source"]]
        counts.update(QUESTION_ID.findall("\n".join(marks)))
    named = [name for name, _ in counts.most_common() if name in known]
    if place is not None:
        parts = [found for p in place.parts for found in EXERCISE.findall(p.lower())]
        named += [name for name in reversed(parts) if name in known]
    return named[0] if named else ""
