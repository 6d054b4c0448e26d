"""`make gpu-check`: what it does without a GPU, and how it measures."""

# ruff: noqa: E402 (scripts are no package: their folder is put on the path first)

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from course_utils.model import planner
from course_utils.training.replay import replay
from scripts import gpu_check, gpu_measure
from scripts.gpu_check import Part, run_together
from scripts.gpu_measure import HEADING, WAYS, Clock, measure, peak_tflops, row

SHAPE = {"n_layer": 1, "n_embd": 32, "n_head": 2}


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_without_a_gpu_it_is_one_line_and_a_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu_check", "--out", str(tmp_path / "out")])
    assert gpu_check.main() == 1
    assert capsys.readouterr().out == "no CUDA device: nothing was measured\n"
    assert not (tmp_path / "out").exists()


def test_every_part_has_an_end_of_its_own(tmp_path, monkeypatch):
    """One part fails, one hangs and ignores SIGTERM; the third is not disturbed."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "good.py").write_text("print('a figure')\nprint('= the last line =')\n")
    (programs / "bad.py").write_text("raise SystemExit('it failed')\n")
    (programs / "slow.py").write_text(
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    path = {"PYTHONPATH": str(programs)}
    monkeypatch.setattr(gpu_check, "PATIENCE", 0.5)
    start = time.monotonic()
    parts = [
        Part("good", ["good"], 20, path),
        Part("bad", ["bad"], 20, path),
        Part("slow", ["slow", str(tmp_path / "pid")], 3, path),
    ]
    run_together(parts, tmp_path)
    assert time.monotonic() - start < 15
    ended = {record["part"]: record for record in records(tmp_path / "parts.jsonl")}
    assert ended["good"]["status"] == 0
    assert ended["good"]["said"] == "the last line"
    assert ended["bad"]["status"] == 1
    assert ended["bad"]["said"] == "it failed"
    assert ended["slow"]["how"] == "cut off"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_table_has_what_was_measured_and_what_failed(tmp_path, monkeypatch):
    fake = SimpleNamespace(get_device_name=lambda: "NVIDIA H100")
    monkeypatch.setattr(gpu_check.torch, "cuda", fake)
    measured = dict.fromkeys(
        ("tokens_per_second", "mfu", "peak_bytes", "predicted_bytes", "first_seconds"),
        0.5,
    )
    lines = [
        {"name": "trainer-cudnn", "losses": [1.0], **measured},
        {"name": "nano", "error": "CUDA error: no kernel image"},
    ]
    for line in lines:
        gpu_measure.add_line(tmp_path / "speed.jsonl", line)
    ends = [
        {"part": "tests", "status": 0, "said": "5 passed", "seconds": 20.4},
        {"part": "lessons", "status": 1, "said": "lesson 05 failed", "seconds": 9},
    ]
    for line in ends:
        gpu_measure.add_line(tmp_path / "parts.jsonl", line)
    table = gpu_check.table(tmp_path)
    assert table.startswith("NVIDIA H100, torch ")
    assert HEADING in table
    assert "| trainer-cudnn | 32 x 2 | 0 | 50.0 % |" in table
    assert "| nano | FAILED: CUDA error: no kernel image |" in table
    assert "- tests: 5 passed (20 s)" in table
    assert "- lessons: FAILED: lesson 05 failed (9 s)" in table


def test_what_is_timed_is_known_and_each_graph_is_compiled_before():
    assert set(gpu_check.SPEED) <= WAYS.keys()
    assert set(gpu_check.SPEED[:2]) <= {gpu_check.COMPILED[i][0] for i in (0, 1)}
    assert {name for ways in gpu_check.COMPILED for name in ways} <= WAYS.keys()


@pytest.mark.parametrize("name", ["trainer-plain", "trainer-chunks-plain", "nano"])
def test_a_training_run_is_measured(name):
    way = replace(WAYS[name], rows=2, block_size=32, compiled=False)
    ids = np.arange(32 * 60, dtype=np.int32) % 500
    device = "NVIDIA H100 80GB HBM3"
    measured = measure(way, ids, steps=4, device=device, **SHAPE)
    assert measured["tokens_per_second"] > 100
    assert measured["peak_bytes"] is None  # there is no GPU whose memory to read
    assert all(abs(loss - np.log(50257)) < 0.3 for loss in measured["losses"])
    config = gpu_measure.config_of(way, **SHAPE)
    memory = planner.training_memory(config, 2, 32, "bfloat16", 2, device_type="cuda")
    assert measured["predicted_bytes"] == memory["peak"]
    flops = planner.flops_per_token(config, 32)
    mfu = measured["tokens_per_second"] * flops / 989e12
    assert measured["mfu"] == pytest.approx(mfu)
    assert measured["time_ratio"] == pytest.approx(0.3 / mfu)


def test_trainer_and_loop_start_from_the_same_loss():
    ids = np.arange(32 * 60, dtype=np.int32) % 500
    losses = []
    for loop in ("trainer", "plain"):
        way = replace(WAYS["trainer-plain"], loop=loop, rows=2, block_size=32)
        result = measure(way, ids, steps=1, device="cpu", **SHAPE)
        losses.append(result["losses"][0])
    assert losses[0] == pytest.approx(losses[1], abs=0.05)


def test_the_time_is_that_of_the_steps_after_the_first(monkeypatch):
    ticks = iter([90.0, 93.0, 100.0, 107.0])
    monkeypatch.setattr(gpu_measure.time, "perf_counter", lambda: next(ticks))
    clock = Clock()
    for step in range(1, 21):
        clock.on_step_end(None, SimpleNamespace(global_step=step, max_steps=20), None)
    assert clock.first == 3.0
    assert clock.seconds == 7.0


@pytest.mark.parametrize(
    ("device", "tflops"),
    [
        ("NVIDIA H100 80GB HBM3", 989),
        ("NVIDIA H200", 989),
        ("NVIDIA A100-SXM4-40GB", 312),
        ("NVIDIA L4", 121),
        ("NVIDIA GeForce RTX 4090", 165),
        ("Tesla T4", None),  # has no bfloat16
        ("NVIDIA L40S", None),  # not an L4
        ("Something else", None),
    ],
)
def test_the_peak_follows_from_the_devices_name(device, tflops):
    assert peak_tflops(device, "bfloat16") == tflops


def test_a_row_leaves_out_what_is_unknown():
    known = {
        "tokens_per_second": 500_000.4,
        "mfu": 0.4321,
        "peak_bytes": 33.4e9,
        "predicted_bytes": 30e9,
        "first_seconds": 41.2,
    }
    text = row("124M", WAYS["nano"], known)
    assert text == "| 124M | 32 x 2 | 500,000 | 43.2 % | 33.4 GB | 30.0 GB | 41 s |"
    unknown = row("x", WAYS["nano"], known | {"mfu": None, "peak_bytes": None})
    assert unknown == "| x | 32 x 2 | 500,000 |  |  | 30.0 GB | 41 s |"
    assert text.count("|") == HEADING.splitlines()[0].count("|")


def test_a_failure_is_one_line_beside_the_other_figures():
    def fail():
        raise RuntimeError("CUDA error:\n  no kernel image")

    failed = gpu_measure.attempt("a", fail)
    assert failed == {"name": "a", "error": "CUDA error: no kernel image"}
    assert gpu_measure.attempt("b", lambda: {"x": 1}) == {"name": "b", "x": 1}


@pytest.mark.slow
def test_a_run_for_replay_on_a_cpu(tmp_path):
    """The run is cut off by its deadline, and what it did is whole all the same."""
    out = tmp_path / "small.json"
    size = "--layers 1 --width 32 --heads 2 --rows 2 --passes 1 --block-size 64"
    command = ["scripts.gpu_replay", "--out", str(out), *size.split()]
    command += ["--steps", "40", "--evaluations", "4", "--seconds", "60"]
    with suppress(FileNotFoundError):
        run_together([Part("replay", command, 280)], tmp_path)
    run = replay(out)
    assert run.facts["parameters"] == 1_653_760
    assert set(run.facts["data"]) == {"chats"}
    losses = [line["loss"] for line in run.log_history if "loss" in line]
    assert losses[-1] < losses[0]
    assert any("eval_chats_loss" in line for line in run.log_history)
    assert len(run.samples) == len(set(run.samples)) >= 6
