"""`make gpu-check`: what it does without a GPU, and how it measures."""

# ruff: noqa: E402 (scripts are no package: their folder is put on the path first)

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from datasets import Dataset
from transformers import GPT2Config

from course_utils.lesson.profile import PROFILES
from course_utils.model import planner
from scripts import gpu_check
from scripts.gpu_measure import HEADING, WARM_UP, measure, peak_tflops, row


def test_without_a_gpu_it_is_one_line_and_a_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu_check", "--out", str(tmp_path / "out")])
    assert gpu_check.main() == 1
    assert capsys.readouterr().out == "no CUDA device: nothing was measured\n"
    assert not (tmp_path / "out").exists()


def test_with_a_gpu_it_writes_a_table_and_fails_if_a_part_did(
    tmp_path, monkeypatch, capsys
):
    cuda = SimpleNamespace(
        is_available=lambda: True, get_device_name=lambda: "NVIDIA H100"
    )
    fake = SimpleNamespace(cuda=cuda, __version__="2.13")
    monkeypatch.setattr(gpu_check, "torch", fake)
    seen = []

    def measured(profile, tokenizer, texts, *, steps, device):
        seen.append((profile.name, len(tokenizer), device))
        return dict.fromkeys(
            ("tokens_per_second", "mfu", "peak_bytes", "predicted_bytes", "time_ratio"),
            0.5,
        )

    def broken(*arguments):
        raise RuntimeError("1 failed")

    monkeypatch.setattr(gpu_check, "measure", measured)
    for part in ("fine_tuning", "tiny_base", "lessons"):
        monkeypatch.setattr(gpu_check, part, lambda *arguments: "went well")
    monkeypatch.setattr(sys, "argv", ["gpu_check", "--out", str(tmp_path)])
    for command, status in ((lambda *a: "5 passed", 0), (broken, 1)):
        monkeypatch.setattr(gpu_check, "command", command)
        assert gpu_check.main() == status
        table = (tmp_path / "table.md").read_text()
        assert capsys.readouterr().out == table
        assert table.startswith("NVIDIA H100, torch 2.13\n\n" + HEADING)
        assert "| 124M, 8 x 8 x 1024, compiled | 0 | 50.0% |" in table
        assert table.count("went well") == 3
    assert "- tests: FAILED: 1 failed (0 s)" in table
    assert seen == [("full", 50257, "NVIDIA H100")] * 4


def test_a_training_run_is_measured(tokenizer):
    tiny = PROFILES["tiny"]()
    profile = replace(
        tiny,
        model=tiny.model | {"n_layer": 1, "n_embd": 32},
        block_size=32,
        batch_size=2,
        accumulation=2,
    )
    texts = Dataset.from_dict({"text": [f"Ann: see you at {i}." for i in range(200)]})
    measured = measure(profile, tokenizer, texts, steps=6, device="NVIDIA T4")
    assert measured["tokens_per_second"] > 100
    assert measured["peak_bytes"] is None  # there is no GPU whose memory to read
    config = GPT2Config(**profile.model)
    memory = planner.training_memory(config, 2, 32, "float32", 2)["peak"]
    assert measured["predicted_bytes"] == memory
    flops = planner.flops_per_token(config, 32)
    mfu = measured["tokens_per_second"] * flops / 8.1e12  # a T4's float32
    assert measured["mfu"] == pytest.approx(mfu)
    assert measured["time_ratio"] == pytest.approx(0.3 / mfu)
    assert WARM_UP < 6


def test_the_time_is_that_of_the_steps_after_the_first(monkeypatch):
    from scripts import gpu_measure

    ticks = iter([100.0, 107.0])
    monkeypatch.setattr(gpu_measure.time, "perf_counter", lambda: next(ticks))
    clock = gpu_measure.Clock()
    for step in range(1, 21):
        clock.on_step_end(None, SimpleNamespace(global_step=step, max_steps=20), None)
    assert clock.seconds == 7.0


@pytest.mark.parametrize(
    ("device", "tflops"),
    [
        ("NVIDIA H100 80GB HBM3", 989),
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
        "time_ratio": 0.694,
    }
    text = row("124M", known)
    assert text == "| 124M | 500,000 | 43.2% | 33.4 GB | 30 GB | 0.69 |"
    unknown = row("x", known | {"mfu": None, "peak_bytes": None, "time_ratio": None})
    assert unknown == "| x | 500,000 |  |  | 30 GB |  |"
    assert text.count("|") == HEADING.splitlines()[0].count("|")


def test_a_failure_is_one_line_beside_the_other_figures():
    def fail():
        raise RuntimeError("CUDA error:\n  no kernel image")

    assert gpu_check.attempt("a", fail).startswith(
        "- a: FAILED: CUDA error: no kernel image ("
    )
    assert gpu_check.attempt("b", lambda: "ok").startswith("- b: ok (")
    assert gpu_check.attempt("c", lambda: "| a row |") == "| a row |"


def test_a_command_that_fails_ends_in_its_last_words():
    with pytest.raises(RuntimeError, match="No module named no_such_module"):
        gpu_check.command("no_such_module")
    assert gpu_check.command("platform").startswith(sys.platform.capitalize()[:3])


@pytest.mark.slow
def test_its_other_parts_run_on_a_cpu_too(tokenizer):
    said = gpu_check.fine_tuning(PROFILES["tiny"](), tokenizer, steps=20)
    assert said.startswith("20 steps, loss ")
    assert gpu_check.tiny_base(tokens=1000).count(", ") == 5
