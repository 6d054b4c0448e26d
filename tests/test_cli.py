import json
import os
import subprocess
import sys

import pytest


def run_course(*arguments, **options):
    command = [sys.executable, "-m", "course_utils.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    "arguments", [["run"], ["train"], ["build"], ["check"], ["doctor"], ["bench"]]
)
def test_every_command_has_help_and_takes_json(arguments):
    result = run_course(*arguments, "--help", env=os.environ | {"COLUMNS": "200"})
    assert result.returncode == 0
    assert "--json" in result.stdout


def test_bad_usage_is_status_2():
    result = run_course("train")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_no_such_command():
    assert run_course("fly").returncode == 2


def test_doctor_prints_one_json_object(tmp_path):
    environment = os.environ | {"COURSE_RUNS": str(tmp_path)}
    result = run_course("doctor", "--json", env=environment)
    findings = {f["name"]: f for f in json.loads(result.stdout)["findings"]}
    assert {"python", "torch", "hardware", "threads", "network", "wandb"} <= set(
        findings
    )
    assert findings["profile"]["text"].startswith("tiny")
    assert result.returncode == (0 if all(f["ok"] for f in findings.values()) else 1)


def test_doctor_says_what_to_do():
    nowhere = {"COURSE_HOME": "/proc/none", "COURSE_RUNS": "/proc/none"}
    result = run_course("doctor", env=os.environ | nowhere)
    assert result.returncode == 1
    assert "[FAIL]" in result.stdout
    assert "Set COURSE_HOME" in result.stdout
    assert "Set COURSE_RUNS" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["doctor", "--profile", "huge"], "unknown profile 'huge'"),
        (["run", "--lessons", "00", "--out", "{file}"], "is a file"),
    ],
)
def test_bad_values_are_one_line_and_status_2(arguments, message, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    result = run_course(*(argument.format(file=file) for argument in arguments))
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_check_names_a_missing_notebook(tmp_path):
    result = run_course("check", tmp_path / "none.ipynb")
    assert result.returncode == 2
    assert "none.ipynb" in result.stderr
    assert "Traceback" not in result.stderr
