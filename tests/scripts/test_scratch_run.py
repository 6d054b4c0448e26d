"""The script behind lesson 05's longer run."""

import json
import shutil

import pytest

from course_utils.training.replay import replay
from scripts import scratch_run

TINY = '{"n_embd": 32, "n_head": 2}'


def train(monkeypatch, capsys, folder):
    command = ["scratch_run", "--out", str(folder), "--steps", "6", "--model", TINY]
    command += ["--evaluations", "2", "--save-steps", "3", "--optimizer", "muon"]
    command += ["--replay", str(folder / "replay.json")]
    monkeypatch.setattr("sys.argv", command)
    scratch_run.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_stopped_run_ends_like_an_unbroken_one(tmp_path, monkeypatch, capsys):
    from transformers import AutoModelForCausalLM

    whole = train(monkeypatch, capsys, tmp_path)
    assert whole["tokens"] == 6 * 8 * 128
    assert [step for step, _ in whole["curve"]] == [0, 3, 6]
    shutil.rmtree(tmp_path / "checkpoint-6")  # stopped after three steps
    resumed = train(monkeypatch, capsys, tmp_path)
    assert resumed["perplexity"] == pytest.approx(whole["perplexity"], rel=1e-3)
    assert resumed["curve"] == whole["curve"]
    assert resumed["cpu_seconds"] > 0.5 * whole["cpu_seconds"]

    kept = replay(tmp_path / "replay.json")
    assert kept.facts["steps"] == 6
    assert [step for step, *_ in kept.samples] == [0] * 3 + [3] * 3 + [6] * 3
    assert any("eval_loss" in row for row in kept.log_history)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "step-6")
    assert str(model.dtype) == "torch.float16"
