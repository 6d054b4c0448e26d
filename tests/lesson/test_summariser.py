"""Fine-tuning in one call, and its run cache."""

from dataclasses import replace

import pytest
import torch
from datasets import Dataset, load_dataset

from course_utils.data.people import placeholders, restore
from course_utils.data.summaries import SummaryCollator, encode_summaries
from course_utils.evaluation.generation import summarise
from course_utils.lesson import summariser
from course_utils.lesson.start_lesson import start_lesson
from course_utils.machine import runtime
from course_utils.model.gpt2 import load
from course_utils.training.trainer import save_model


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory):
    """A run cache for all tests here: each model is trained once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def profile(cache_folder, monkeypatch, capsys):
    """Two steps of the tiny profile, on a run cache of its own."""
    profile = replace(start_lesson("07"), finetune_steps=2)
    monkeypatch.setattr(runtime, "cache_folder", lambda: cache_folder)
    return profile


def test_the_second_call_loads_what_the_first_has_trained(profile, monkeypatch):
    first, _ = summariser.summariser(profile)
    base, _ = load(profile.pretrained)

    def no_training(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(summariser, "finetune", no_training)
    second, tokenizer = summariser.summariser(profile)
    for name, weight in second.state_dict().items():
        assert torch.equal(weight, first.state_dict()[name]), name
    changed = {
        n for n, w in base.state_dict().items() if (w != first.state_dict()[n]).any()
    }
    assert "transformer.h.0.attn.c_attn.weight" in changed
    assert "transformer.wte.weight" in changed
    assert tokenizer.eos_token_id == 0


def test_other_settings_get_another_folder(profile):
    folders = {
        summariser.summariser_folder(profile),
        summariser.summariser_folder(profile, from_scratch=True),
        summariser.summariser_folder(replace(profile, finetune_steps=3)),
        summariser.summariser_folder(replace(profile, finetune_learning_rate=1e-3)),
    }
    assert len(folders) == 4
    assert summariser.summariser_folder(profile) in folders


def test_the_summariser_is_lesson_07s_until_lesson_08_has_decided(profile):
    first, _ = summariser.approved_summariser(profile)
    of_07, tokenizer = summariser.summariser(profile)
    assert torch.equal(first.lm_head.weight, of_07.lm_head.weight)
    other, _ = load(profile.pretrained)
    save_model(other, tokenizer, summariser.approved_folder(profile))
    approved, _ = summariser.approved_summariser(profile)
    assert torch.equal(approved.lm_head.weight.cpu(), other.lm_head.weight)


def test_a_model_remembers_that_people_were_placeholders(profile, tmp_path):
    """What it is given has placeholders, and what comes back has the names."""
    placed = replace(profile, placeholders=True)
    profile = replace(profile, placeholders=False)
    assert summariser.summariser_folder(placed) != summariser.summariser_folder(profile)
    _, tokenizer = summariser.summariser(placed)
    again, _ = load(summariser.summariser_folder(placed))
    assert again.config.placeholders
    dialogue = "Siobhan: Hi Ludo!\nLudo: Hi Siobhan"
    given = placeholders(dialogue)
    expected = restore(
        summarise(again, tokenizer, [given.dialogue], people=False)[0], given.people
    )
    assert summarise(again, tokenizer, [dialogue]) == [expected]
    plain, _ = summariser.summariser(profile)
    assert not plain.config.placeholders


def test_fine_tuning_goes_on_as_the_model_was_trained(profile):
    chats = load_dataset(**profile.summaries)["train"].select(range(16))
    for before in (True, False):
        model, tokenizer = load(profile.pretrained)
        summariser.finetune(model, tokenizer, chats, steps=1, people=before)
        summariser.finetune(model, tokenizer, chats, steps=1)
        assert model.config.placeholders is before


def test_the_loss_is_that_of_all_logits(profile):
    """Leaving out the prompt's logits changes no loss, and ends with the training."""
    model, tokenizer = load(profile.pretrained)
    chats = load_dataset(**profile.summaries)["train"].select(range(16))
    rows, _ = encode_summaries(chats, tokenizer, 256)
    with torch.no_grad():
        whole = model.eval()(**SummaryCollator(tokenizer)(list(rows))).loss
    trainer = summariser.finetune(model, tokenizer, chats, steps=1, learning_rate=0.0)
    first = next(row["loss"] for row in trainer.state.log_history if "loss" in row)
    assert first == pytest.approx(whole.item(), rel=1e-3)
    assert "forward" not in vars(model)


def test_without_the_mask_each_token_is_a_label():
    model, tokenizer = load("tiny")
    chats = Dataset.from_dict({"dialogue": ["Ann: Hi!"] * 2, "summary": ["Hi."] * 2})
    trainer = summariser.finetune(model, tokenizer, chats, steps=1, mask=False)
    row = trainer.train_dataset[0]
    assert row["labels"] == row["input_ids"]
    assert "forward" not in vars(model)
