"""Memory that runs out: half the batch, twice the accumulation, the same curve."""

from types import SimpleNamespace

import pytest
import torch

from course_utils.data.tokens import blocks, token_ids
from course_utils.machine.errors import CourseError
from course_utils.training.trainer import (
    _halve_batch,
    make_trainer,
    train,
    training_arguments,
)

MESSAGE = "CUDA out of memory. Tried to allocate 2.00 GiB."


@pytest.fixture
def packed(tokenizer):
    lines = [f"Anna: I will come at {i % 12} o'clock." for i in range(300)]
    return blocks(token_ids(lines, tokenizer), 32)


@pytest.fixture
def build(tokenizer, packed, tmp_path):
    """A function: the trainer of a new model, whose memory ends at `fits` rows.

    Up to `free_passes`, more rows fit.
    """
    from transformers import GPT2LMHeadModel, set_seed

    from course_utils.model.gpt2 import preset

    def make(name, *, fits=99, free_passes=0, **overrides):
        set_seed(0)
        model = GPT2LMHeadModel(preset("tiny", n_layer=1, n_embd=32))
        rows = []

        def count(module, arguments, options):
            rows.append(len(options["input_ids"]))
            if rows[-1] > fits and len(rows) > free_passes:
                raise torch.OutOfMemoryError(MESSAGE)

        model.register_forward_pre_hook(count, with_kwargs=True)
        settings = {
            "max_steps": 8,
            "per_device_train_batch_size": 4,
            "save_strategy": "no",
            "logging_steps": 1,
            "disable_tqdm": True,
        }
        arguments = training_arguments(tmp_path / name, **(settings | overrides))
        trainer = make_trainer(model, tokenizer, arguments, packed, packed.select([0]))
        return trainer, rows

    return make


def curve(trainer):
    rows = trainer.state.log_history
    return {row["step"]: row["loss"] for row in rows if "loss" in row}


@pytest.mark.parametrize("free_passes", [0, 5])
def test_the_curve_is_that_of_the_whole_batch(free_passes, build):
    whole, _ = build("whole")
    train(whole)
    lines = []
    halved, rows = build("halved", fits=2, free_passes=free_passes)
    train(halved, say=lines.append)

    assert rows == [4] * (free_passes + 1) + [2] * 2 * (8 - free_passes)
    assert len(lines) == 1
    assert f"out of memory at step {free_passes + 1}" in lines[0]
    assert "batches of 2 and 2 passes" in lines[0]
    assert halved.state.num_input_tokens_seen == whole.state.num_input_tokens_seen
    assert curve(halved).keys() == curve(whole).keys()
    for step, loss in curve(whole).items():
        assert curve(halved)[step] == pytest.approx(loss, abs=1e-4)
    pairs = zip(halved.model.parameters(), whole.model.parameters(), strict=True)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in pairs)


def test_it_is_halved_once_and_then_it_is_one_line(build):
    trainer, rows = build("twice", fits=1)
    with pytest.raises(CourseError, match="out of memory with batches of 2: halve"):
        train(trainer, say=lambda line: None)
    assert rows == [4, 2]


def test_an_odd_batch_is_one_line(build):
    trainer, rows = build("odd", fits=2, per_device_train_batch_size=3)
    with pytest.raises(CourseError, match="out of memory with batches of 3"):
        train(trainer)
    assert rows == [3]


def test_one_of_several_processes_stops_and_does_not_leave_the_others_waiting():
    arguments = SimpleNamespace(per_device_train_batch_size=4, world_size=2)
    trainer = SimpleNamespace(args=arguments)
    with pytest.raises(CourseError, match="out of memory with batches of 4"):
        _halve_batch(trainer, torch.OutOfMemoryError(MESSAGE))


def test_another_error_stays_what_it_is(build):
    trainer, _ = build("broken")
    trainer.model.register_forward_pre_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(trainer)


def test_an_evaluation_that_does_not_fit_is_halved_too(build):
    trainer, rows = build(
        "evaluation", fits=4, eval_strategy="steps", eval_steps=2, max_steps=3
    )
    trainer.eval_dataset = trainer.train_dataset.select(range(8))
    trainer.args.per_device_eval_batch_size = 8
    train(trainer, say=lambda line: None)
    assert trainer.args.per_device_eval_batch_size == 4
    assert rows == [4, 4, 8, 2, 2, 4, 4]
    assert trainer.state.global_step == 3
