"""`course lab` copies the course, and never over a student's work."""

import json
import subprocess
import sys

import pytest

from course_utils.commands.lab import RECORD, copy_course
from course_utils.machine.errors import CourseError


@pytest.fixture
def source(tmp_path):
    """A course of two notebooks."""
    root = tmp_path / "source"
    for name in ("notebooks/01_a.ipynb", "exercises/ex01_a.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}, first edition")
    return root


def test_an_update_brings_what_is_new_and_keeps_what_was_changed(source, tmp_path):
    folder = tmp_path / "mine"
    names = ["START.md", "exercises/ex01_a.ipynb", "notebooks/01_a.ipynb"]
    assert sorted(copy_course(source, folder)["new"]) == names
    answered = folder / "exercises/ex01_a.ipynb"
    answered.write_text("my answer")
    assert copy_course(source, folder) == {"new": [], "replaced": [], "beside": []}
    assert answered.read_text() == "my answer"

    for name in names[1:]:
        (source / name).write_text(f"{name}, second edition")
    (source / "exercises/ex02_b.ipynb").write_text("another")
    assert copy_course(source, folder) == {
        "new": ["exercises/ex02_b.ipynb"],
        "replaced": ["notebooks/01_a.ipynb"],
        "beside": ["exercises/ex01_a.new.ipynb"],
    }
    assert answered.read_text() == "my answer"
    new = folder / "exercises/ex01_a.new.ipynb"
    assert new.read_text().endswith("second edition")
    assert (folder / "notebooks/01_a.ipynb").read_text().endswith("second edition")
    assert copy_course(source, folder) == {"new": [], "replaced": [], "beside": []}


def test_what_was_brought_beside_an_answer_is_replaced_until_it_is_changed(
    source, tmp_path
):
    folder = tmp_path / "mine"
    exercise = "exercises/ex01_a.ipynb"

    def brought(edition):
        (source / exercise).write_text(edition)
        return copy_course(source, folder)["beside"]

    copy_course(source, folder)
    (folder / exercise).write_text("my answer")
    new = folder / "exercises/ex01_a.new.ipynb"
    for edition in ("second", "third"):
        assert brought(edition) == ["exercises/ex01_a.new.ipynb"]
        assert new.read_text() == edition
    new.write_text("my second answer")
    assert brought("fourth") == ["exercises/ex01_a.new2.ipynb"]
    assert new.read_text() == "my second answer"
    assert (folder / exercise).read_text() == "my answer"


@pytest.mark.parametrize("record", ["[]", "null", "{", '"x"', '{"START.md": 5}'])
def test_a_damaged_record_costs_no_answer(source, tmp_path, record):
    folder = tmp_path / "mine"
    copy_course(source, folder)
    (folder / RECORD).write_text(record)
    assert copy_course(source, folder) == {"new": [], "replaced": [], "beside": []}
    (folder / RECORD).write_text(record)
    (folder / "notebooks/01_a.ipynb").write_text("my answer")
    with pytest.raises(CourseError, match="is not the course's"):
        copy_course(source, folder)
    assert (folder / "notebooks/01_a.ipynb").read_text() == "my answer"


def test_what_stands_in_the_way_is_one_line(source, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(CourseError, match="cannot write"):
        copy_course(source, taken)
    assert taken.read_text() == "mine"
    folder = tmp_path / "mine"
    (folder / "notebooks/01_a.ipynb").mkdir(parents=True)
    with pytest.raises(CourseError, match=r"01_a\.ipynb is not the course's"):
        copy_course(source, folder)


def test_files_of_others_are_left_alone(source, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "START.md").write_text("mine")
    with pytest.raises(CourseError, match=r"START\.md is not the course's"):
        copy_course(source, folder)
    assert [path.name for path in folder.iterdir()] == ["START.md"]


def test_a_copy_that_was_interrupted_goes_on(source, tmp_path):
    folder = tmp_path / "mine"
    copy_course(source, folder)
    (folder / RECORD).unlink()
    (folder / "notebooks/01_a.ipynb").unlink()
    assert copy_course(source, folder)["new"] == ["notebooks/01_a.ipynb"]


def test_a_second_call_copies_nothing_without_update(tmp_path):
    command = [sys.executable, "-m", "course_utils", "lab", tmp_path / "mine"]
    command += ["--no-open", "--json"]
    first, second = (
        json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for _ in range(2)
    )
    assert len(first["new"]) > 30
    assert second == {"folder": str(tmp_path / "mine")}
