"""What a command line says about TrainingArguments, in their own types."""

import subprocess
import sys

import pytest

from course_utils.commands.train.settings import precision_fields, training_fields
from course_utils.machine.errors import CourseError


def test_named_options_win_over_pairs_and_pairs_over_the_file(tmp_path):
    config = tmp_path / "fields.yaml"
    config.write_text("learning_rate: 1e-3\nseed: 1\nlr_scheduler_kwargs: {a: 1}\n")
    named = {"seed": 3, "warmup_steps": None, **precision_fields("bfloat16")}
    found = training_fields(config, ["seed=2", "weight_decay=0.2"], named)
    assert found == {
        "learning_rate": 1e-3,
        "seed": 3,
        "lr_scheduler_kwargs": '{"a": 1}',
        "weight_decay": 0.2,
        "bf16": True,
        "fp16": False,
    }


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["warmup"], "give FIELD=VALUE"),
        (["warmpu_steps=3"], "has no field 'warmpu_steps'"),
        (["learning_rate=high"], "invalid float value: 'high'"),
        (["eval_strategy=often"], "choose from 'no', 'steps', 'epoch'"),
        (["output_dir=here"], "output_dir is for --out to say"),
        (["seed=-1"], "seed=-1: give 0 to 4294967295"),
        (["data_seed=4294967296"], "data_seed=4294967296: give 0 to"),
    ],
)
def test_what_transformers_does_not_take_is_one_line(pairs, message, capsys):
    with pytest.raises(CourseError, match=message) as refused:
        training_fields(None, pairs, {})
    assert "\n" not in str(refused.value)
    assert capsys.readouterr().err == ""


def test_a_broken_file_and_an_unknown_precision_are_named(tmp_path):
    broken = tmp_path / "broken.yaml"
    for text, message in (("a: [", "neither YAML nor JSON"), ("a", "holds no fields")):
        broken.write_text(text)
        with pytest.raises(CourseError, match=message):
            training_fields(broken, [], {})
    with pytest.raises(CourseError, match="unknown precision 'half'"):
        precision_fields("half")


def test_what_a_console_cannot_show_is_replaced():
    script = (
        "from course_utils.commands.output import replace_unprintable as go; go();"
        "print('caf\u00e9 \u4f60')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONIOENCODING": "cp1252", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"caf\xe9", b"?"]
