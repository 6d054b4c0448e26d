import os

import pytest

from course_utils.machine.errors import CourseError
from course_utils.training.tracking import keep_going, read_offline_run, use_wandb


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    # use_wandb writes the environment: give each test a copy to spoil.
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_offline_without_a_key(monkeypatch):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    assert use_wandb() == "offline"


def test_online_with_a_key_and_a_network(monkeypatch):
    from course_utils.machine import runtime

    monkeypatch.delenv("WANDB_MODE", raising=False)
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    monkeypatch.setattr(runtime, "online", lambda: True)
    assert use_wandb() == "online"
    monkeypatch.setattr(runtime, "online", lambda: False)
    monkeypatch.delenv("WANDB_MODE")
    assert use_wandb() == "offline"


def test_the_users_own_settings_win(monkeypatch, tmp_path):
    from course_utils.machine import runtime

    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(runtime, "online", lambda: True)
    monkeypatch.delenv("WANDB_MODE")
    assert use_wandb() == "offline"
    assert os.environ["WANDB_PROJECT"] == "mine"
    monkeypatch.delenv("WANDB_MODE")
    key = "k" * 40
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {key}")
    assert use_wandb() == "online"  # `wandb login` keeps the key there
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert use_wandb() == "offline"


def test_a_tracker_that_fails_is_told_once_and_ends_nothing():
    from types import SimpleNamespace

    from transformers.integrations import WandbCallback

    class Failing(WandbCallback):
        def __init__(self):
            self.calls = 0

        def on_train_begin(self, *given, **named):
            self.calls += 1
            raise ValueError("bad key\nand more")

        on_log = on_train_begin

    tracker, other, lines = Failing(), object(), []
    callbacks = [other, tracker]
    trainer = SimpleNamespace(callback_handler=SimpleNamespace(callbacks=callbacks))
    keep_going(trainer, lines.append)
    assert callbacks[0] is other
    callbacks[1].on_train_begin(None, None, None)
    callbacks[1].on_log(None, None, None)
    assert tracker.calls == 1
    assert [line.rsplit(": ", 1)[1] for line in lines] == ["bad key"]


def test_a_training_run_reads_back(tmp_path, tiny_model, tokenizer):
    import wandb

    from course_utils.data.tokens import blocks, token_ids
    from course_utils.training.trainer import Samples, make_trainer, training_arguments

    use_wandb("a-project", folder=tmp_path)
    lines = [f"Ben: see you at {i}." for i in range(200)]
    packed = blocks(token_ids(lines, tokenizer), 32)
    arguments = training_arguments(
        tmp_path / "out",
        max_steps=6,
        logging_steps=2,
        eval_strategy="steps",
        eval_steps=3,
        save_strategy="no",
        per_device_train_batch_size=4,
        report_to="wandb",
        run_name="reads-back",
    )
    samples = Samples(["Ben:"], max_new_tokens=4)
    trainer = make_trainer(
        tiny_model,
        tokenizer,
        arguments,
        packed,
        packed.select([0]),
        callbacks=[samples],
    )
    trainer.train()
    wandb.finish()

    run = read_offline_run(tmp_path)
    # Every training argument and every field of the model's configuration is there.
    assert set(arguments.to_dict()) <= set(run.config)
    assert run.config["learning_rate"] == 1e-3
    assert run.config["n_layer"] == 2
    logged = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert run.series("train/loss") == pytest.approx(logged)
    assert len(run.series("eval/loss")) == 2
    table = run.table("samples")
    assert table["columns"] == ["step", "prompt", "continuation"]
    assert [row[:2] for row in table["data"]] == [[3, "Ben:"], [6, "Ben:"]]


def test_records_longer_than_a_block_read_back(tmp_path):
    import wandb

    use_wandb(folder=tmp_path)
    text = "long " * 20_000  # the blocks of the file are 32 KiB
    with wandb.init(config={"long": text}) as run:
        for i in range(50):
            run.log({"i": i, "note": "y" * 3000})
    back = read_offline_run(tmp_path)
    assert back.config["long"] == text
    assert back.series("i") == list(range(50))


def test_no_run_and_no_table_are_one_line(tmp_path):
    with pytest.raises(CourseError, match="no offline wandb run"):
        read_offline_run(tmp_path)
