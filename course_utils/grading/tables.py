"""CSV as spreadsheets write and read it: any separator and encoding, no formulas."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text

# A spreadsheet may take another separator for its own, so that a cell can begin in the
# middle of a field; full-width signs count as plain ones in some.
_SIGNS = r"(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])"
FORMULA = re.compile(rf"(^|[;,\t\r\n|])(\s*){_SIGNS}")
ESCAPED = re.compile(rf"(^|[;,\t\r\n|])(\s*)'{_SIGNS}")


def safe_cell(text: str) -> str:
    """Return a cell's text with an apostrophe before what would be a formula.

    No two texts become the same, so that `plain_cell` knows each again.
    """
    return FORMULA.sub(r"\1\2'", text)


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` was given."""
    return ESCAPED.sub(r"\1\2", text)


def write_csv(path: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write a table, the head first, that a spreadsheet opens without damage."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    plain = text.getvalue()
    # Without this mark, Excel reads what is not ASCII as something else.
    write_text(path, plain if plain.isascii() else f"\ufeff{plain}")


def read_csv(path: Path) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """Read a table that a spreadsheet or a platform has written.

    Returns:
        What separates its cells: a comma, a semicolon or a tab, by the first line. And
        its lines, the head first: a line's number, and its cells as they were before
        `safe_cell`.

    Raises:
        CourseError: it cannot be read; the message gives the line.
    """
    text = _decoded(path)
    sign = separator(text)
    return sign, _lines(
        path, csv.reader(io.StringIO(text), delimiter=sign, strict=True)
    )


def _lines(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [plain_cell(cell) for cell in row]
    except csv.Error as error:
        raise CourseError(f"{path}, line {reader.line_num}: {error}") from error


def separator(text: str) -> str:
    """Return what separates the cells of a table: a comma, a semicolon or a tab."""
    first = text.lstrip("\ufeff\n").partition("\n")[0]
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=lambda sign: (unquoted.count(sign), sign == ","))


def _decoded(path: Path) -> str:
    """Return a file's text; Excel writes UTF-8, UTF-16 and the system's code page."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CourseError(f"cannot read {path}: {error.strerror}.") from error
    if content[:2] == b"PK":
        raise CourseError(f"{path} is a workbook: save it as CSV (UTF-8).")
    encodings = ["utf-8-sig", "cp1252", "latin-1"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeError:
            continue
    else:
        raise CourseError(f"{path} is no text: save it as CSV (UTF-8).")
    if not text.strip():
        raise CourseError(f"{path} is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
