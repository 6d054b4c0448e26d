"""A run on a mounted Drive, killed while it writes a checkpoint, goes on as before."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.machine.files import write_text
from course_utils.training.tracking import read_offline_run
from course_utils.training.trainer import last_checkpoint, save_model

DRIVE = Path(__file__).parents[1] / "drive.py"


def course(drive, kill_at, *arguments):
    command = [sys.executable, DRIVE, drive, kill_at, *arguments, "--json"]
    return subprocess.run([*map(str, command)], capture_output=True, text=True)


def losses(out):
    """Return {step: training loss} of the run's newest tracked part."""
    rows = read_offline_run(out, wait=0).history
    return {r["train/global_step"]: r["train/loss"] for r in rows if "train/loss" in r}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "half_written"),
    [
        ("tiny", "model.safetensors"),
        pytest.param("colab", "optimizer.pt", marks=pytest.mark.long),
        ("full", "rng_state.pth"),
    ],
)
def test_each_profile_resumes_from_a_drive(profile, half_written, tmp_path):
    drive = tmp_path / "MyDrive"
    drive.mkdir()
    # A student's own folder may be a link to the mounted one.
    mounted = tmp_path / "runs"
    mounted.symlink_to(drive)
    text = tmp_path / "text.txt"
    text.write_text("\n".join(f"Line {i}: {i * i % 97} birds." for i in range(400)))
    settings = ["train", text, "--profile", profile, "--steps", 8, "--out"]

    whole = course(drive, "-", *settings, mounted / "whole")
    assert whole.returncode == 0, whole.stderr
    expected = json.loads(whole.stdout)

    end = f"checkpoint-5/{half_written}"
    killed = course(drive, end, *settings, mounted / "killed")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (drive / "killed" / end).exists()
    assert last_checkpoint(mounted / "killed").name == "checkpoint-4"

    resumed = course(drive, "-", *settings, mounted / "killed", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    report = json.loads(resumed.stdout)
    assert report["profile"] == profile
    assert report["parameters"] < 2e6  # drive.py made it small
    for key in ("perplexity_before", "perplexity_after"):
        assert report[key] == pytest.approx(expected[key], rel=1e-4)
    again = losses(drive / "killed")
    assert again.keys() == {5, 6, 7, 8}
    differences = [abs(x - losses(drive / "whole")[step]) for step, x in again.items()]
    assert max(differences) < 1e-4
    print(f"{profile}: largest difference of a loss {max(differences):.1e}")


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """A folder that behaves like a mounted Drive, in this process."""
    import os

    import drive

    for name in ("rename", "replace", "symlink", "link"):
        monkeypatch.setattr(os, name, getattr(os, name))  # put back at the end
    folder = tmp_path / "MyDrive"
    folder.mkdir()
    drive.like_drive(folder)
    return folder


def test_the_drive_refuses_links_and_moves(drive, tmp_path):
    file = write_text(tmp_path / "a.txt", "a")
    with pytest.raises(OSError, match="cross-device"):
        file.rename(drive / "a.txt")
    with pytest.raises(OSError, match="not supported"):
        (drive / "link").symlink_to(file)


def test_files_and_models_are_written_beside_their_place(drive, tiny_model, tokenizer):
    assert write_text(drive / "report.json", "{}").read_text() == "{}"
    for _ in range(2):  # new, and over an old one
        save_model(tiny_model, tokenizer, drive / "model")
    assert {path.name for path in drive.iterdir()} == {"report.json", "model"}


def test_a_save_that_fails_leaves_the_old_model(
    tiny_model, tokenizer, tmp_path, monkeypatch
):
    folder = save_model(tiny_model, tokenizer, tmp_path / "model")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(folder):
        raise OSError("no space")

    monkeypatch.setattr(tokenizer, "save_pretrained", fail)
    with pytest.raises(OSError, match="no space"):
        save_model(tiny_model, tokenizer, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    monkeypatch.undo()
    save_model(tiny_model, tokenizer, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
