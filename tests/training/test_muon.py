"""Muon for the matrices and AdamW for the rest, through Trainer."""

import copy

import pytest
import torch

from course_utils.data.tokens import blocks, token_ids
from course_utils.training.muon import Together, muon
from course_utils.training.trainer import (
    last_checkpoint,
    make_trainer,
    training_arguments,
)


def one_step(model, optimizer):
    ids = torch.arange(64).view(2, 32)
    model.train()
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def test_every_parameter_has_one_optimizer(tiny_model):
    optimizer = muon(tiny_model)
    held = [p for group in optimizer.param_groups for p in group["params"]]
    assert sorted(map(id, held)) == sorted(map(id, tiny_model.parameters()))
    matrices, embeddings, vectors = optimizer.param_groups
    names = {id(p): name for name, p in tiny_model.named_parameters()}
    assert all(".h." in names[id(p)] and p.ndim == 2 for p in matrices["params"])
    assert {names[id(p)].split(".")[1] for p in embeddings["params"]} == {"wte", "wpe"}
    assert vectors["weight_decay"] == 0


def test_a_step_is_muons_and_adamws(tiny_model):
    other = copy.deepcopy(tiny_model)
    one_step(tiny_model, muon(tiny_model, 0.02, 0.003, weight_decay=0.0))

    ids = torch.arange(64).view(2, 32)
    other.train()
    other(input_ids=ids, labels=ids).loss.backward()
    matrices = [p for p in other.transformer.h.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    rest = [p for p in other.parameters() if id(p) not in chosen]
    adjusted = {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.0}
    torch.optim.Muon(matrices, lr=0.02, **adjusted).step()
    torch.optim.AdamW(rest, lr=0.003, weight_decay=0.0).step()
    pairs = zip(tiny_model.parameters(), other.parameters(), strict=True)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)


def test_a_saved_optimizer_goes_on_alike(tiny_model):
    first = muon(tiny_model)
    one_step(tiny_model, first)
    other = copy.deepcopy(tiny_model)
    second = muon(other)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    one_step(tiny_model, first)
    one_step(other, second)
    pairs = zip(tiny_model.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_schedule_reaches_all_groups(tiny_model):
    optimizer = muon(tiny_model)
    before = [group["lr"] for group in optimizer.param_groups]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5)
    rates = [g["lr"] for one in optimizer.optimizers for g in one.param_groups]
    assert rates == [rate / 2 for rate in before]
    assert schedule.get_last_lr() == rates


def test_a_resumed_run_has_the_unbroken_runs_weights(tiny_model, tokenizer, tmp_path):
    lines = [f"Anna: I will come at {i % 12} o'clock." for i in range(300)]
    packed = blocks(token_ids(lines, tokenizer), 32)

    def trainer(model):
        arguments = training_arguments(
            tmp_path, max_steps=6, save_steps=3, per_device_train_batch_size=4
        )
        made = make_trainer(model, tokenizer, arguments, packed)
        made.optimizer = muon(model)
        made.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            made.optimizer, lambda step: 1 - step / 6
        )
        return made

    other = copy.deepcopy(tiny_model)
    trainer(tiny_model).train()
    middle = tmp_path / "checkpoint-3"
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-6"
    trainer(other).train(resume_from_checkpoint=str(middle))
    pairs = zip(tiny_model.parameters(), other.parameters(), strict=True)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in pairs)


def test_together_is_an_optimizer(tiny_model):
    assert isinstance(muon(tiny_model), Together)
    with pytest.raises(KeyError):
        muon(tiny_model).load_state_dict({})
