import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from course_utils.commands.train import own_text
from course_utils.commands.train.own_text import (
    Options,
    evaluation_share,
    read_texts,
    train_on_text,
)
from course_utils.machine.errors import CourseError
from course_utils.training.tracking import read_offline_run
from course_utils.training.trainer import last_checkpoint, training_arguments

KEYS = {
    "perplexity_before",
    "perplexity_after",
    "tokens",
    "seconds",
    "tokens_per_second",
    "predicted_seconds",
    "model_dir",
    "samples",
    "counting",
    "bits_per_byte_after",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    # Training writes wandb's variables: give each test a copy to spoil.
    monkeypatch.setattr(os, "environ", os.environ.copy())


def run_course(*arguments, **options):
    command = [sys.executable, "-m", "course_utils", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_train_on_text_end_to_end(text_path, tmp_path):
    from course_utils.model.gpt2 import load

    out = tmp_path / "out"
    lines = []
    options = Options(train=str(text_path), out=str(out), steps=30)
    report = train_on_text(options, lines.append)
    assert set(report) >= KEYS
    assert report["perplexity_after"] < report["perplexity_before"] / 5
    # The last batch of an epoch may be smaller.
    assert 0.5 * 30 * 8 * 128 < report["tokens"] <= 30 * 8 * 128
    assert json.loads((out / "report.json").read_text()) == report
    assert {p.name for p in out.iterdir()} == {
        "loss.png",
        "model",
        "report.json",
        "run.json",
        "wandb",
    }
    model, _ = load(out / "model")
    assert model.config.vocab_size == 2048
    assert len(report["samples"]) == 3
    assert read_offline_run(out).summary["perplexity_after"] == pytest.approx(
        report["perplexity_after"]
    )
    assert any("predicted" in line for line in lines)
    counting = report["counting"]
    assert list(counting) == ["unigram", "bigram", "5-gram"]
    assert counting["bigram"]["perplexity"] < counting["unigram"]["perplexity"] / 2
    # The same blocks and bytes: bits per byte are the logarithm, in another unit.
    rates = [
        row["bits_per_byte"] / math.log(row["perplexity"]) for row in counting.values()
    ]
    rates.append(report["bits_per_byte_after"] / math.log(report["perplexity_after"]))
    assert rates == pytest.approx([rates[0]] * 4)
    assert 0.3 < report["predicted_memory_gb"] < 64
    assert 0.3 < report["memory_gb"] < 64


def test_before_is_measured_on_the_untrained_model(text_path, tmp_path):
    options = Options(train=str(text_path), out=str(tmp_path / "out"), steps=1)
    report = train_on_text(options, lambda line: None)
    # Random weights guess: the loss is about ln(vocabulary), here of 2,048 places.
    assert abs(math.log(report["perplexity_before"]) - math.log(2048)) < 0.3


def test_the_same_text_for_both_is_called_a_leak(text_path):
    lines = []
    read_texts(str(text_path), str(text_path), lines.append)
    assert "leak" in lines[0]
    largely = text_path.with_name("largely.txt")
    known = text_path.read_text().splitlines()[:300]
    largely.write_text("\n".join([*known, *(f"New {i}." for i in range(100))]))
    read_texts(str(text_path), str(largely), lines.append)
    assert lines[1].startswith("warning: 75% of the evaluation text is in the")
    lines.clear()
    texts = read_texts(str(text_path), None, lines.append)
    assert lines == []
    assert len(texts["train"]) == 9 * len(texts["eval"]) == 360
    assert not set(texts["train"]) & set(texts["eval"])


def test_a_single_paragraph_cannot_be_split(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("one line only")
    with pytest.raises(CourseError, match="give --eval"):
        read_texts(str(path), None, print)


def test_too_little_text_names_the_split(tmp_path, text_path):
    path = tmp_path / "short.txt"
    path.write_text("one\ntwo\nthree\n")
    options = Options(train=str(text_path), eval=str(path), out=str(tmp_path / "o"))
    with pytest.raises(CourseError, match="the eval text has 12 tokens, too few"):
        train_on_text(options, lambda line: None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{missing}"], "no such file"),
        (["{folder}"], "is a folder"),
        (["nobody/nothing"], "no file nobody/nothing, and the Hub cannot be reached"),
        (["{text}", "--profile", "huge"], "unknown profile"),
        (["{text}", "--model", "gpt9"], "no model 'gpt9'"),
        (["{text}", "--model", "a/b"], "Hub cannot be reached"),
        (["{text}", "--profile", "colab", "--strict"], "cannot be reached"),
        (["{text}", "--resume"], "--resume needs --out"),
        (["{text}", "--out", "{text}/below"], "cannot write"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    text_path, tmp_path, arguments, message, course_here, monkeypatch
):
    places = {
        "missing": tmp_path / "none.txt",
        "folder": tmp_path,
        "text": text_path,
    }
    before = sorted(tmp_path.rglob("*"))
    filled = [argument.format(**places) for argument in arguments]
    monkeypatch.chdir(tmp_path)
    result = course_here("train", *filled)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2
    left = [p for p in sorted(tmp_path.rglob("*")) if p not in before]
    assert not [p for p in left if p.is_file()]


def test_a_process_of_its_own_says_no_more(tmp_path):
    result = run_course("train", tmp_path / "none.txt", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("course: no such file")
    assert len(result.stderr.strip().splitlines()) <= 2


def test_a_missing_file_is_said_before_the_libraries_are_loaded(tmp_path):
    code = (
        "import sys\n"
        "sys.modules |= {'torch': None, 'transformers': None, 'datasets': None}\n"
        "from course_utils.commands.cli import main\n"
        "sys.argv = ['course', 'train', 'none.txt']\n"
        "main()"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "course: no such file: none.txt" in result.stderr


def test_another_run_is_not_overwritten(text_path, tmp_path):
    out = tmp_path / "out"
    options = Options(train=str(text_path), out=str(out), steps=2)
    report = train_on_text(options, lambda line: None)
    with pytest.raises(CourseError, match="already holds a run"):
        train_on_text(options, lambda line: None)
    other = Options(train=str(text_path), out=str(out), steps=3, resume=True)
    with pytest.raises(CourseError, match=r"settings \(steps: 2, now 3\)") as refused:
        train_on_text(other, lambda line: None)
    assert f"--model {out / 'model'}" in str(refused.value)
    lines = []
    assert train_on_text(replace(options, resume=True), lines.append) == report
    assert "is finished" in lines[-1]
    (out / "run.json").write_text("{half")
    with pytest.raises(CourseError, match="other texts or settings"):
        train_on_text(replace(options, resume=True), lines.append)


@pytest.mark.parametrize("name", ["model", "checkpoint-500"])
def test_files_of_nobodys_run_are_left_alone(name, text_path, tmp_path):
    out = tmp_path / "mine"
    (out / name).mkdir(parents=True)
    options = Options(train=str(text_path), out=str(out), steps=1)
    for resume in (False, True):
        with pytest.raises(CourseError, match=f"holds {name}"):
            train_on_text(replace(options, resume=resume), print)
    assert [path.name for path in out.iterdir()] == [name]


def test_what_is_refused_leaves_the_folder_free(text_path, tmp_path, monkeypatch):
    def refused(*arguments):
        raise CourseError("refused")

    monkeypatch.setattr(own_text, "predicted_cost", refused)
    out = tmp_path / "out"
    options = Options(train=str(text_path), out=str(out), steps=1)
    with pytest.raises(CourseError, match="refused"):
        train_on_text(options, lambda line: None)
    assert not out.exists()


@pytest.mark.parametrize("steps", [3, 4])  # the end of an epoch, and past it
def test_stopped_after_the_last_step_it_takes_no_other(
    steps, text_path, tmp_path, monkeypatch
):
    keep = own_text._keep
    reports = []

    def stopped(out, material, log_history, baselines, report, say):
        reports.append(report)
        raise KeyboardInterrupt

    options = Options(train=str(text_path), out=str(tmp_path / "out"), steps=steps)
    monkeypatch.setattr(own_text, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_on_text(options, lambda line: None)
    monkeypatch.setattr(own_text, "_keep", keep)
    lines = []
    report = train_on_text(replace(options, resume=True), lines.append)
    assert f"resuming from checkpoint-{steps}" in lines
    for key in ("perplexity_before", "perplexity_after", "tokens", "samples"):
        assert report[key] == reports[0][key]


def test_the_users_settings_win_and_epochs_are_counted_in_steps(
    text_path, tmp_path, monkeypatch
):
    made = {}

    def stopped(model, tokenizer, arguments, *others, **more):
        made["arguments"] = arguments
        raise KeyboardInterrupt

    monkeypatch.setattr("course_utils.training.trainer.make_trainer", stopped)
    fields = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
    fields |= {"weight_decay": 0.5, "seed": 7, "eval_steps": 5}
    options = Options(
        train=str(text_path),
        out=str(tmp_path / "my run"),
        epochs=0.5,
        block_size=32,
        fields=fields,
    )
    lines = []
    with pytest.raises(KeyboardInterrupt):
        train_on_text(options, lines.append)
    found = made["arguments"]
    assert {name: getattr(found, name) for name in fields} == fields
    [blocks] = [
        int(line.split()[1].replace(",", ""))
        for line in lines
        if line.startswith("train: ") and "of 32" in line
    ]
    assert found.max_steps == math.ceil(math.ceil(math.ceil(blocks / 4) / 2) / 2)
    assert found.learning_rate == 6e-3  # the course's, where the user says nothing
    assert found.run_name == "train-my-run"  # wandb's artifacts take no space
    assert "random weights" in lines[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"block_size": 2000, "model": "gpt2"}, "more than the 1024 positions of gpt2"),
        ({"fields": {"bf16": True, "fp16": True}}, "these settings cannot be used: At"),
        ({"fields": {"report_to": "paper"}}, "cannot be used: paper is not supported"),
        ({"fields": {"report_to": "swanlab"}}, "cannot be used: SwanLab"),
    ],
)
def test_settings_that_do_not_fit_are_one_line(
    settings, message, text_path, tmp_path, capsys
):
    options = Options(train=str(text_path), out=str(tmp_path / "out"), **settings)
    with pytest.raises(CourseError, match=message):
        train_on_text(options, lambda line: None)
    assert not (tmp_path / "out").exists()


SETTINGS = ["--steps", 40, "--profile", "tiny"]
SIGNALS = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A text, and the folder of a run on it that nothing interrupted."""
    folder = tmp_path_factory.mktemp("unbroken")
    text = folder / "text.txt"
    text.write_text(
        "\n".join(f"Line {i}: {i * i % 97} birds sing." for i in range(800))
    )
    result = run_course("train", text, *SETTINGS, "--out", folder / "whole", "--json")
    assert result.returncode == 0, result.stderr
    return text, folder / "whole"


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    ["start", "save", "interrupt", "terminate", "kill 0", "kill 1", "kill 2"],
)
def test_a_stopped_run_resumes_on_the_same_curve(
    moment, unbroken, tmp_path, course_here
):
    text, whole = unbroken
    out = tmp_path / "out"
    command = [sys.executable, "-m", "course_utils", "train", str(text)]
    command += [*map(str, SETTINGS), "--out", str(out)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    if moment == "start":  # before the first checkpoint
        wait_for(lambda: (out / "run.json").exists(), process)
    elif moment == "save":  # a checkpoint's folder is there, its mark is not yet
        wait_for(lambda: any(out.glob("checkpoint-1*/model.safetensors")), process)
    else:
        wait_for(lambda: any(out.glob("checkpoint-*/complete.txt")), process)
        time.sleep(random.Random(moment).uniform(0, 2))
    process.send_signal(SIGNALS.get(moment, signal.SIGKILL))
    _, said = process.communicate(timeout=60)
    if moment in SIGNALS:
        assert process.returncode == 130
        assert said.endswith(f"--out {out} --resume\n")

    result = course_here("train", text, *SETTINGS, "--out", out, "--resume", "--json")
    assert result.returncode == 0, result.stderr
    anew = "no whole checkpoint yet: starting anew" in result.stderr
    assert anew == (moment == "start")
    report = json.loads(result.stdout)
    expected = json.loads((whole / "report.json").read_text())
    for key in ("perplexity_before", "perplexity_after"):
        assert report[key] == pytest.approx(expected[key], rel=1e-4)
    again, unstopped = losses(out), losses(whole)
    assert (min(again) == min(unstopped)) == (moment == "start")  # it goes on
    differences = [abs(loss - unstopped[step]) for step, loss in again.items()]
    assert max(differences) < 1e-4
    print(f"{moment}: {len(differences)} losses, largest difference", max(differences))


def heed_interrupts() -> None:
    """Undo what a shell does to a job in the background: it would not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def losses(out):
    """Return the (step, training loss) pairs of a run's newest tracked part."""
    history = read_offline_run(out, wait=0).history
    logged = [row for row in history if "train/loss" in row]
    return {row["train/global_step"]: row["train/loss"] for row in logged}


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_leaves_no_half_checkpoint(text_path, tmp_path):
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    # A disk of 14 MB, seen by this command alone: room for one checkpoint of 9 MB.
    script = (
        f"mount -t tmpfs -o size=14m tmpfs {disk} || exit 99; "
        f"{sys.executable} -m course_utils train {text_path} --steps 16 "
        f"--profile tiny --out {disk}/out; status=$?; cp -r {disk} {copy}; exit $status"
    )
    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True
    )
    if result.returncode == 99 or result.stderr.startswith("unshare:"):
        pytest.skip(f"cannot mount a small disk here: {result.stderr.strip()}")
    assert result.returncode == 2, result.stderr
    assert "is full: free some space" in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
    assert last_checkpoint(copy / "out").name == "checkpoint-2"


def wait_for(condition, process, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
def test_two_processes_train_on_twice_the_tokens(text_path, tmp_path):
    out = tmp_path / "out"
    result = run_course(
        "train", text_path, "--steps", 4, "--processes", 2, "--out", out, "--json"
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["processes"] == 2
    assert 4 * 8 * 128 < report["tokens"] <= 2 * 4 * 8 * 128

    # What one process refuses is one line too.
    bad = ["train", text_path, "--processes", 2, "--out", tmp_path / "bad"]
    result = run_course(*bad, "--model", "gpt9")
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    ours = [line for line in lines if line and "[INFO] Running in WANDB" not in line]
    assert len(ours) == 1
    assert ours[0].startswith("course: no model 'gpt9'")
    assert not (tmp_path / "bad").exists()


@pytest.mark.slow
def test_several_processes_stop_and_resume(text_path, tmp_path):
    import psutil

    out = tmp_path / "out"
    arguments = ["train", text_path, "--steps", 400, "--processes", 2, "--out", out]
    command = [sys.executable, "-m", "course_utils", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: any(out.glob("checkpoint-*/complete.txt")), process, 900)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    # Python's resource tracker may add a warning of its own after this line.
    line = f"stopped; continue with the same command, --out {out} --resume\n"
    assert line in said
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    result = run_course(*arguments, "--resume", "--json")
    assert result.returncode == 0, result.stderr
    assert "resuming from checkpoint-" in result.stderr
    assert json.loads(result.stdout)["steps"] == 400


def test_evaluations_take_a_third_of_a_pass_for_each_row():
    """80 steps of 16 rows, and 8 times 160 rows forward only."""
    material = SimpleNamespace(eval=range(160))
    arguments = training_arguments(
        "out",
        max_steps=80,
        per_device_train_batch_size=16,
        eval_strategy="steps",
        eval_steps=10,
    )
    assert evaluation_share(material, arguments) == pytest.approx(1 / 3)
