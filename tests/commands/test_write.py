"""`course write`: what it prints, from which model, for which prompts."""

import io
import json
import unicodedata

import pytest
from typer.testing import CliRunner

from course_utils.commands.cli import app
from course_utils.commands.output import fail, say
from course_utils.commands.train.command import _cut
from course_utils.commands.write import _model_of, _piped
from course_utils.machine.errors import CourseError

SHORT = ["--tokens", "8", "--seed", "1"]


def write(*arguments, text=""):
    done = CliRunner().invoke(app, ["write", "tiny-base", *arguments], input=text)
    if done.exception:
        raise done.exception
    return done.stdout


def test_a_text_comes_after_its_prompt_and_repeats_with_its_seed():
    texts = [write("--prompt", "Ann: Hi", *SHORT) for _ in range(2)]
    assert texts[0] == texts[1]
    assert texts[0].startswith("Ann: Hi")
    assert len(texts[0]) > 12
    assert write(*SHORT, text="Ann: Hi\n") == texts[0]  # from standard input


def test_json_holds_a_row_for_each_sample_of_each_prompt(capfd):
    write("--prompt", "a", "--prompt", "b", "--samples", "2", *SHORT, "--json")
    rows = json.loads(capfd.readouterr().out)["texts"]
    assert [row["prompt"] for row in rows] == ["a", "a", "b", "b"]
    assert rows[0]["text"] != rows[1]["text"]


def test_show_gives_the_probabilities_of_what_was_written(capfd):
    table = write("--prompt", "Ann:", "--strategy", "greedy", *SHORT, "--show", "3")
    assert "most likely" in table
    write("--prompt", "Ann:", "--strategy", "greedy", *SHORT, "--show", "3", "--json")
    [row] = json.loads(capfd.readouterr().out)["texts"]
    assert "".join(token["token"] for token in row["tokens"]) == row["text"]
    for token in row["tokens"]:  # greedy: the most likely one
        assert token["likely"][0] == [token["token"], token["probability"]]
        assert 0 < sum(share for _, share in token["likely"]) <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--strategy", "beam"], "--strategy beam: choose one of greedy, temperature"),
        (["--strategy", "best"], "--strategy best: choose one of greedy, temperature"),
        (["--tokens", "256"], "--tokens 256 does not fit: .* give 1 to 255"),
    ],
)
def test_what_does_not_fit_is_one_line(arguments, message, capfd):
    with pytest.raises(CourseError, match=message):
        write("--prompt", "x", *arguments)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_standard_input_that_is_no_text_is_one_line(errors, monkeypatch):
    piped = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\0bad"), "utf-8", errors)
    monkeypatch.setattr("sys.stdin", piped)
    with pytest.raises(CourseError, match="standard input is not UTF-8"):
        _piped()


def test_no_terminal_obeys_what_is_written(monkeypatch, capfd):
    """A prompt, a text, a sample of training, a note and an error with escapes."""
    evil = "\x1b]0;title\x07\x1b[2J\x9b31m\x7f\rover\b"
    monkeypatch.setattr(
        "course_utils.evaluation.generation.stream",
        lambda model, tokenizer, text, add, **settings: add(evil) or [],
    )
    shown = [write("--prompt", evil), _cut(evil)]
    say(evil)
    with pytest.raises(SystemExit):
        fail(evil, 2)
    shown += capfd.readouterr().err.splitlines()
    for line in shown:
        assert "␛[2J" in line
        assert not [c for c in line if unicodedata.category(c) == "Cc" and c != "\n"]
    write("--prompt", evil, "--json")
    assert json.loads(capfd.readouterr().out)["texts"][0]["prompt"] == evil


def test_json_holds_the_texts_that_are_shown(capfd):
    asked = ["--prompt", "Ann:", "--samples", "2", *SHORT]
    shown = write(*asked)
    write(*asked, "--json")
    for row in json.loads(capfd.readouterr().out)["texts"]:
        assert row["text"] in shown


def test_a_seed_is_one_that_torch_takes():
    for seed in (-1, 2**32):
        result = CliRunner().invoke(app, ["write", "tiny-base", "--seed", str(seed)])
        assert result.exit_code == 2
        assert "'--seed'" in result.output


def test_a_runs_folder_stands_for_its_model(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(CourseError, match="has saved no model yet"):
        _model_of(str(tmp_path))
    (tmp_path / "model").mkdir()
    assert _model_of(str(tmp_path)) == str(tmp_path / "model")
    assert _model_of("tiny-base") == "tiny-base"
    (tmp_path / "config.json").write_text("{}")
    assert _model_of(str(tmp_path)) == str(tmp_path)


def test_a_size_says_that_its_weights_are_random(capfd):
    assert _model_of("gpt2") == "gpt2"
    assert "gpt2 is a size here: its weights are random" in capfd.readouterr().err
