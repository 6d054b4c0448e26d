"""Fewer threads once a neighbour takes the cores."""

import json
import os
import subprocess
import sys

import pytest
import torch

from course_utils.machine import runtime
from course_utils.training import trainer as training
from course_utils.training.trainer import EaseThreads


@pytest.fixture
def threads(monkeypatch):
    """Four threads, free to be changed; what they were afterwards."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        ({4: 10, 2: 12, 1: 20}, 4),
        ({4: 30, 2: 12, 1: 20}, 2),
        ({4: 60, 2: 40, 1: 20}, 1),
        ({4: 30, 2: 40, 1: 20}, 4),  # one step down at a time
    ],
)
def test_threads_are_halved_while_fewer_are_faster(
    threads, monkeypatch, milliseconds, expected
):
    monkeypatch.setattr(runtime, "_step_milliseconds", lambda n, _: milliseconds[n])
    assert runtime.ease_threads() == expected
    assert torch.get_num_threads() == expected


def test_a_count_that_was_set_stays(threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setattr(runtime, "_step_milliseconds", lambda n, _: n)
    assert runtime.ease_threads() == 4


class Clock:
    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now


def measurements(monkeypatch, steps, **options):
    """Return how often a run measures, whose steps take these seconds."""
    clock, measured = Clock(), []
    monkeypatch.setattr(training, "time", clock)
    monkeypatch.setattr(training.runtime, "ease_threads", lambda: measured.append(1))
    callback = EaseThreads(**options)
    callback.on_train_begin(None, None, None)
    for seconds in steps:
        clock.now += 5  # an evaluation between two steps does not count
        callback.on_step_begin(None, None, None)
        clock.now += seconds
        callback.on_step_end(None, None, None)
    return len(measured)


def test_threads_are_measured_at_the_start_and_when_steps_take_twice_as_long(
    monkeypatch,
):
    assert measurements(monkeypatch, [1] * 20) == 1
    assert measurements(monkeypatch, [1] * 20 + [1.9] * 20) == 1
    assert measurements(monkeypatch, [1] * 20 + [2.1, 2.1, 1] * 9) == 1
    assert measurements(monkeypatch, [1] * 20 + [2.1] * 3) == 2


def test_threads_are_measured_seldom(monkeypatch):
    slow = [1] * 20 + [4] * 9  # 9 seconds each, with the pause
    assert measurements(monkeypatch, slow, every_seconds=1000) == 1
    assert measurements(monkeypatch, slow, every_seconds=40) == 3


BUSY = """
import json, os, subprocess, sys, time
import torch
from transformers import AutoTokenizer, GPT2LMHeadModel, TrainerCallback, set_seed
from course_utils.data.tokens import blocks
from course_utils.machine import runtime
from course_utils.model.gpt2 import preset
from course_utils.training.trainer import make_trainer, training_arguments
from course_utils.machine.places import ASSETS

cores = sorted(os.sched_getaffinity(0))[:2]
os.sched_setaffinity(0, cores)
runtime.quiet_libraries()
tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
data = blocks(torch.randint(2048, (40_000,)).numpy().astype("int32"), 128)

class Neighbour(TrainerCallback):
    # Takes a core after 25 steps, and counts the seconds of each step.
    process, seconds = None, []
    def on_train_begin(self, args, state, control, **kwargs):
        torch.set_num_threads(2)  # as chosen on a quiet moment
    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == 25:
            spin = [sys.executable, "-c", "while True: pass"]
            self.process = subprocess.Popen(spin)
            os.sched_setaffinity(self.process.pid, cores[-1:])
        self.began = time.perf_counter()
    def on_step_end(self, args, state, control, **kwargs):
        self.seconds.append(time.perf_counter() - self.began)

set_seed(0)
neighbour = Neighbour()
arguments = training_arguments(
    sys.argv[1], max_steps=125, per_device_train_batch_size=8,
    save_strategy="no", disable_tqdm=True, report_to="none",
)
model = GPT2LMHeadModel(preset("tiny"))
trainer = make_trainer(model, tokenizer, arguments, data, callbacks=[neighbour])
try:
    trainer.train()
finally:
    neighbour.process.kill()
    neighbour.process.wait()
steps = {"quiet": neighbour.seconds[2:25], "busy": neighbour.seconds[25:]}
print(json.dumps(steps | {"threads": torch.get_num_threads()}))
"""


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has no half")
def test_a_busy_neighbour_on_one_of_two_cores_costs_less_than_2_5_times(tmp_path):
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    env = {k: v for k, v in os.environ.items() if k not in names}
    command = [sys.executable, "-c", BUSY, str(tmp_path)]
    result = subprocess.run(
        command, capture_output=True, text=True, env=env, timeout=900
    )
    assert result.returncode == 0, result.stderr[-2000:]
    told = json.loads(result.stdout.splitlines()[-1])
    quiet, busy = (sum(told[kind]) / len(told[kind]) for kind in ("quiet", "busy"))
    print(f"quiet {quiet:.3f} s, busy {busy:.3f} s, {told['threads']} thread(s)")
    assert told["threads"] == 1
    assert busy < 2.5 * quiet
