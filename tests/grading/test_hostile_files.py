"""Whatever one student hands in, it is listed with its reason, and the others count."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pace import at_most

from course_utils.grading.discover import MAX_ATTEMPTS, MAX_FILES, find

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil

DOCUMENT = evil.notebook(evil.Evil("good", evil.RATE))
GOOD = json.dumps(DOCUMENT).encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return content.getvalue()


def changed(**changes: object) -> bytes:
    """Return the notebook with another first cell."""
    first = {**DOCUMENT["cells"][0], **changes}
    return json.dumps({**DOCUMENT, "cells": [first, *DOCUMENT["cells"][1:]]}).encode()


# What bob hands in, and a word of why it cannot be read; "" if nothing is wrong.
FILES = {
    "a number as source": ("bob.ipynb", changed(source=["x = 1\n", 5]), "no text"),
    "a source of sources": ("bob.ipynb", changed(source=[["x"]]), "no text"),
    "a source of true": ("bob.ipynb", changed(source=True), "no text"),
    "an endless number": ("bob.ipynb", b"9" * 10**6, "no notebook"),
    "a cell type of lists": ("bob.ipynb", changed(cell_type=[[]]), "is none"),
    "metadata of numbers": ("bob.ipynb", changed(metadata=3), ""),
    "half a surrogate": ("bob.ipynb", changed(source="\ud800"), ""),
    "cells as text": ("bob.ipynb", b'{"cells": "abc"}', "no cells"),
    "cells as an object": ("bob.ipynb", b'{"cells": {"a": 1}}', "no cells"),
    "empty cells": ("bob.ipynb", b'{"cells": [' + b"{}," * 10**5 + b"{}]}", "5000"),
    "lists 100,000 deep": ("bob.ipynb", b"[" * 10**5, "no notebook"),
    "NaN as a document": ("bob.ipynb", b"NaN", "no notebook"),
    "twice the same key": ("bob.ipynb", b'{"cells": 1,' + GOOD[1:], ""),
    "UTF-16": ("bob.ipynb", GOOD.decode().encode("utf-16"), "UTF-16"),
    "UTF-32": ("bob.ipynb", GOOD.decode().encode("utf-32"), "UTF-16"),
    "latin-1": ("bob.ipynb", b"\xe9" + GOOD, "no notebook"),
    "nothing": ("bob.ipynb", b"", "empty"),
    "a file as folder": (
        "bob.zip",
        zipped(("a.ipynb/submitted/b.ipynb", GOOD), ("a.ipynb", GOOD)),
        "",
    ),
    "only submitted": ("bob.zip", zipped(("submitted", GOOD)), "no notebook"),
    "a name of nothing": ("bob.zip", zipped((".ipynb", GOOD)), "no notebook"),
    "a name of slashes": ("bob.zip", zipped(("////.ipynb", GOOD)), "no notebook"),
    "a name of dots": ("bob.zip", zipped(("../..", GOOD)), "no notebook"),
    "a path 5,000 deep": ("bob.zip", zipped(("a/" * 5000 + "b.ipynb", GOOD)), ""),
    "24,000 underscores": (
        "bob.zip",
        zipped(("_" * 24_000 + ".ipynb", GOOD), ("_" * 240 + ".ipynb", GOOD)),
        "",
    ),
    "a zip of nothing": ("bob.zip", b"", "empty"),
    "no zip": ("bob.zip", b"PK\x03\x04" * 1000, "no readable zip"),
    "a comment": ("bob.zip", zipped(("b.ipynb", GOOD)) + b"PK\x05\x06", ""),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file(what, tmp_path):
    name, content, why = FILES[what]
    (tmp_path / "ann_ex05_training.ipynb").write_bytes(GOOD)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / name).write_bytes(content)
    with at_most(2):
        ann, *bobs = find(tmp_path)
    assert (ann.student, ann.problem) == ("ann", "")
    assert {bob.student for bob in bobs} == {"bob"}
    if why:
        assert why in "".join(bob.problem for bob in bobs)
    elif what != "a comment":
        assert any(bob.cells for bob in bobs), [bob.problem for bob in bobs]


def test_folders_in_folders(tmp_path):
    """1,500 of them are more than a path or a recursion can hold."""
    (tmp_path / "ann_ex05.ipynb").write_bytes(GOOD)
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("bob", dir_fd=here)
        below = os.open("bob", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    ann, bob = find(tmp_path)
    subprocess.run(["rm", "-r", tmp_path / "bob"], check=True)  # pytest cannot
    assert (ann.student, ann.problem) == ("ann", "")
    assert bob.student == "bob"
    assert "other folders" in bob.problem


@pytest.mark.parametrize("place", ["venv", ".git", "node_modules", "data", "work/env"])
def test_packages_are_not_walked(tmp_path, place):
    folder = tmp_path / "bob" / place
    folder.mkdir(parents=True)
    if place.endswith("env"):
        (folder / "pyvenv.cfg").touch()
    for number in range(50):
        (folder / f"{number}.ipynb").write_bytes(b"")
    (tmp_path / "bob" / "ex05.ipynb").write_bytes(GOOD)
    [bob] = find(tmp_path)
    assert (bob.student, bob.problem) == ("bob", "")


def test_many_files_cost_one_student(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.grading.discover.MAX_FILES", 200)
    for name in ("ann", "bob", "cy"):
        (tmp_path / name / "z").mkdir(parents=True)
        (tmp_path / name / "z" / "ex05.ipynb").write_bytes(GOOD)
    for number in range(201):
        (tmp_path / "bob" / f"{number}.txt").touch()
    found = {item.student: item.problem for item in find(tmp_path)}
    assert found.pop("bob").startswith("it holds over 200 files")
    assert found == {"ann": "", "cy": ""}
    assert MAX_FILES == 20_000


def test_notebooks_beyond_a_few_are_not_run(tmp_path):
    members = [(f"{number}_ex05.ipynb", GOOD) for number in range(20)]
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "all.zip").write_bytes(zipped(*members))
    (tmp_path / "ann_ex05.ipynb").write_bytes(GOOD)
    found = list(find(tmp_path))
    assert sum(not item.problem for item in found) == 1 + MAX_ATTEMPTS
    assert {item.problem for item in found if item.student == "ann"} == {""}
    assert len(found) == 21


def test_of_many_attempts_the_newest_are_graded(tmp_path):
    """Blackboard's download holds all attempts, the oldest first by name."""
    (tmp_path / "bob").mkdir()
    for day in range(8):
        name = f"Exercise 5_ann_attempt_2026-11-2{day}-13-05-44_ex05.ipynb"
        for path in (tmp_path / name, tmp_path / "bob" / f"{day}_ex05.ipynb"):
            path.write_bytes(GOOD)
            os.utime(path, (day, day))
    found = [item for item in find(tmp_path) if not item.problem]
    for student, newest in (("ann", "2026-11-27"), ("bob", "bob/7_")):
        paths = [item.path for item in found if item.student == student]
        assert len(paths) == MAX_ATTEMPTS
        assert any(newest in path for path in paths)
