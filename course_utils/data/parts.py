"""Sources of any size, cut into parts that are read one by one.

A part is a stretch of a file that begins and ends between two documents. The cuts
depend on the files alone, so any process, on any machine, reads the same documents.
"""

import codecs
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course_utils.data.sources import HEADING, in_pieces, paragraphs, with_headings
from course_utils.machine.errors import CourseError

PART_BYTES = 16_000_000
_LOOK_AHEAD = 1 << 16
# Past this, no border between documents was found: then it is not such a file.
_LARGEST_PART = 1 << 28
_KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
_COMPRESSED = {
    "gunzip": b"\x1f\x8b",
    "unzstd": b"\x28\xb5\x2f\xfd",
    "unxz": b"\xfd7zXZ\0",
    "bunzip2": b"BZh",
    "unzip": b"PK\x03\x04",
}
_HUB_ID = re.compile(r"[\w-]+/[\w.-]+(:[\w.-]+)?")


@dataclass(frozen=True)
class Part:
    """A stretch of a source.

    Attributes:
        source: the file, or the data set on the Hub.
        kind: "line" or "paragraph" (of a text file), "jsonl", "csv", "tsv", "parquet",
            or "hub".
        start: the first byte; of Parquet the first row group; of the Hub the number of
            the data set's file.
        stop: the end, in the same unit, not included.
        column: what holds the text.
        size: bytes, as far as known; for a progress bar.
    """

    source: str
    kind: str
    start: int
    stop: int
    column: str
    size: int


def plan_parts(
    sources: Iterable[str | Path], column: str = "text", part_bytes: int = PART_BYTES
) -> list[Part]:
    """Cut sources into parts of about `part_bytes`; reads little of them.

    Args:
        sources: files that end in .jsonl, .ndjson, .csv, .tsv or .parquet, any other
            file as plain text, and "owner/name:configuration" for the split train of a
            data set on the Hub.
        column: what holds the text, in all but text files.
        part_bytes: a part's size. Of Parquet a part is a row group at least, of a data
            set on the Hub one of its files.

    Raises:
        CourseError: a file that is missing, empty or without borders between documents,
            no such column, or no such data set.

    Example:
        >>> import tempfile
        >>> from course_utils.machine.files import write_text
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = write_text(f"{folder}/mine.txt", "A line.\\nAnother one.\\n")
        ...     [(part.start, part.stop) for part in plan_parts([path], part_bytes=5)]
        [(0, 8), (8, 21)]
    """
    parts = []
    for source in map(str, sources):
        path = Path(source).absolute()  # another process may run elsewhere
        if os.path.isdir(path):
            raise CourseError(f"{source} is a folder: give its files.")
        if not os.path.exists(path):  # False, too, for a name that is too long
            if not _HUB_ID.fullmatch(source):
                raise CourseError(f"no such file: {source}. Check the path.")
            parts += _hub_parts(source, column)
            continue
        kind = _KINDS.get(path.suffix.lower(), "text")
        try:
            if path.stat().st_size == 0:
                raise CourseError(f"{path} is empty: give a file with some text in it.")
            _check_bytes(path)
            if kind == "parquet":
                parts += _row_groups(path, column, part_bytes)
            else:
                if kind == "text":
                    _check_no_table(path)
                    kind = _text_kind(path)
                parts += _stretches(path, kind, column, part_bytes)
        except OSError as error:
            reason = error.strerror or error
            raise CourseError(f"cannot read {path}: {reason}.") from error
    return parts


def documents(part: Part) -> Iterator[str]:
    """Yield a part's documents, in their order; rows without a text are left out.

    A document longer than 100,000 characters is cut into several, as by `text_file`: to
    clean a text takes thirty times its size in memory.

    Raises:
        CourseError: not UTF-8, a broken line, no such column, or a file that cannot be
            read.

    Example:
        >>> import tempfile
        >>> from course_utils.machine.files import write_text
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = write_text(f"{folder}/mine.txt", "A line.\\nAnother one.\\n")
        ...     [list(documents(part)) for part in plan_parts([path], part_bytes=5)]
        [['A line.'], ['Another one.']]
    """
    import pyarrow as pa

    try:
        for document in _documents(part):
            yield from in_pieces(document)
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise CourseError(f"cannot read {part.source}: {reason[:200]}") from error


def _documents(part: Part) -> Iterator[str]:
    if part.kind == "hub":
        yield from _hub_documents(part)
    elif part.kind == "parquet":
        yield from _parquet_documents(part)
    else:
        with open(part.source, "rb") as file:
            file.seek(part.start)
            data = file.read(part.stop - part.start)
        if part.start == 0:
            data = data.removeprefix(codecs.BOM_UTF8)
        if part.kind in ("csv", "tsv"):
            yield from _csv_documents(part, data)
        elif part.kind == "jsonl":
            yield from _json_documents(part, data)
        else:
            yield from _text_documents(part, data)


def table_documents(source: str, column: str | None = None) -> list[str] | None:
    """Return the texts of a JSONL, CSV, TSV or Parquet file; None for anything else.

    Args:
        source: a file, or something else.
        column: what holds the text; None means "text".

    Raises:
        CourseError: a broken file, no such column, or a table under a name that is not
            a table's, such as JSON lines in chats.txt.

    Example:
        >>> import tempfile
        >>> from course_utils.machine.files import write_text
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = write_text(f"{folder}/mine.csv", "id,text\\n1,Hi!\\n2,Bye.\\n")
        ...     table_documents(str(path))
        ['Hi!', 'Bye.']
    """
    path = Path(source)
    if not os.path.isfile(path):
        return None
    if path.suffix.lower() not in _KINDS:
        _check_no_table(path)
        if column:
            raise CourseError(f"{path} is plain text, which has no column {column!r}.")
        return None
    parts = plan_parts([path], column or "text")
    return [text for part in parts for text in documents(part)]


def _check_no_table(path: Path) -> None:
    """Refuse a table, or JSON, under a name that is read as plain text."""
    if kind := _disguised(path):
        raise CourseError(
            f"{path} looks like {kind.upper()}: rename it to "
            f"{path.with_suffix(f'.{kind}').name}, and name the text with --column."
        )
    if path.suffix.lower() == ".json":
        raise CourseError(
            f"{path} is JSON: write an object a line, into a file that ends in .jsonl."
        )


def _disguised(path: Path) -> str | None:
    """Return "jsonl", "csv" or "tsv" if a text file begins like such a table."""
    import csv

    with path.open("rb") as file:
        start = file.read(_LOOK_AHEAD).decode("utf-8-sig", "ignore")
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    if len(lines) < 3:
        return None
    with suppress(ValueError):
        if all(isinstance(json.loads(line), dict) for line in lines[:3]):
            return "jsonl"
    for kind, delimiter in (("tsv", "\t"), ("csv", ",")):
        try:
            header, *rows = csv.reader(lines[:-1], delimiter=delimiter, strict=True)
        except csv.Error:
            continue
        is_even = len(header) > 1 and {len(row) for row in rows} == {len(header)}
        if is_even and all(re.fullmatch(r"\w[\w -]{0,40}", name) for name in header):
            return kind
    return None


def _stretches(path: Path, kind: str, column: str, part_bytes: int) -> list[Part]:
    """Cut a file where `_border` finds an end of a document."""
    size = path.stat().st_size
    parts, start = [], 0
    with path.open("rb") as file:
        quotes = 0  # before `start`: a line break inside quotes ends no row
        while start < size:
            stop = min(start + part_bytes, size)
            if kind in ("csv", "tsv"):
                quotes += _count_quotes(file, start, stop)
            if stop < size:
                border = _border(file, stop, kind, quotes, path)
                if kind in ("csv", "tsv"):
                    quotes += _count_quotes(file, stop, border)
                stop = border
            parts.append(Part(str(path), kind, start, stop, column, stop - start))
            start = stop
    if kind in ("csv", "tsv"):
        _check_column(column, _header(parts[0]), path)
    return parts


def _border(
    file: io.BufferedReader, at: int, kind: str, quotes: int, path: Path
) -> int:
    """Return the first place from `at` on where a document ends, or the file's end."""
    size = _LOOK_AHEAD
    while size <= _LARGEST_PART:
        file.seek(at)
        window = file.read(size)
        if kind == "paragraph":
            found = _paragraph_end(window)
        elif kind in ("csv", "tsv"):
            found = _row_end(window, quotes)
        else:
            found = window.find(b"\n") + 1
        if found > 0:
            return at + found
        if len(window) < size:
            return at + len(window)
        size *= 8
    what = "blank line" if kind == "paragraph" else "end of a line"
    raise CourseError(
        f"{path}: no {what} in {_LARGEST_PART >> 20} MB after byte {at}: is it text?"
    )


def _paragraph_end(window: bytes) -> int:
    """Return where the first whole block in `window` ends that is no heading, or 0."""
    text = window.decode("utf-8", "surrogateescape")
    begin = None
    for gap in re.finditer(r"\n(?:[^\S\n]*\n)+", text):
        # The window may begin inside of a block, which could be a heading's end.
        if begin is not None and not HEADING.fullmatch(text[begin : gap.start()]):
            return len(text[: gap.end()].encode("utf-8", "surrogateescape"))
        begin = gap.end()
    return 0


def _row_end(window: bytes, quotes: int) -> int:
    """Return the end of the first line that is not inside quotes, or 0."""
    for found in re.finditer(rb'"|\n', window):
        if found[0] == b'"':
            quotes += 1
        elif quotes % 2 == 0:
            return found.end()
    return 0


def _count_quotes(file: io.BufferedReader, start: int, stop: int) -> int:
    file.seek(start)
    return file.read(stop - start).count(b'"')


def _check_bytes(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    for program, mark in _COMPRESSED.items():
        if start.startswith(mark):
            raise CourseError(f"{path} is compressed: unpack it with {program} first.")
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise CourseError(f"{path} is UTF-16: save it as UTF-8 and try again.")


def _text_kind(path: Path) -> str:
    """Return "paragraph" if the file's beginning has blank lines often, else "line"."""
    with path.open("rb") as file:
        text = file.read(1_000_000).decode("utf-8", "replace").replace("\r\n", "\n")
    if "\0" in text:
        raise CourseError(f"{path} is a binary file: give plain UTF-8 text.")
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    return "paragraph" if 1 < len(paragraphs(text)) >= lines / 50 else "line"


def _decoded(part: Part, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{part.source} is not UTF-8 (byte {part.start + error.start}): "
            "save it as UTF-8 and try again."
        ) from error


def _text_documents(part: Part, data: bytes) -> Iterator[str]:
    text = _decoded(part, data).replace("\r\n", "\n").replace("\r", "\n")
    if part.kind == "line":
        yield from (line for line in text.split("\n") if line.strip())
    else:
        yield from with_headings(paragraphs(text))


def _json_documents(part: Part, data: bytes) -> Iterator[str]:
    place = part.start
    for line in data.split(b"\n"):
        if line.strip():
            try:
                row = json.loads(line)
                text = row[part.column]
            except (ValueError, TypeError, RecursionError) as error:
                raise CourseError(
                    f"{part.source}, byte {place}: not a JSON object on one line."
                ) from error
            except KeyError as error:
                raise CourseError(
                    f"{part.source}, byte {place}: the object has no {part.column!r}, "
                    f"only {', '.join(row)}: name the text with --column."
                ) from error
            if not isinstance(text, str | None):
                raise CourseError(
                    f"{part.source}, byte {place}: {part.column!r} holds no text: name "
                    "the text with --column."
                )
            if text is not None:
                yield text
        place += len(line) + 1


def _header(part: Part) -> list[str]:
    import csv

    with open(part.source, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter="\t" if part.kind == "tsv" else ",")
        try:
            return next(rows)
        except (UnicodeDecodeError, csv.Error) as error:
            raise CourseError(f"{part.source} is no UTF-8 CSV: {error}.") from error


def _csv_documents(part: Part, data: bytes) -> Iterator[str]:
    import pyarrow as pa
    from pyarrow import csv

    names = _header(part)
    try:
        table = csv.read_csv(
            io.BytesIO(data),
            csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=int(part.start == 0),
                block_size=max(1 << 20, len(data)),
                use_threads=False,
            ),
            csv.ParseOptions(
                delimiter="\t" if part.kind == "tsv" else ",", newlines_in_values=True
            ),
            csv.ConvertOptions(
                include_columns=[part.column],
                column_types={part.column: pa.large_string()},
            ),
        )
    except pa.ArrowInvalid as error:
        line = str(error).splitlines()[0]
        raise CourseError(
            f"{part.source}, from byte {part.start}: {line[:200]}"
        ) from error
    yield from filter(None, table[part.column].to_pylist())


def _row_groups(path: Path, column: str, part_bytes: int) -> list[Part]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        facts = parquet.read_metadata(path)
    except pa.ArrowInvalid as error:
        raise CourseError(f"{path} is no Parquet file: {error}.") from error
    schema = facts.schema.to_arrow_schema()
    _check_column(column, schema.names, path)
    kind = schema.field(column).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if kind not in (pa.string(), pa.large_string(), pa.string_view()):
        raise CourseError(
            f"{path}: the column {column!r} holds {kind}, no text: name the text with "
            "--column."
        )
    sizes = [facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)]
    parts, start, size = [], 0, 0
    for i, group in enumerate(sizes):
        size += group
        if size >= part_bytes or i + 1 == len(sizes):
            parts.append(Part(str(path), "parquet", start, i + 1, column, size))
            start, size = i + 1, 0
    return parts


def _parquet_documents(part: Part) -> Iterator[str]:
    from pyarrow import parquet

    with parquet.ParquetFile(part.source) as file:
        groups = range(part.start, part.stop)
        for batch in file.iter_batches(
            1000, row_groups=groups, columns=[part.column], use_threads=False
        ):
            yield from filter(None, batch.column(0).to_pylist())


def _check_column(column: str, names: list[str], source: str | Path) -> None:
    if column not in names:
        raise CourseError(
            f"{source} has no column {column!r}, only {', '.join(names)}: "
            "name the text with --column."
        )


def _hub_parts(source: str, column: str) -> list[Part]:
    from course_utils.machine import runtime
    from course_utils.machine.hub import persistently

    if not runtime.online():
        raise CourseError(
            f"no file {source}, and the Hub cannot be reached to look for a data set "
            "of that name: check the path, or connect."
        )
    rows = persistently(f"the data set {source}", lambda: _hub_rows(source))
    if rows.column_names is not None:
        _check_column(column, rows.column_names, f"the data set {source}")
    return [Part(source, "hub", i, i + 1, column, 0) for i in range(rows.num_shards)]


def _hub_rows(source: str):
    from datasets import load_dataset

    path, _, configuration = source.partition(":")
    return load_dataset(path, configuration or None, split="train", streaming=True)


def _hub_documents(part: Part) -> Iterator[str]:
    rows = _hub_rows(part.source)
    for row in rows.shard(num_shards=rows.num_shards, index=part.start):
        if row[part.column]:
            yield row[part.column]
