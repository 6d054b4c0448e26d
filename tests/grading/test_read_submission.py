"""The process that reads: a bad file costs that file, and no other."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.read_submission import Reader
from course_utils.machine.errors import CourseError

GOOD = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}]}).encode()


@pytest.fixture(scope="module")
def reader():
    with Reader() as made:
        yield made


def zipped(**members: bytes | str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 5, 4, 3, 2, 0)), data)
    return content.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_notebook_and_a_zip_in_a_zip(reader, tmp_path):
    [cell] = reader.cells(written(tmp_path, "a.ipynb", GOOD))
    assert cell["source"] == "x = 1"
    inner = zipped(**{"b.ipynb": GOOD, "c.txt": "x"})
    path = written(tmp_path, "a.zip", zipped(**{"é/x.ipynb": b"", "in.zip": inner}))
    empty, inside = reader.members(path)
    assert empty[:3] == ("é/x.ipynb", True, 0)
    assert inside.name == "in.zip"
    assert inside.time is not None
    assert [member.name for member in reader.members(path, (1,))] == [
        "b.ipynb",
        "c.txt",
    ]
    assert reader.cells(path, (1, 0)) == (cell,)
    with pytest.raises(CourseError, match="it is empty"):
        reader.cells(path, (0,))


def test_links_pipes_and_folders_are_refused(reader, tmp_path):
    written(tmp_path, "a.ipynb", GOOD)
    os.symlink(tmp_path / "a.ipynb", tmp_path / "link.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name, why in (
        ("link", "it is a link"),
        ("pipe", "no plain file"),
        ("folder", "no plain file"),
        ("none", "No such file"),
    ):
        with pytest.raises(CourseError, match=why):
            reader.cells(tmp_path / f"{name}.ipynb")


def test_cells_are_counted_before_they_are_copied(reader, tmp_path):
    many = b'{"cells": [' + b"{}," * 500_000 + b"{}]}"
    with pytest.raises(CourseError, match="more than 5000 cells"):
        reader.cells(written(tmp_path, "many.ipynb", many))


def test_a_file_has_its_memory_and_its_time(tmp_path):
    many = b'{"cells": [' + b"{}," * 1_500_000 + b"{}]}"
    heavy = written(tmp_path, "heavy.ipynb", many)
    light = written(tmp_path, "light.ipynb", GOOD)
    with Reader(memory=2**26) as reader:
        with pytest.raises(CourseError, match="too much memory"):
            reader.cells(heavy)
        assert reader.cells(light)
    with Reader(seconds=0.05) as reader:
        with pytest.raises(CourseError, match="too long to read"):
            reader.cells(heavy)
        assert reader.cells(light)
        reader._process.kill()
        with pytest.raises(CourseError, match="ends the process that reads it"):
            reader.cells(light)
        assert reader.cells(light)


def test_long_names_are_cut(reader, tmp_path):
    content = zipped(**{"x" * 60_000: b"", "y.ipynb": GOOD})
    path = written(tmp_path, "names.zip", content)
    assert [len(member.name) for member in reader.members(path)] == [1001, 7]
    assert reader.cells(path, (1,))


def test_a_member_that_is_not_there(reader, tmp_path):
    path = written(tmp_path, "a.zip", zipped(**{"a.ipynb": GOOD}))
    with pytest.raises(CourseError, match="broken inside"):
        reader.cells(path, (7,))
