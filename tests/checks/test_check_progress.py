"""Points outlive a kernel, in one small file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_utils.checks import progress, questions
from course_utils.commands.cli import app
from course_utils.commands.progress import progress_report


def test_points_are_kept_and_the_newest_counts(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_RUNS", raising=False)
    assert progress.earned_before(tmp_path) == {}
    progress.keep({"ex05_1": 1, "ex05_2": 2}, tmp_path)
    assert progress.keep({"ex05_2": 0}, tmp_path) == {"ex05_1": 1, "ex05_2": 0}
    assert progress.earned_before(tmp_path) == {"ex05_1": 1, "ex05_2": 0}


def test_a_damaged_file_and_a_folder_that_cannot_be_written_are_no_error(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("COURSE_RUNS", raising=False)
    progress.keep({"ex05_1": 1}, tmp_path)
    for damaged in ("", "[1]", '{"ex05_1": []}', "\0"):
        progress.progress_file(tmp_path).write_text(damaged)
        assert progress.earned_before(tmp_path) == {}
    monkeypatch.setenv("COURSE_RUNS", "/proc/none")
    assert progress.keep({"ex05_1": 1}, tmp_path) == {"ex05_1": 1}


def test_a_later_kernel_goes_on_with_the_total(tmp_path, monkeypatch, capsys):
    from course_utils.checks import check, run_question

    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    monkeypatch.setattr(run_question, "in_notebook", lambda: True)
    monkeypatch.setattr(run_question, "_earned", {})
    progress.keep({"ex05_2": 2})

    def steps_per_epoch(n_blocks, *sizes):
        size = sizes[0] * sizes[1] * sizes[2]
        return size, -(-n_blocks // size)

    check("ex05_1")
    assert capsys.readouterr().out == "ex05_1: 1 of 1 point. So far: 3 of 10.\n"
    assert json.loads((tmp_path / "progress.json").read_text()) == {
        "ex05_1": 1,
        "ex05_2": 2,
    }


def test_progress_says_what_is_next(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_RUNS", raising=False)
    asked = questions("ex01")
    progress.keep({item.id: item.points for item in asked}, tmp_path)
    report = progress_report(tmp_path)
    first, second = report["exercises"][:2]
    assert first["points"] == first["out_of"] == report["points"]
    assert first["next"] == ""
    assert report["next"] == f"Next: {second['next']}."
    assert second["next"].startswith("Exercise 2.1")


def test_points_in_words_stand_beside_the_sum():
    exercises = Path(__file__).parents[2] / "exercises"
    report = progress_report(exercises)
    each = [row["in_words"] for row in report["exercises"]]
    assert report["in_words"] == sum(each) > 0
    shown = CliRunner().invoke(app, ["progress", str(exercises)]).stdout
    assert f"points (+ {sum(each)} in words)." in shown


@pytest.mark.parametrize("above", [False, True])
def test_progress_is_found_from_above_the_exercises(above, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_RUNS", raising=False)
    course = tmp_path / "train-gpt"
    asked = questions("ex01")
    progress.keep({item.id: item.points for item in asked}, course / "exercises")
    monkeypatch.chdir(tmp_path if above else course)
    for folder in (None, course):
        assert progress_report(folder)["exercises"][0]["next"] == ""
