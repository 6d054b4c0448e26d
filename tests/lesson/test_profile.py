from types import SimpleNamespace

import pytest

from course_utils.lesson.profile import PROFILES, get_profile
from course_utils.lesson.start_lesson import start_lesson
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(runtime, "online", lambda: False)


def test_tiny_needs_no_network(monkeypatch):
    def probe():
        raise AssertionError("tiny asked for the network")

    monkeypatch.setattr(runtime, "online", probe)
    assert get_profile("tiny").name == "tiny"


def test_offline_falls_back_as_a_whole_and_says_so(offline, capsys):
    profile = get_profile("colab")
    assert profile == get_profile("tiny")
    assert capsys.readouterr().out.count("\n") == 1


def test_strict_refuses_to_fall_back(offline, monkeypatch):
    with pytest.raises(CourseError, match="cannot be reached"):
        get_profile("full", strict=True)
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(CourseError, match="cannot be reached"):
        get_profile("full")


def test_unknown_profile(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "huge")
    with pytest.raises(CourseError, match="tiny, colab, full"):
        get_profile()


def test_steps_can_be_cut(monkeypatch):
    monkeypatch.setenv("COURSE_MAX_STEPS", "7")
    assert get_profile("tiny").train_steps == 7
    monkeypatch.setenv("COURSE_MAX_STEPS", "0")  # no limit
    assert get_profile("tiny").train_steps > 7
    monkeypatch.setenv("COURSE_MAX_STEPS", "few")
    with pytest.raises(CourseError, match="COURSE_MAX_STEPS='few': give a whole"):
        get_profile("tiny")


def test_any_field_can_be_changed(monkeypatch):
    changes = '{"batch_size": 3, "model": {"n_layer": 2}}'
    before = get_profile("tiny")
    monkeypatch.setenv("COURSE_OVERRIDE", changes)
    after = get_profile("tiny")
    assert (after.batch_size, after.model["n_layer"]) == (3, 2)
    assert after.model["n_embd"] == before.model["n_embd"] > 3
    assert after.sources == before.sources


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON object"),
        ("3", "no JSON object"),
        ('{"batchsize": 3}', "no field 'batchsize', only .*batch_size"),
        ('{"name": "full"}', "no field 'name'"),
        ('{"block_size": 0}', "block_size=0 does not fit; it is now 128"),
        ('{"batch_size": "4"}', "batch_size=.* does not fit; it is now 16"),
        ('{"batch_size": true}', "batch_size=true does not fit"),
        ('{"model": {"n_embd": 130}}', "n_embd=130 is not divisible by n_head=4"),
        ('{"model": {"n_layer": "a"}}', "n_layer='a': give a whole number"),
    ],
)
def test_a_wrong_change_is_one_line(text, message, monkeypatch):
    monkeypatch.setenv("COURSE_OVERRIDE", text)
    with pytest.raises(CourseError, match=message):
        get_profile("tiny")


def test_a_notebook_shows_a_course_error_as_one_line(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    code = "from course_utils import CourseError\nraise CourseError('mend it: so')"
    InteractiveShell().run_cell(code)
    assert capsys.readouterr().out.splitlines() == ["CourseError: mend it: so"]


@pytest.mark.parametrize("name", PROFILES)
def test_fields_are_arguments_of_real_calls(name, tmp_path, monkeypatch):
    from transformers import GPT2Config, TrainingArguments

    monkeypatch.setattr(runtime, "online", lambda: True)
    profile = get_profile(name)
    config = GPT2Config(**profile.model)
    assert config.n_positions >= profile.block_size
    scratch = GPT2Config(**profile.scratch_model)
    assert scratch.n_positions >= profile.block_size
    assert scratch.vocab_size == config.vocab_size
    TrainingArguments(tmp_path, max_steps=profile.train_steps, **profile.precision)
    assert profile.tokens_per_step > 1000


@pytest.mark.parametrize(("name", "gb"), [("colab", 15), ("full", 30)])
def test_a_batch_fits_the_smallest_gpu_that_gets_the_profile(name, gb, monkeypatch):
    from transformers import GPT2Config

    from course_utils.model.planner import plan

    monkeypatch.setattr(runtime, "online", lambda: True)
    profile = get_profile(name)
    predicted = plan(
        GPT2Config(**profile.scratch_model),
        batch_size=profile.scratch_batch_size,
        block_size=profile.block_size,
        steps=profile.train_steps,
        precision="float16" if name == "colab" else "bfloat16",
        device="T4" if name == "colab" else "A100",
    )
    assert predicted.memory["peak"] < gb * 1e9


@pytest.mark.parametrize(
    ("name", "capability", "gigabytes", "batch_size"),
    [
        ("colab", (7, 5), 15.8, 16),  # T4
        ("colab", (8, 9), 23.6, 16),  # L4
        ("full", (8, 0), 42.3, 16),  # A100, 40 GB
        ("full", (9, 0), 85.0, 32),  # H100
        ("full", (9, 0), 150.0, 64),  # H200
        ("full", (7, 5), 15.8, 8),  # asked for by name on a T4
    ],
)
def test_a_gpu_gets_the_batch_that_fits_and_the_same_steps(
    name, capability, gigabytes, batch_size, monkeypatch
):
    import torch

    plain = PROFILES[name]()
    memory = SimpleNamespace(total_memory=gigabytes * 1e9)
    monkeypatch.setattr(runtime, "online", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: memory)
    monkeypatch.setattr(runtime, "find_spec", lambda name: object())
    profile = get_profile(name)
    assert profile.batch_size == batch_size
    assert profile.tokens_per_step == plain.tokens_per_step
    assert profile.scratch_tokens_per_step == plain.scratch_tokens_per_step
    is_new = capability >= (8, 0)
    compiled = {"torch_compile": True} if name == "full" and is_new else {}
    assert profile.precision == {"bf16" if is_new else "fp16": True} | compiled


def test_start_lesson_gives_data_that_load_dataset_reads(capsys):
    from datasets import load_dataset

    profile = start_lesson("01")
    assert "Lesson 01 · profile tiny" in capsys.readouterr().out
    language = load_dataset(**profile.language)
    assert set(language) == {"train", "validation", "test"}
    assert "text" in language["train"].column_names
    summaries = load_dataset(**profile.summaries)
    assert {"id", "dialogue", "summary"} <= set(summaries["test"].column_names)


def test_a_lesson_says_in_a_line_which_package_it_needs():
    with pytest.raises(CourseError, match=r"lesson 12 needs no_such.*\[labs\]"):
        start_lesson("12", needs=["json", "no_such"])
