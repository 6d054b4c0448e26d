"""Replays: what is written is what is read, and drawn like one's own run."""

import json

import pytest

from course_utils.evaluation.plots import loss_curve
from course_utils.machine.errors import CourseError
from course_utils.training.replay import FOLDER, replay, save_replay

LOG = [
    {"step": 1, "loss": 10.8234567, "learning_rate": 1e-5},
    {"step": 10, "loss": 8.5, "learning_rate": 6e-4},
    {"step": 10, "eval_loss": 8.75},
]
SAMPLES = [(0, "A:", " x\ny"), (10, "A:", " Hi! \N{GRINNING FACE}")]


def test_what_is_written_is_read(tmp_path):
    path = save_replay(tmp_path / "run.json", {"title": "a run"}, LOG, SAMPLES)
    run = replay(path)
    assert run.facts == {"title": "a run"}
    assert run.samples == SAMPLES
    assert run.log_history[1:] == LOG[1:]
    assert run.log_history[0]["loss"] == 10.823  # five digits
    assert len(loss_curve(run.log_history).axes[0].lines) == 2


def test_a_replay_that_is_not_there_is_one_line():
    with pytest.raises(CourseError, match=r"no replay no-such-run: there are"):
        replay("no-such-run")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"samples": [1]}', '{"facts": 1'])
def test_a_file_that_is_no_replay_is_one_line(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(CourseError, match=r"bad\.json"):
        replay(path)


def test_the_replays_that_ship_are_whole():
    for path in FOLDER.glob("*.json"):
        run = replay(path.stem)
        steps = [row["step"] for row in run.log_history]
        assert steps == sorted(steps)
        assert any("loss" in row for row in run.log_history)
        assert run.samples
        assert {"title", "device", "versions", "parameters", "data"} <= run.facts.keys()
        assert "/" not in json.dumps(run.facts)  # no path of the machine
