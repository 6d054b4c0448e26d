import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch
from transformers import GPT2LMHeadModel

from course_utils.machine.errors import CourseError
from course_utils.model import planner
from course_utils.model.gpt2 import PRESETS, preset
from course_utils.model.planner import (
    fit_batch,
    flops_per_token,
    parameters,
    plan,
    seconds_per_pass,
    training_memory,
)

SMALL = {"n_layer": 2, "n_embd": 64, "n_head": 4}


def part_of(name: str) -> str:
    if "wte" in name:
        return "token embedding"
    if "wpe" in name:
        return "position embedding"
    if "lm_head" in name:
        return "output layer"
    return next(
        part
        for key, part in (("ln_", "layer norms"), ("attn", "attention"), ("mlp", "mlp"))
        if key in name
    )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        *[(name, {}) for name in PRESETS],
        ("tiny", {"n_inner": 100}),
        ("tiny", {"tie_word_embeddings": False}),
    ],
)
def test_parameters_are_exact(name, changes):
    config = preset(name, **changes)
    with torch.device("meta"):
        model = GPT2LMHeadModel(config)
    counted = dict.fromkeys(parameters(config), 0)
    for parameter, tensor in model.named_parameters():
        counted[part_of(parameter)] += tensor.numel()
    assert parameters(config) == counted


def test_gpt2_has_its_published_number():
    assert sum(parameters(preset("gpt2")).values()) == 124_439_808


def test_flops_follow_the_palm_convention():
    multiplying = 124_439_808 - 1024 * 768  # all but the position embedding
    expected = 6 * multiplying + 12 * 12 * 768 * 1024
    assert flops_per_token(preset("gpt2"), 1024) == expected == 855_166_464


def test_flops_are_those_that_pytorch_counts():
    from torch.utils.flop_counter import FlopCounterMode

    config = preset("tiny")
    # Eager attention is made of matrix products, which the counter knows.
    model = GPT2LMHeadModel._from_config(config, attn_implementation="eager")
    ids = torch.zeros(2, 128, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        model(ids, labels=ids, use_cache=False).loss.backward()
    counted = counter.get_total_flops() / ids.numel()
    assert counted == pytest.approx(flops_per_token(config, 128), rel=0.03)


def peak_bytes(config, batch_size, block_size, precision) -> int:
    """Measure the tensor bytes of a training step at its peak, on the CPU."""
    from torch.profiler import ProfilerActivity, profile

    model = GPT2LMHeadModel(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    ids = torch.randint(config.vocab_size, (batch_size, block_size))
    planner._step(model, optimizer, ids, precision)  # makes the optimizer's state
    held = sum(p.nbytes for p in model.parameters())
    held += sum(t.nbytes for s in optimizer.state.values() for t in s.values())
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        planner._step(model, optimizer, ids, precision)
    events = [
        (event.start_ns(), event.nbytes())
        for event in profiler.profiler.kineto_results.events()
        if event.name() == "[memory]"
    ]
    now = peak = 0
    for _, change in sorted(events):
        now += change
        peak = max(peak, now)
    assert peak > 0
    assert now == 0  # the step gave back all it took
    return held + peak


@pytest.mark.parametrize(
    ("changes", "batch_size", "block_size", "precision"),
    [
        ({}, 16, 128, "float32"),  # the tiny profile: activations decide
        ({}, 1, 16, "float32"),  # gradients decide
        ({"n_embd": 256, "vocab_size": 20_000}, 2, 64, "float32"),  # the vocabulary
        (dict.fromkeys(("resid_pdrop", "attn_pdrop"), 0.1), 8, 128, "float32"),
        ({"activation_function": "gelu_new"}, 8, 128, "float32"),
        ({"n_inner": 1024}, 8, 128, "float32"),
        ({}, 16, 128, "bfloat16"),
    ],
)
def test_memory_is_within_25_per_cent(changes, batch_size, block_size, precision):
    config = preset("tiny", **changes)
    predicted = training_memory(config, batch_size, block_size, precision)["peak"]
    measured = peak_bytes(config, batch_size, block_size, precision)
    assert predicted == pytest.approx(measured, rel=0.25)


def test_accumulated_gradients_stay_beside_the_activations():
    config = preset("tiny")
    once = training_memory(config, 16, 128)
    twice = training_memory(config, 16, 128, accumulation=2)
    assert twice["peak"] - once["peak"] == once["gradients"]


def test_timing_leaves_no_trace_and_keeps_its_budget():
    config = preset("tiny", **SMALL)
    torch.manual_seed(3)
    state = torch.random.get_rng_state()
    start = time.perf_counter()
    seconds = seconds_per_pass(config, 4, 64, budget=0.3)
    assert 0.3 < time.perf_counter() - start < 5
    assert 0.0005 < seconds < 2
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_plan_for_another_gpu_follows_from_its_peak():
    config = preset("gpt2")
    sizes = {"batch_size": 8, "block_size": 512, "steps": 1000, "accumulation": 4}
    t4 = plan(config, **sizes, precision="float16", device="T4")
    assert t4.tokens == 1000 * 4 * 8 * 512
    work = t4.tokens * flops_per_token(config, 512)
    assert t4.seconds == pytest.approx(work / (0.3 * 65e12))
    assert "assumed: 30% of the T4's 65 TFLOP/s" in t4.basis
    assert "does not fit" not in t4.basis
    big = plan(preset("gpt2-xl"), **sizes, precision="float16", device="T4")
    assert "does not fit into its 16 GB" in big.basis


def test_a_plan_prints_as_a_table():
    config = preset("tiny", **SMALL)
    text = str(plan(config, batch_size=2, block_size=16, steps=10))
    total = f"{sum(parameters(config).values()):,}"
    for words in ("parameters", total, "memory at its peak", "minutes", "this machine"):
        assert words in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size=0: give at least 1"),
        ({"steps": 0}, "steps=0: give at least 1"),
        ({"block_size": 257}, "the model has 256 positions"),
        ({"precision": "int8"}, "unknown precision"),
        ({"device": "H1000"}, "unknown device"),
        ({"device": "T4", "precision": "bfloat16"}, "the T4 has no bfloat16"),
    ],
)
def test_bad_input_is_named(options, message):
    sizes = {"batch_size": 1, "block_size": 16, "steps": 1}
    with pytest.raises(CourseError, match=message):
        plan(preset("tiny"), **(sizes | options))


@pytest.mark.slow
def test_minutes_are_within_a_factor_of_one_and_a_half(tmp_path, tokenizer):
    import numpy as np

    from course_utils.data.tokens import blocks
    from course_utils.training.trainer import make_trainer, training_arguments

    config, steps = preset("tiny"), 60
    ids = np.random.default_rng(0).integers(1, 2048, size=steps * 16 * 128)
    trainer = make_trainer(
        GPT2LMHeadModel(config),
        tokenizer,
        training_arguments(tmp_path, max_steps=steps, save_strategy="no"),
        blocks(ids.astype(np.int32), 128),
    )
    ratios = []
    # A neighbour may take the core during one of the two measurements: try thrice.
    for _ in range(3):
        predicted = plan(config, batch_size=16, block_size=128, steps=steps).seconds
        start = time.perf_counter()
        trainer.train()
        ratios.append((time.perf_counter() - start) / predicted)
        if 1 / 1.5 < ratios[-1] < 1.5:
            return
    pytest.fail(f"measured / predicted: {ratios}")


def test_a_plan_for_a_gpu_does_not_count_the_cpus_attention_dropout():
    config = preset("gpt2")
    planned = plan(config, batch_size=8, block_size=512, steps=1, device="T4")
    here = training_memory(config, 8, 512, device_type="cpu")
    there = training_memory(config, 8, 512, device_type="cuda")
    assert planned.memory["peak"] == there["peak"]
    # Softmax, mask and product of 12 heads, float32, and dropout masks of 4 bytes.
    scores = 8 * 512 * 12 * (12 * 512 * 3 * 4)
    masks = 8 * 512 * 12 * (2 * 768 * 3)
    assert here["activations"] - there["activations"] == scores + masks


@pytest.mark.parametrize("rows", [1, 7, 24, 64])
def test_the_largest_batch_that_fits_divides_the_rows(rows):
    config = preset("tiny", **SMALL)

    def need(size):
        return training_memory(
            config, size, 64, "bfloat16", rows // size, device_type="cuda"
        )["peak"]

    for memory in (need(1) / planner.FILLED, 1.5e7, 3e7, 1e9):
        size, accumulation = fit_batch(
            config,
            rows=rows,
            block_size=64,
            precision="bfloat16",
            memory_bytes=memory + 1,
        )
        assert size * accumulation == rows
        assert need(size) <= planner.FILLED * (memory + 1)
        larger = [n for n in range(size + 1, rows + 1) if rows % n == 0]
        assert all(need(n) > planner.FILLED * (memory + 1) for n in larger)


def test_a_model_too_large_for_a_gpu_is_one_line():
    with pytest.raises(CourseError, match="a single row of 1024 tokens needs 31"):
        fit_batch(
            preset("gpt2-xl"),
            rows=8,
            block_size=1024,
            precision="float16",
            memory_bytes=16e9,
        )


def test_several_processes_learn_from_more_tokens_in_the_same_time():
    sizes = {"batch_size": 8, "block_size": 512, "steps": 10, "precision": "bfloat16"}
    one = plan(preset("gpt2"), **sizes, device="A100")
    eight = plan(preset("gpt2"), **sizes, device="A100", processes=8)
    assert eight.tokens == 8 * one.tokens
    assert eight.seconds == one.seconds
    assert eight.memory == one.memory


def test_rows_that_do_not_fit_are_timed_by_halves(monkeypatch):
    rows, now = [], 0.0

    def step(model, optimizer, input_ids, precision):
        nonlocal now
        rows.append(len(input_ids))
        if rows[-1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
        now += 0.01 * rows[-1]

    clock = SimpleNamespace(perf_counter=lambda: now)
    monkeypatch.setattr(planner, "time", clock)
    monkeypatch.setattr(planner, "_step", step)
    config = preset("tiny", **SMALL)
    seconds = seconds_per_pass(config, 14, 32, budget=0.2)
    assert rows[:3] == [14, 7, 3]
    assert seconds == pytest.approx(0.14)
    monkeypatch.setattr(planner, "_step", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        seconds_per_pass(config, 14, 32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tokenizer", "batch_size"), [("tiny", 8), ("gpt2", 8), ("tiny", 64)]
)
def test_a_process_on_a_cpu_holds_what_is_predicted(tokenizer, batch_size, tmp_path):
    """Its vocabulary has 2,048 or 50,257 tokens: the largest tensors are the scores."""
    text, shards = tmp_path / "text.txt", tmp_path / "shards"
    lines = [f"Line {i} of a text with {i * i % 97} birds." for i in range(9000)]
    text.write_text("\n".join(lines))
    course = [sys.executable, "-m", "course_utils"]
    command = [*course, "prepare", text, "--out", shards, "--tokenizer", tokenizer]
    command += ["--similarity", "0", "--workers", "1"]
    subprocess.run([*map(str, command)], check=True)
    command = [*course, "train", shards, "--profile", "tiny", "--steps", "2"]
    command += ["--batch-size", batch_size, "--out", tmp_path / "run", "--json"]
    done = subprocess.run(
        [*map(str, command)], check=True, stdout=subprocess.PIPE, text=True
    )
    report = json.loads(done.stdout)
    ratio = report["predicted_memory_gb"] / report["memory_gb"]
    assert 1 / 1.25 < ratio < 1.25
