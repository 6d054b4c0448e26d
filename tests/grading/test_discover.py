"""Submissions are found, whatever their layout, and what cannot be read is told."""

import errno
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.discover import find
from course_utils.grading.roster import read_roster

sys.path.insert(0, str(Path(__file__).parents[1]))
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
        ("Ann Lee_1_assignsubmission_file_/ex05.ipynb", "Ann Lee"),
        ("ann.ipynb", "ann"),
        ("eve/submitted/ann/ex05.ipynb", "eve"),
        ("ex05_training.ipynb", "ex05_training.ipynb"),
    ],
)
def test_one_path(tmp_path, path, student):
    hand_in(tmp_path / path)
    [found] = find(tmp_path)
    assert found.student == student
    assert bool(found.problem) == (student == path)


def hand_in(path: Path, text: str = "") -> None:
    """Write a notebook of exercise 5."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(evil.notebook(evil.Evil("", text))))


def zipped(path: Path, *names: str) -> None:
    """Write an archive of notebooks, each of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            case = evil.Evil("", f"name = {name!r}")
            archive.writestr(name, json.dumps(evil.notebook(case)))


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ann/ex05_training.ipynb", "bob/ex05/ex05_training.ipynb"], ["ann", "bob"]),
        (["class/ann/ex05_training.ipynb", "class/bob/ex05.ipynb"], ["ann", "bob"]),
        (["ann_ex05_training.ipynb", "bob_ex05_training.ipynb"], ["ann", "bob"]),
        (["ex05/ann.ipynb", "ex05/bob.ipynb"], ["ann", "bob"]),
        (["submitted/ann/ex05/ex05.ipynb"], ["ann"]),
        (["homework/ex05_training.ipynb"], ["top"]),
        (["ex05/ex05_training.ipynb", "notes/scratch_ex05.ipynb"], ["top", "top"]),
        (["ex05_training.ipynb", "ex05_training (1).ipynb"], ["top", "top"]),
        (["a/ex05_training-Copy1.ipynb", "a/ex05_training-Copy2.ipynb"], ["top"] * 2),
    ],
)
def test_a_zip_in_the_folder_is_a_class_if_it_names_several(tmp_path, names, students):
    zipped(tmp_path / "top.zip", *names)
    for folder in (tmp_path, tmp_path / "top.zip"):
        found = list(find(folder))
        assert [item.student for item in found] == students
        paths = [f"top.zip/{name}" for name in sorted(names)]
        assert [item.path for item in found] == paths


@pytest.mark.parametrize("place", ["submitted/eve/ex05/work.zip", "eve/work.zip"])
def test_a_students_zip_names_no_other_student(tmp_path, place):
    names = ["ann/ex05.ipynb", "bob/ex05.ipynb", "submitted/cy/ex05/ex05.ipynb"]
    zipped(tmp_path / place, *names)
    found = list(find(tmp_path))
    assert {item.student for item in found} == {"eve"}
    assert any("it names ann, bob, cy" in item.problem for item in found)


def test_of_a_course_folder_only_what_was_handed_in(tmp_path):
    text = json.dumps(evil.notebook(evil.Evil("")))
    for top in ("source", "release", "submitted/ann", "autograded/ann"):
        (tmp_path / top / "ex05").mkdir(parents=True)
        (tmp_path / top / "ex05" / "ex05_training.ipynb").write_text(text)
    [found] = find(tmp_path)
    assert (found.student, found.path) == ("ann", "ann/ex05/ex05_training.ipynb")


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


@pytest.mark.parametrize(
    "names", [("Ann", "ann"), ("ÉLISE", "élise"), ("STRASSE", "Straße")]
)
def test_names_that_differ_in_case_alone_are_asked_about(tmp_path, names):
    """They are neither merged nor split, and cost nobody else anything."""
    for name in (*names, "bob"):
        hand_in(tmp_path / name / "ex05.ipynb")
    found = {item.student: item for item in find(tmp_path)}
    assert found["bob"].cells
    for name in names:
        assert found[name].cells == ()
        assert "in capital letters alone" in found[name].problem
        assert "--roster" in found[name].problem
    roster = tmp_path.parent / f"{tmp_path.name}.csv"
    roster.write_text(f"Name\n{names[0]}\nBob\n")
    known = find(tmp_path, read_roster([roster]))
    mine = [(item.student, item.problem) for item in known if item.student != "Bob"]
    assert mine == [(names[0], "")] * 2
