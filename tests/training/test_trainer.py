import math
import shutil

import pytest
import torch
from transformers.trainer_callback import PrinterCallback, TrainerCallback

from course_utils.data.tokens import blocks, token_ids
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.training.trainer import (
    COMPLETE,
    LiveLoss,
    MarkWhole,
    Samples,
    StopAtNaN,
    last_checkpoint,
    make_trainer,
    training_arguments,
)


@pytest.fixture
def packed(tokenizer):
    lines = [f"Anna: I will come at {i % 12} o'clock." for i in range(300)]
    return blocks(token_ids(lines, tokenizer), 32)


def title_of(figure):
    return "".join(figure.axes[0].get_title(loc) for loc in ("left", "center"))


def build(model, tokenizer, packed, folder, **overrides):
    settings = {"max_steps": 12, "save_steps": 4, "logging_steps": 4} | overrides
    arguments = training_arguments(
        folder, per_device_train_batch_size=4, disable_tqdm=True, **settings
    )
    return make_trainer(model, tokenizer, arguments, packed, packed.select(range(4)))


def test_defaults_are_todays_names(tmp_path):
    arguments = training_arguments(tmp_path, max_steps=100)
    assert arguments.optim == "adamw_torch_fused"
    assert arguments.lr_scheduler_type == "cosine"
    assert arguments.get_warmup_steps(100) == 5
    assert arguments.report_to == []
    assert training_arguments(tmp_path, learning_rate=1.0).learning_rate == 1.0


def test_an_evaluation_has_no_larger_batches_than_the_training(tmp_path):
    # With GPT-2's vocabulary a batch of 32 took five times the planned memory.
    arguments = training_arguments(tmp_path, per_device_train_batch_size=4)
    assert arguments.per_device_eval_batch_size == 4
    arguments = training_arguments(tmp_path, per_device_eval_batch_size=2)
    assert arguments.per_device_eval_batch_size == 2


def test_a_notebook_draws_the_loss_and_prints_no_dicts(
    tiny_model, tokenizer, packed, tmp_path, monkeypatch
):
    monkeypatch.setattr(runtime, "in_notebook", lambda: True)
    trainer = build(tiny_model, tokenizer, packed, tmp_path)
    kinds = {type(callback) for callback in trainer.callback_handler.callbacks}
    assert LiveLoss in kinds
    assert PrinterCallback not in kinds


def test_training_lowers_the_loss_and_logs_tokens_per_second(
    tiny_model, tokenizer, packed, tmp_path
):
    trainer = build(tiny_model, tokenizer, packed, tmp_path, save_strategy="no")
    trainer.train()
    history = trainer.state.log_history
    losses = [row["loss"] for row in history if "loss" in row]
    assert losses[-1] < losses[0] - 1
    logged = [row for row in history if "loss" in row]
    assert all(row["train_tokens_per_second"] > 0 for row in logged)
    assert trainer.state.num_input_tokens_seen == 12 * 4 * 32


def test_a_loss_that_is_no_number_is_shown(tiny_model, tokenizer, packed, tmp_path):
    with torch.no_grad():
        tiny_model.transformer.ln_f.weight.fill_(math.nan)
    settings = {"save_strategy": "no", "max_steps": 2, "logging_steps": 1}
    trainer = build(tiny_model, tokenizer, packed, tmp_path, **settings)
    trainer.train()
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert len(losses) == 2
    assert all(math.isnan(loss) for loss in losses)


@pytest.mark.parametrize("logged", [True, False])
def test_nan_ends_a_run_and_keeps_the_last_good_checkpoint(
    logged, tiny_model, tokenizer, packed, tmp_path
):
    class Poison(TrainerCallback):
        def on_step_end(self, args, state, control, model=None, **kwargs):
            if state.global_step == 6:
                model.lm_head.weight.data[0, 0] = float("nan")

    settings = {"logging_steps": 1} if logged else {"logging_strategy": "no"}
    trainer = build(tiny_model, tokenizer, packed, tmp_path, **settings)
    marks = trainer.pop_callback(MarkWhole)
    for callback in (Poison(), StopAtNaN(), marks):
        trainer.add_callback(callback)
    step = 7 if logged else 8  # at the next loss, or at the next checkpoint
    with pytest.raises(CourseError, match=f"not a number at step {step}: .*point-4"):
        trainer.train()
    assert last_checkpoint(tmp_path).name == "checkpoint-4"


def test_the_evaluated_loss_is_the_mean_over_predicted_tokens(
    tiny_model, tokenizer, packed, tmp_path
):
    from course_utils.evaluation.perplexity import perplexity

    trainer = build(tiny_model, tokenizer, packed, tmp_path, save_strategy="no")
    loss = trainer.evaluate()["eval_loss"]
    expected = perplexity(tiny_model, packed.select(range(4)))
    assert math.exp(loss) == pytest.approx(expected, rel=1e-4)


def test_a_step_equals_adamw_written_out(tiny_model, tokenizer, packed, tmp_path):
    import copy

    from torch.nn.utils import clip_grad_norm_

    reference = copy.deepcopy(tiny_model).train()
    # Adam's first step is lr * g / (|g| + eps): a larger eps keeps rounding errors of
    # tiny gradients from flipping a sign.
    settings = {
        "max_steps": 1,
        "warmup_steps": 0,
        "lr_scheduler_type": "constant",
        "adam_epsilon": 1e-3,
    }
    batch_of_all = packed.select(range(4))  # so that the order does not matter
    trainer = build(
        tiny_model, tokenizer, batch_of_all, tmp_path, save_strategy="no", **settings
    )
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.train()

    decayed = [p for p in reference.parameters() if p.dim() >= 2]
    others = [p for p in reference.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": others, "weight_decay": 0.0}],
        lr=1e-3,
        betas=(0.9, 0.95),
        eps=1e-3,
        weight_decay=0.1,
    )
    reference(**batch).loss.backward()
    clip_grad_norm_(reference.parameters(), 1.0)
    optimizer.step()
    pairs = zip(tiny_model.parameters(), reference.parameters(), strict=True)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def test_a_resumed_run_has_the_unbroken_runs_losses(tokenizer, packed, tmp_path):
    from transformers import GPT2LMHeadModel, set_seed

    from course_utils.model.gpt2 import preset

    def fresh():
        set_seed(0)
        return GPT2LMHeadModel(preset("tiny", n_layer=1, n_embd=32))

    whole = build(fresh(), tokenizer, packed, tmp_path / "a")
    whole.train()
    # The same run, with what a kill at step 9 leaves: a half-written checkpoint.
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b" / "checkpoint-12" / COMPLETE).unlink()
    found = last_checkpoint(tmp_path / "b")
    assert found.name == "checkpoint-8"
    again = build(fresh(), tokenizer, packed, tmp_path / "b")
    again.train(resume_from_checkpoint=str(found))

    def curve(trainer):
        rows = trainer.state.log_history
        return {row["step"]: row["loss"] for row in rows if "loss" in row}

    assert curve(again).keys() == curve(whole).keys()
    for step, loss in curve(whole).items():
        assert curve(again)[step] == pytest.approx(loss, abs=1e-4)


@pytest.mark.parametrize("damage", ["no mark", "cut short", "file gone", "empty mark"])
def test_a_damaged_checkpoint_is_passed_over(
    damage, tiny_model, tokenizer, packed, tmp_path
):
    build(tiny_model, tokenizer, packed, tmp_path, max_steps=8).train()
    newest = tmp_path / "checkpoint-8"
    assert last_checkpoint(tmp_path) == newest
    weights = newest / "model.safetensors"
    if damage == "no mark":
        (newest / COMPLETE).unlink()
    elif damage == "empty mark":
        (newest / COMPLETE).write_text("")
    elif damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:-10])
    else:
        weights.unlink()
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-4"
    assert last_checkpoint(tmp_path / "nowhere") is None


def test_only_numbered_checkpoints_are_looked_at(tmp_path):
    (tmp_path / "checkpoint-best").mkdir()
    (tmp_path / "checkpoint-7").mkdir()
    assert last_checkpoint(tmp_path) is None


def test_samples_are_taken_at_each_evaluation(tiny_model, tokenizer, packed, tmp_path):
    samples = Samples(["Anna:"], max_new_tokens=5, strategy="top-k", seed=0)
    trainer = build(
        tiny_model,
        tokenizer,
        packed,
        tmp_path,
        save_strategy="no",
        eval_strategy="steps",
        eval_steps=6,
    )
    trainer.add_callback(samples)
    trainer.train()
    assert [(step, prompt) for step, prompt, _ in samples.rows] == [
        (6, "Anna:"),
        (12, "Anna:"),
    ]


def test_live_loss_draws_one_picture_a_run_and_moves_it(
    tiny_model, tokenizer, packed, tmp_path, monkeypatch
):
    IPython = pytest.importorskip("IPython")
    drawn = []

    class Picture:
        def __init__(self, figure, display_id):
            drawn.append(self)
            self.updates = 0
            self.title = title_of(figure)

        def update(self, figure):
            self.updates += 1

    monkeypatch.setattr(IPython.display, "display", Picture)
    settings = {"save_strategy": "no", "run_name": "scratch"}
    trainer = build(tiny_model, tokenizer, packed, tmp_path, **settings)
    trainer.add_callback(LiveLoss(every_seconds=0))
    trainer.evaluate()  # before any loss is logged: nothing to draw
    assert drawn == []
    for run in (1, 2):
        trainer.train()
        assert len(drawn) == run
        assert drawn[-1].updates >= 3
        assert drawn[-1].title == "Loss: scratch"


def test_live_loss_draws_the_lines_to_beat(monkeypatch):
    IPython = pytest.importorskip("IPython")
    figures = []
    monkeypatch.setattr(
        IPython.display, "display", lambda figure, display_id: figures.append(figure)
    )
    LiveLoss(baselines={"bigram": 3.7}).draw([{"step": 1, "loss": 7.6}])
    assert [text.get_text() for text in figures[0].axes[0].texts] == ["bigram 3.7"]
    assert title_of(figures[0]) == "Loss"


def test_attention_is_one_fused_call_without_a_mask(
    tiny_model, tokenizer, packed, tmp_path, monkeypatch
):
    """Only then does a GPU take its fast kernel; packed blocks need no padding."""
    attention = torch.nn.functional.scaled_dot_product_attention
    masks = []

    def watched(query, key, value, attn_mask=None, **options):
        masks.append((attn_mask, options["is_causal"]))
        return attention(query, key, value, attn_mask=attn_mask, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", watched)
    settings = {"save_strategy": "no", "max_steps": 3}
    build(tiny_model, tokenizer, packed, tmp_path, **settings).train()
    assert tiny_model.config._attn_implementation == "sdpa"
    assert masks == [(None, True)] * 3 * tiny_model.config.n_layer
