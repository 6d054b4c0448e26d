import hashlib
import json

import pyarrow.parquet as pq
import pytest
from datasets import Dataset, load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most

from course_utils.data import sources
from course_utils.data.cleaning import leaks
from course_utils.data.sources import book, chitchat, hub_text, text_file, web_page
from course_utils.machine.errors import CourseError


@pytest.fixture(scope="module")
def chats():
    return chitchat()


def texts_of(tmp_path, content: str | bytes, by: str = "auto") -> list[str]:
    path = tmp_path / "in.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return text_file(path, by)["text"][:]


# the real chats


def test_chitchat_is_the_whole_package(chats):
    assert chats.column_names == ["id", "text"]
    assert len(chats) == len(set(chats["id"])) == 7168
    lines = [line for text in chats["text"] for line in text.split("\n")]
    assert len(lines) == 258_145 - 33  # 33 messages are empty
    assert {line[:3] for line in lines} == {"A: ", "B: "}
    assert all(line[3:].strip() for line in lines)


def test_chitchat_names_people_by_first_appearance():
    message = {"timestamp": "", "text": "hi"}
    turns = [
        [
            message | {"sender": "x"},
            message | {"sender": "x", "text": "  you\n there "},
        ],
        [message | {"sender": "y"}, message | {"sender": "y", "text": " "}],
        [message | {"sender": "x", "text": "Bye!"}],
    ]
    assert sources.chat_text(turns) == "A: hi\nA: you there\nB: hi\nA: Bye!"


def test_chitchat_without_its_package(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(sources, "files", missing)
    with pytest.raises(CourseError, match="pip install chitchat-dataset"):
        chitchat()


# text files


def test_lines(tmp_path):
    assert texts_of(tmp_path, "one\ntwo\n\n  three\n", "line") == [
        "one",
        "two",
        "  three",
    ]


def test_paragraphs_keep_their_lines(tmp_path):
    play = "ANNA:\nWho's there?\n\nBEN:\nNobody.\n  (exit)\n \t\n\n\nANNA:\nOh.\n"
    expected = ["ANNA:\nWho's there?", "BEN:\nNobody.\n  (exit)", "ANNA:\nOh."]
    assert texts_of(tmp_path, play) == expected
    assert texts_of(tmp_path, play.replace("\n", "\r\n")) == expected
    assert texts_of(tmp_path, play.replace("\n", "\r")) == expected
    assert texts_of(tmp_path, b"\xef\xbb\xbf" + play.encode()) == expected


def test_headings_join_the_text_below(tmp_path):
    wiki = " \n = Fox = \n \n A fox . \n Red . \n \n = = Food = = \n \n Mice . \n \n"
    wiki += " = End = "
    assert texts_of(tmp_path, wiki) == [
        " = Fox = \n\n A fox . \n Red . ",
        " = = Food = = \n\n Mice . ",
        " = End = ",
    ]
    assert texts_of(tmp_path, "# Fox\n\n## Food\n\nMice.") == [
        "# Fox\n\n## Food\n\nMice."
    ]


def test_auto_takes_lines_where_blank_lines_are_rare(tmp_path):
    lines = [f"example {i}" for i in range(500)]
    content = "\n".join(lines[:250]) + "\n\n" + "\n".join(lines[250:])
    assert texts_of(tmp_path, content) == lines
    assert len(texts_of(tmp_path, content, "paragraph")) == 2
    assert texts_of(tmp_path, "only one line") == ["only one line"]
    assert texts_of(tmp_path, "one\n\ntwo\n\nthree") == ["one", "two", "three"]


def test_a_huge_line_is_cut_at_spaces(tmp_path):
    line = "some words and more " * 500_000  # 10 MB
    with at_most(10):
        pieces = texts_of(tmp_path, line)
    assert "".join(pieces) == line
    assert len(pieces) == 101
    assert max(map(len, pieces)) <= 100_000
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert "".join(texts_of(tmp_path, "x" * 250_000)) == "x" * 250_000


@given(st.text(alphabet="ab \n", max_size=80), st.integers(1, 9))
def test_pieces_are_the_whole_text(text, limit):
    pieces = sources.in_pieces(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= limit for piece in pieces[:-1])


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab =#\n\t", max_size=12), max_size=12))
def test_paragraphs_lose_no_word(parts):
    text = "\n\n".join(parts)
    blocks = sources.with_headings(sources.paragraphs(text))
    assert " ".join(blocks).split() == text.split()
    assert all(block.strip() for block in blocks)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("\u00a0\n".encode(), "is empty"),
        (b"\xfe\xff\x00a", "is UTF-16"),
        ("one\ntwo".encode("utf-16-le"), "is a binary file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a binary file"),
        (b"\x1f\x8b\x08", "is not UTF-8"),
        (b"one\xfftwo", r"is not UTF-8 \(byte 3\)"),
    ],
)
def test_bad_files_end_in_one_line(tmp_path, data, message):
    with pytest.raises(CourseError, match=message) as caught:
        texts_of(tmp_path, data)
    assert "\n" not in str(caught.value)


def test_paths_that_are_no_file(tmp_path, monkeypatch):
    cases = [
        (tmp_path / "none.txt", "no such file"),
        (tmp_path, "is a folder"),
        ("/dev/null", "is a device"),
        (tmp_path / ("long" * 100), "cannot read"),
        ("null\0byte", "cannot read"),
    ]
    for path, message in cases:
        with pytest.raises(CourseError, match=message):
            text_file(path)
    (tmp_path / "file").write_text("text")
    with pytest.raises(CourseError, match="no such file"):
        text_file(tmp_path / "file" / "below")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(CourseError, match=r"cannot read .* Permission denied"):
        text_file(tmp_path / "file")


def test_unknown_way_to_cut(tmp_path):
    with pytest.raises(CourseError, match="choose 'line', 'paragraph' or 'auto'"):
        texts_of(tmp_path, "text", "sentence")
    with pytest.raises(CourseError, match="choose 'paragraph' or 'chapter'"):
        book("text\n", by="line")


# web pages

PAGE = """<!DOCTYPE html>
<html><head><title>Not this</title><style>p {color: red}</style></head>
<body><nav><a href="/">Home</a> <a href="/all">All recipes</a></nav>
<header>Site name</header>
<h1>Bread,
  slowly</h1>
<p>Mix <b>flour</b> and&nbsp;water.<br>Wait<!-- long --> a day.
<p>Bake &amp; eat.
<ul><li>Flour</li><li>Water &lt;cold&gt;</li></ul>
<table><tr><td>Oven</td><td>250 C</td></tr></table>
<pre>10:00  mix
11:00  fold</pre>
<script>var x = "<p>not this</p>";</script>
<form><button>Subscribe</button></form><footer>Imprint</footer></body></html>
"""


def test_web_page_keeps_text_and_drops_the_rest():
    assert web_page(PAGE) == (
        "Bread, slowly\n\nMix flour and water.\nWait a day.\n\nBake & eat.\n\nFlour\n\n"
        "Water <cold>\n\nOven 250 C\n\n10:00  mix\n11:00  fold"
    )


def test_web_page_reads_the_main_part_alone():
    page = "<p>Advert</p><main><header>Title</header><p>Text</p></main><p>Also</p>"
    assert web_page(page) == "Title\n\nText"
    assert web_page("<div>Bare <i>te</i>xt") == "Bare text"
    assert web_page("<div>" * 3000 + "deep") == "deep"


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("https://example.org", "no HTML"),
        ("", "no HTML"),
        ("<script>x</script>", "no readable text"),
        ("<p> </p>", "no readable text"),
    ],
)
def test_web_page_without_text(html, message):
    with pytest.raises(CourseError, match=message):
        web_page(html)


# books

BOOK = """A Short Walk

CHAPTER I
The Gate

It was early, and the gate stood half-
open; nobody had come by for days, or
so the dust said--
and dust is honest.

She went in.

    Go slow, go slow,
      the path is long.

Chapter 2

Home again.
"""


def test_book_joins_wrapped_lines_and_keeps_verse(tmp_path):
    rows = book(BOOK)
    assert rows["text"][:] == [
        "A Short Walk",
        "It was early, and the gate stood half-open; nobody had come by for days, or "
        "so the dust said--and dust is honest.",
        "She went in.",
        "    Go slow, go slow,\n      the path is long.",
        "Home again.",
    ]
    assert rows["chapter"][:] == [
        "",
        "CHAPTER I The Gate",
        "CHAPTER I The Gate",
        "CHAPTER I The Gate",
        "Chapter 2",
    ]
    path = tmp_path / "book.txt"
    path.write_bytes(BOOK.replace("\n", "\r\n").encode())
    assert book(path)["text"][:] == book(str(path))["text"][:] == rows["text"][:]
    chapters = book(BOOK, by="chapter")
    assert len(chapters) == 3
    assert chapters[1]["text"].endswith("She went in.\n\n" + rows["text"][3])


def test_book_without_its_wrapping():
    text = "Licence\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nOnce.\n\n"
    text += "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\nMore licence\n"
    assert book(text)["text"][:] == ["Once."]
    with pytest.raises(CourseError, match="holds no text"):
        book("CHAPTER I\n\nCHAPTER II\n")


# the tiny profile's files

SPLITS = ["train", "validation", "test"]


def texts_in(path: str) -> list[str]:
    return pq.read_table(path)["text"].to_pylist()


def small(monkeypatch, count=60):
    texts = [" ".join(f"word{n}x{k}" for k in range(9)) for n in range(count)]
    ids = [str(i) for i in range(count)]
    chats = Dataset.from_dict({"id": ids, "text": texts})
    pairs = Dataset.from_dict({"id": ["0"], "dialogue": ["A: hi"], "summary": ["Hi."]})
    monkeypatch.setattr(sources, "chitchat", lambda: chats)
    monkeypatch.setattr(
        sources,
        "_tinychats",
        lambda: dict.fromkeys(SPLITS, pairs),
    )
    return texts


def test_local_data_is_written_once_and_whole(monkeypatch, tmp_path):
    texts = small(monkeypatch)
    paths = sources.write_local_data(tmp_path / "data")
    assert list(paths) == ["chitchat", "tinychats"]
    assert all(list(part) == SPLITS for part in paths.values())
    parts = {name: texts_in(path) for name, path in paths["chitchat"].items()}
    assert sorted(text for part in parts.values() for text in part) == sorted(texts)
    first = hashlib.sha256(b"0").digest()[0] * 20 // 256
    assert first > 1
    assert texts[0] in parts["train"]
    files = [p.name for p in (tmp_path / "data").rglob("*") if p.is_file()]
    assert sorted(files) == sorted(
        [f"{s}.parquet" for s in SPLITS] * 2 + ["version.txt"]
    )

    def again():
        raise AssertionError("written twice")

    monkeypatch.setattr(sources, "chitchat", again)
    assert sources.write_local_data(tmp_path / "data") == paths


def test_local_data_is_written_anew_when_part_is_missing_or_old(monkeypatch, tmp_path):
    small(monkeypatch)
    paths = sources.write_local_data(tmp_path)
    for harm in ("missing", "old"):
        if harm == "missing":
            (tmp_path / "chitchat" / "test.parquet").unlink()
        else:
            (tmp_path / "version.txt").write_text("old")
            small(monkeypatch, 30)
        assert sources.write_local_data(tmp_path) == paths
        assert (tmp_path / "chitchat" / "test.parquet").exists()
    assert sum(len(texts_in(path)) for path in paths["chitchat"].values()) == 30


def test_local_data_stopped_half_way_leaves_no_marker(monkeypatch, tmp_path):
    small(monkeypatch)

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "_tinychats", stop)
    with pytest.raises(KeyboardInterrupt):
        sources.write_local_data(tmp_path)
    assert not (tmp_path / "version.txt").exists()
    small(monkeypatch)
    sources.write_local_data(tmp_path)
    assert (tmp_path / "version.txt").exists()


def test_local_data_where_nothing_can_be_written(monkeypatch, tmp_path):
    small(monkeypatch)
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot write"):
        sources.write_local_data(tmp_path / "file")


def test_the_real_local_data(tmp_path):
    with at_most(60):
        paths = sources.write_local_data(tmp_path)
    data = load_dataset(
        "parquet", data_files=paths["chitchat"], cache_dir=str(tmp_path)
    )
    assert {name: part.column_names for name, part in data.items()} == {
        name: ["text"] for name in SPLITS
    }
    total = sum(map(len, data.values()))
    assert 5600 < total < 6000
    assert 0.03 < len(data["test"]) / total < 0.07
    assert 0.03 < len(data["validation"]) / total < 0.07
    train = data["train"]["text"][:]
    assert leaks(train, data["test"]["text"][:] + data["validation"]["text"][:]) == []
    pairs = load_dataset(
        "parquet", data_files=paths["tinychats"], cache_dir=str(tmp_path)
    )
    assert {name: len(part) for name, part in pairs.items()} == {
        "train": 6000,
        "validation": 300,
        "test": 300,
    }
    assert {"id", "dialogue", "summary"} <= set(pairs["test"].column_names)
    assert json.dumps(pairs["test"][0])


def stand_in(monkeypatch, answer):
    """Let the Hub be there, and `load_dataset` give or raise `answer`."""
    import datasets

    from course_utils.machine import runtime

    def load_dataset(*arguments, **options):
        load_dataset.called_with = arguments, options
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(runtime, "online", lambda: True)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return load_dataset


def test_a_data_set_of_the_hub_by_name(monkeypatch):
    from datasets import Dataset

    rows = Dataset.from_dict({"text": ["a", "", None, "b"], "id": [1, 2, 3, 4]})
    fake = stand_in(monkeypatch, rows)
    assert hub_text("owner/name:config", "validation").to_dict() == {"text": ["a", "b"]}
    assert fake.called_with == (("owner/name", "config"), {"split": "validation"})


def test_an_unknown_data_set_is_one_line(monkeypatch):
    from datasets.exceptions import DatasetNotFoundError

    missing = DatasetNotFoundError("Dataset 'a/b' doesn't exist on the Hub.\nMore")
    stand_in(monkeypatch, missing)
    with pytest.raises(CourseError) as caught:
        hub_text("a/b")
    assert str(caught.value) == (
        "cannot load the data set a/b (train) from the Hub: there is none, or it is "
        "private: check the name, or HF_TOKEN."
    )


def test_a_data_set_without_text_names_its_columns(monkeypatch):
    from datasets import Dataset

    stand_in(monkeypatch, Dataset.from_dict({"content": ["a"]}))
    with pytest.raises(CourseError, match="no column text, only content"):
        hub_text("a/b")
    assert hub_text("a/b", column="content")["text"][:] == ["a"]
