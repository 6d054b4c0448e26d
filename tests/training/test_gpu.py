"""What only a GPU can show; skipped without one."""

import pytest
import torch
from transformers import GPT2LMHeadModel, set_seed

from course_utils.data.tokens import blocks, token_ids
from course_utils.evaluation.generation import generate
from course_utils.machine import runtime
from course_utils.model import planner
from course_utils.model.gpt2 import load, preset
from course_utils.training.trainer import make_trainer, train, training_arguments

pytestmark = pytest.mark.gpu
LINES = [f"Anna: I will come at {i % 12} o'clock." for i in range(3000)]


def trainer_for(config, tokenizer, folder, block_size=128, **overrides):
    packed = blocks(token_ids(LINES, tokenizer), block_size)
    settings = {"max_steps": 20, "save_strategy": "no", "logging_steps": 5}
    settings |= runtime.precision() | overrides
    arguments = training_arguments(folder, disable_tqdm=True, **settings)
    set_seed(0)
    return make_trainer(GPT2LMHeadModel(config), tokenizer, arguments, packed)


def losses(trainer):
    return [row["loss"] for row in trainer.state.log_history if "loss" in row]


@pytest.mark.parametrize("compiled", [False, True])
def test_half_precision_follows_float32(compiled, tokenizer, tmp_path):
    if compiled and not runtime.compilation():
        pytest.skip("compiles from compute capability 8.0, with Triton")
    flags = runtime.compilation() if compiled else {}
    half = trainer_for(preset("tiny"), tokenizer, tmp_path, **flags)
    whole = trainer_for(preset("tiny"), tokenizer, tmp_path, bf16=False, fp16=False)
    half.train()
    whole.train()
    assert losses(half)[-1] < losses(half)[0] - 1
    assert losses(half) == pytest.approx(losses(whole), abs=0.1)


def test_memory_is_within_25_per_cent_of_the_plan(tokenizer, tmp_path):
    config = preset("gpt2", n_layer=4)
    trainer = trainer_for(
        config,
        tokenizer,
        tmp_path,
        512,
        max_steps=4,
        per_device_train_batch_size=8,
        gradient_accumulation_steps=2,
    )
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    trainer.train()
    precision = runtime.precision_name(runtime.precision())
    predicted = planner.training_memory(config, 8, 512, precision, 2)["peak"]
    assert torch.cuda.max_memory_allocated() == pytest.approx(predicted, rel=0.25)


def test_real_memory_that_runs_out_halves_the_batch(tokenizer, tmp_path):
    """Room for 12 rows of 16: the first step fails, and with 8 the run succeeds."""
    config = preset("gpt2", n_layer=2)
    need = planner.training_memory(config, 12, 512, "float32")["peak"]
    total = torch.cuda.get_device_properties(0).total_memory
    trainer = trainer_for(
        config, tokenizer, tmp_path, 512, max_steps=3, bf16=False, fp16=False
    )
    lines = []
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(min(1.0, need / total))
    try:
        train(trainer, say=lines.append)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert len(lines) == 1
    assert "batches of 8 and 2 passes" in lines[0]
    assert trainer.state.global_step == 3


def test_greedy_text_is_that_of_a_cpu():
    model, tokenizer = load("tiny-summariser")
    prompts = ["Ann: Are you free at six?\nBen: Yes!\nTL;DR:", "Ann: Hi!\nTL;DR:"]
    options = {"max_new_tokens": 20, "progress": False}
    on_cpu = generate(model, tokenizer, prompts, **options)
    assert generate(model.to("cuda"), tokenizer, prompts, **options) == on_cpu
