"""Submissions are found, whatever their layout, and what cannot be read is told."""

import errno
import json
import os
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from course_utils.grading.discover import find, student_of

sys.path.insert(0, str(Path(__file__).parent))
import evil


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("submitted/ann/ex05/ex05_training.ipynb", "ann"),
        ("ann/ex05/ex05_training.ipynb", "ann"),
        ("ann/ex05_training.ipynb", "ann"),
        ("ex05/ann.ipynb", "ann"),
        ("ann_ex05_training.ipynb", "ann"),
        ("ex05_training-ann.ipynb", "ann"),
        (
            "Ann Lee_1_assignsubmission_file_/ex05.ipynb",
            "Ann Lee_1_assignsubmission_file_",
        ),
        ("ann.ipynb", "ann"),
        ("ex05_training.ipynb", ""),
    ],
)
def test_student_of(path, student):
    assert student_of(PurePosixPath(path)) == student


def test_zips_of_both_kinds(tmp_path):
    text = json.dumps(evil.notebook(evil.Evil("")))
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ann/ex05_training.ipynb", text)
        archive.writestr("bob/ex05/ex05_training.ipynb", text)
    with zipfile.ZipFile(tmp_path / "cy.zip", "w") as archive:
        archive.writestr("homework/ex05_training.ipynb", text)
    assert [item.student for item in find(tmp_path)] == ["ann", "bob", "cy"]


def test_a_closed_folder_is_told(tmp_path, monkeypatch):
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        text = json.dumps(evil.notebook(evil.Evil("")))
        (tmp_path / name / "ex05.ipynb").write_text(text)
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("bob"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = {item.student: item.problem for item in find(tmp_path)}
    assert found["ann"] == ""
    assert found["bob"]
