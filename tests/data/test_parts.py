import json
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from course_utils.data import parts as parts_module
from course_utils.data.parts import documents, plan_parts, table_documents
from course_utils.data.sources import text_file
from course_utils.machine.errors import CourseError

BLOCKS = st.sampled_from(
    [
        "a line",
        "= Heading =",
        "## Another",
        "two\nlines",
        "naïve 猫 🙂",
        "  indented",
        "\xa0",
        "x" * 30,
    ]
)
GAPS = st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\n \t\n", "\n\n\n\n", "\r\n"])


def read(sources, part_bytes, column="text"):
    parts = plan_parts(sources, column, part_bytes)
    return parts, [text for part in parts for text in documents(part)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(BLOCKS, GAPS), min_size=1, max_size=30), st.integers(1, 60))
def test_parts_of_a_text_hold_the_documents_of_the_whole(tmp_path_factory, rows, size):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_bytes("".join(block + gap for block, gap in rows).encode())
    if not path.read_text(encoding="utf-8").strip():
        return
    whole = text_file(path)["text"][:]
    parts, found = read([path], size)
    assert found == whole
    assert parts[0].start == 0
    assert parts[-1].stop == path.stat().st_size
    assert all(a.stop == b.start for a, b in pairwise(parts))


cells = st.text(alphabet='ab",\n\r é猫', max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=20), st.integers(1, 40))
def test_parts_of_a_csv_end_between_rows(tmp_path_factory, rows, size):
    import csv

    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "text"])
        writer.writerows(rows)
    _, found = read([path], size)
    assert found == [text for _, text in rows if text]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=9), min_size=1, max_size=20), st.integers(1, 60))
def test_parts_of_json_lines(tmp_path_factory, texts, size):
    path = tmp_path_factory.mktemp("json") / "rows.jsonl"
    path.write_text("".join(json.dumps({"body": text}) + "\n" for text in texts))
    parts, found = read([path], size, "body")
    assert found == texts
    assert len(parts) >= path.stat().st_size // (size + 80)


def test_parts_of_parquet_are_row_groups(tmp_path):
    path = tmp_path / "rows.parquet"
    texts = [f"text {i}" for i in range(100)]
    parquet.write_table(pa.table({"text": [*texts, None, ""]}), path, row_group_size=10)
    parts, found = read([path], 1)
    assert len(parts) == 11
    assert found == texts
    parts, found = read([path], 10**9)
    assert (len(parts), found) == (1, texts)


def test_parquet_that_is_damaged_inside_is_one_line(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    bad = pa.array([b"\xff\xfe"], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 1, bad.buffers())
    parquet.write_table(pa.table({"text": texts}), path)
    with pytest.raises(CourseError, match=r"cannot read .*a\.parquet: .*utf-8"):
        read([path], 10**6)


def test_a_column_of_categories_is_text(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    texts = pa.array(["one", "two", "one"]).dictionary_encode()
    parquet.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    assert read([tmp_path / "a.parquet"], 10**6)[1] == ["one", "two", "one"]


def test_a_column_of_numbers_is_one_line(tmp_path):
    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"text": [1, 2]}), path)
    with pytest.raises(CourseError, match="'text' holds int64, no text"):
        plan_parts([path])


def test_several_sources_keep_their_order(tmp_path):
    (tmp_path / "a.txt").write_text("\ufeffone\ntwo\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "three"}\n{"text": null}\n')
    _, found = read([tmp_path / "a.txt", tmp_path / "b.jsonl"], 10**6)
    assert found == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"one\n\xff\xfe two", "not UTF-8 \\(byte 4\\)"),
        ("a.txt", b"one\n\0\n", "binary"),
        ("a.jsonl", b'{"text": "a"}\n{"text": \n', "byte 14: not a JSON object"),
        ("a.jsonl", b'["text"]\n', "byte 0: not a JSON object"),
        ("a.jsonl", b'{"body": "a"}\n', "no 'text'.*--column"),
        ("a.csv", b"id,body\n1,a\n", "no column 'text', only id, body"),
        ("a.csv", b"id,text\n1,a\n2,b,c\n", "a.csv, from byte 0"),
        ("a.parquet", b"no parquet", "no Parquet file"),
        ("a.csv", b"\xff,\n", "no UTF-8 CSV"),
        ("a.txt", "text".encode("utf-16"), "is UTF-16"),
        ("a.jsonl", b"\x1f\x8b\x08", "is compressed: unpack it with gunzip"),
        ("a.jsonl.zst", b"\x28\xb5\x2f\xfd\0", "is compressed: unpack it with unzstd"),
        (
            "a.json",
            b'[\n{"text": "a"},\n{"text": "b"}\n]\n',
            "is JSON: write an object",
        ),
        ("a.txt", b'{"text": "a"}\n' * 3, "looks like JSONL: rename it to a.jsonl"),
        ("a.jsonl", b'{"text": 1}\n', "byte 0: 'text' holds no text"),
        ("a.jsonl", b"[" * 100_000, "byte 0: not a JSON object"),
    ],
)
def test_bad_sources_are_one_line(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(CourseError, match=message) as error:
        read([path], 10**6)
    assert "\n" not in str(error.value)


def test_missing_sources_are_one_line(tmp_path, monkeypatch):
    with pytest.raises(CourseError, match="no such file"):
        plan_parts(["x" * 300])
    with pytest.raises(CourseError, match="no such file"):
        plan_parts([tmp_path / "none.txt"])
    with pytest.raises(CourseError, match="is a folder"):
        plan_parts([tmp_path])
    with pytest.raises(CourseError, match="Hub cannot be reached"):
        plan_parts(["owner/name"])
    path = tmp_path / "one.txt"
    path.write_text("a" * 3000)
    monkeypatch.setattr(parts_module, "_LOOK_AHEAD", 100)
    monkeypatch.setattr(parts_module, "_LARGEST_PART", 1000)
    with pytest.raises(CourseError, match="no end of a line"):
        plan_parts([path], part_bytes=10)


def test_tables_are_read_by_their_column(tmp_path):
    texts = ["one, two", "three\nfour", "five"]
    rows = [{"n": i, "body": text} for i, text in enumerate(texts)]
    json_lines = tmp_path / "chats.jsonl"
    json_lines.write_text("\n".join(map(json.dumps, rows)))
    sheet = tmp_path / "chats.csv"
    sheet.write_text('n,body\n0,"one, two"\n1,"three\nfour"\n2,five\n')
    for path in (json_lines, sheet):
        assert table_documents(str(path), "body") == texts
        with pytest.raises(CourseError, match=r"only n, body: name the text with"):
            table_documents(str(path))
    assert table_documents("owner/name") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"a": 1}\n' * 5, "jsonl"),
        ("id,body\n" + "1,a line\n" * 5, "csv"),
        ("id\tbody\n" + "1\ta, line\n" * 5, "tsv"),
        ("Once, there was\na man, who sang\nand went, away\nto sea, alone\n", None),
        ("Well, yes.\nNo.\nOh, why?\nSo.\n", None),
        ("{not json}\n" * 5, None),
        ("one line\n", None),
    ],
)
def test_a_table_handed_in_as_text_is_known(text, kind, tmp_path):
    path = tmp_path / "chats.txt"
    path.write_text(text)
    if kind is None:
        assert table_documents(str(path)) is None
        return
    with pytest.raises(CourseError, match=f"looks like {kind.upper()}: rename it to"):
        table_documents(str(path))


def test_a_very_long_document_of_a_table_is_cut(tmp_path):
    long = "word " * 60_000
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"text": long}) + '\n{"text": "short"}\n')
    parquet.write_table(pa.table({"text": [long, "short"]}), tmp_path / "rows.parquet")
    for path in (rows, tmp_path / "rows.parquet"):
        _, (*pieces, last) = read([path], 10**6)
        assert ("".join(pieces), last) == (long, "short")
        assert len(pieces) == 4
        assert max(map(len, pieces)) <= 100_000
