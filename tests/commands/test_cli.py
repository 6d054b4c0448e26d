import json
import re
import subprocess
import sys

import pytest

from course_utils.commands import doctor


def run_course(*arguments, **options):
    command = [sys.executable, "-m", "course_utils", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


COMMANDS = ("run", "train", "write", "lab", "build", "check", "progress", "doctor")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_takes_json(command, course_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = course_here(command, "--help")
    assert result.returncode == 0
    assert "--json" in re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)


def test_bad_usage_is_status_2():
    result = run_course("train")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_no_such_command():
    assert run_course("fly").returncode == 2


def test_doctor_prints_one_json_object(tmp_path, course_here, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    result = course_here("doctor", "--json")
    findings = {f["name"]: f for f in json.loads(result.stdout)["findings"]}
    assert {"python", "torch", "hardware", "threads", "network", "wandb"} <= set(
        findings
    )
    assert findings["profile"]["text"].startswith("tiny")
    assert result.returncode == (0 if all(f["ok"] for f in findings.values()) else 1)


def test_doctor_says_what_to_do(course_here, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", "/proc/none")
    monkeypatch.setenv("COURSE_RUNS", "/proc/none")
    result = course_here("doctor")
    assert result.returncode == 1
    assert "[FAIL]" in result.stdout
    assert "Set COURSE_HOME" in result.stdout
    assert "Set COURSE_RUNS" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("found", "is_new"),
    [("5.1.9", False), ("5.2.0", True), ("5.10", True), ("6.0.0.dev0", True)],
)
def test_doctor_knows_the_lowest_versions_of_the_project(found, is_new, monkeypatch):
    monkeypatch.setattr(doctor, "requires", lambda _: ["transformers>=5.2", "rich"])
    monkeypatch.setattr(doctor, "version", lambda _: found)
    [finding] = doctor._packages()
    assert (finding.name, finding.ok, finding.text) == ("transformers", is_new, found)
    assert finding.advice == "pip install -U 'transformers>=5.2'"


def test_doctor_asks_the_installed_course_for_them():
    names = [finding.name for finding in doctor._packages()]
    assert sorted(names) == ["datasets", "torch", "transformers"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["doctor", "--profile", "huge"], "unknown profile 'huge'"),
        (["run", "--lessons", "00", "--out", "{file}"], "is a file"),
    ],
)
def test_bad_values_are_one_line_and_status_2(
    arguments, message, tmp_path, course_here
):
    file = tmp_path / "file"
    file.write_text("mine")
    result = course_here(*(argument.format(file=file) for argument in arguments))
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_check_names_a_missing_notebook(tmp_path):
    result = run_course("check", tmp_path / "none.ipynb")
    assert result.returncode == 2
    assert "none.ipynb" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def small_notebook(tmp_path):
    """Exercise 5 with a right answer, a wrong one, and no more."""
    import nbformat

    cells = [
        "def steps_per_epoch(n_blocks, batch_size, accumulation, processes):\n"
        "    size = batch_size * accumulation * processes\n"
        "    return size, -(-n_blocks // size)",
        'check("ex05_1")',
        "def learning_rate_at(step, warmup_steps, total_steps, peak):\n"
        "    return [peak][step]",
    ]
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    path = tmp_path / "ex05.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def test_check_prints_a_table(small_notebook, course_here, monkeypatch):
    """What a kernel finds is tested below, and in checks/test_notebook.py."""
    from course_utils import checks

    rows = [
        {"question": f"ex05_{number}", "title": "a title", "points": 0, "out_of": 2}
        | {"hint": "", "details": ""}
        for number in range(1, 6)
    ]
    rows[0] |= {"points": 1, "out_of": 1}
    rows[1] |= {"hint": "`causal_loss` is not defined."}
    rows[2] |= {"hint": "`learning_rate_at` stops with IndexError", "details": "step 1"}
    rows[4] |= {"out_of": 3}
    monkeypatch.setattr(checks, "check_notebook", lambda *_, **__: rows)
    monkeypatch.setenv("COLUMNS", "200")
    result = course_here("check", small_notebook)
    assert result.returncode == 0
    lines = [line.split() for line in result.stdout.splitlines() if "ex05_" in line]
    assert [line[:4] for line in lines] == [
        ["ex05_1", "1", "of", "1"],
        ["ex05_2", "0", "of", "2"],
        ["ex05_3", "0", "of", "2"],
        ["ex05_4", "0", "of", "2"],
        ["ex05_5", "0", "of", "3"],
    ]
    shown = " ".join(result.stdout.split())
    assert "`causal_loss` is not defined." in shown
    assert "`learning_rate_at` stops with IndexError" in shown
    assert "1 of 10 points" in shown


def test_check_prints_one_json_object(small_notebook, course_here):
    result = course_here("check", small_notebook, "--json")
    assert result.returncode == 0
    rows = json.loads(result.stdout)["questions"]
    keys = ["question", "title", "points", "out_of", "hint", "details"]
    assert [list(row) for row in rows] == [keys] * 5
    assert [row["points"] for row in rows] == [1, 0, 0, 0, 0]
    assert rows[0]["hint"] == rows[0]["details"] == ""
    assert "IndexError" in rows[2]["details"]
    assert "warmup_steps" in rows[2]["details"]
