import os
from contextlib import contextmanager

import pytest

from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path, content_key, read_text, write_text


def test_atomic_path_replaces_whole(tmp_path):
    target = tmp_path / "a" / "report.json"
    write_text(target, "old")
    write_text(target, "new")
    assert target.read_text() == "new"
    assert [p.name for p in target.parent.iterdir()] == ["report.json"]


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path):
    target = write_text(tmp_path / "f", "old")

    with pytest.raises(KeyboardInterrupt), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unwritable_folder_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot write"):
        write_text(tmp_path / "file" / "below", "x")


def test_without_permission_nothing_is_read_or_written(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("text")
    path.chmod(0)
    tmp_path.chmod(0o555)
    with an_ordinary_user():
        with pytest.raises(CourseError, match=r"cannot read .*Permission denied"):
            read_text(path)
        with pytest.raises(CourseError, match=r"cannot write .*Permission denied"):
            write_text(tmp_path / "out.txt", "x")
    tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def an_ordinary_user():
    """Give up root's rights, if these are root's."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xff\xfea\x00b\x00", "is UTF-16"),
        (b"PNG\x00\x01\x02", "is a binary file"),
        ("caf\xe9 au lait".encode("latin-1"), "not UTF-8"),
    ],
)
def test_read_text_names_what_is_wrong(tmp_path, data, message):
    path = tmp_path / "in.txt"
    path.write_bytes(data)
    with pytest.raises(CourseError, match=message) as caught:
        read_text(path)
    assert "\n" not in str(caught.value)


def test_read_text_missing_and_folder(tmp_path):
    with pytest.raises(CourseError, match="no such file"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(CourseError, match="is a folder"):
        read_text(tmp_path)


def test_read_text_normalises_line_ends_and_drops_the_mark(tmp_path):
    path = tmp_path / "in.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert read_text(path) == "one\ntwo\nthree\n"


def test_content_key_tells_parts_apart():
    assert content_key("ab", "c") != content_key("a", "bc")
    assert content_key(1) == content_key(1)
