import pytest

from course_utils import runtime
from course_utils.errors import CourseError
from course_utils.profile import PROFILES, get_profile, start_lesson


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


@pytest.mark.parametrize("name", PROFILES)
def test_fields_are_arguments_of_real_calls(name, tmp_path, monkeypatch):
    from transformers import GPT2Config, TrainingArguments

    monkeypatch.setattr(runtime, "online", lambda: True)
    profile = get_profile(name)
    config = GPT2Config(**profile.model)
    assert config.n_positions >= profile.block_size
    TrainingArguments(tmp_path, max_steps=profile.train_steps, **profile.precision)
    assert profile.tokens_per_step > 1000


@pytest.mark.parametrize(("name", "gb"), [("colab", 15), ("full", 30)])
def test_a_batch_fits_the_smallest_gpu_that_gets_the_profile(name, gb, monkeypatch):
    from transformers import GPT2Config

    from course_utils.planner import plan

    monkeypatch.setattr(runtime, "online", lambda: True)
    profile = get_profile(name)
    predicted = plan(
        GPT2Config(**profile.model),
        batch_size=profile.batch_size,
        block_size=profile.block_size,
        steps=profile.train_steps,
        precision="float16" if name == "colab" else "bfloat16",
        device="T4" if name == "colab" else "A100",
    )
    assert predicted.memory["peak"] < gb * 1e9


def test_start_lesson_gives_data_that_load_dataset_reads(capsys):
    from datasets import load_dataset

    profile = start_lesson("01")
    assert "Lesson 01 · profile tiny" in capsys.readouterr().out
    language = load_dataset(**profile.language)
    assert set(language) == {"train", "validation", "test"}
    assert "text" in language["train"].column_names
    summaries = load_dataset(**profile.summaries)
    assert {"id", "dialogue", "summary"} <= set(summaries["test"].column_names)
