"""Every test runs on the tiny profile, offline, on one thread."""

import gc
import os
import sys
import tempfile
from pathlib import Path

# Set before any test imports torch or huggingface_hub, which read them once.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["COURSE_PROFILE"] = "tiny"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["WANDB_MODE"] = "offline"
os.environ["WANDB_SILENT"] = "true"
os.environ.pop("WANDB_API_KEY", None)
os.environ.setdefault(
    "COURSE_HOME", os.path.join(tempfile.gettempdir(), "course-tests")
)

import pytest

# Until all tests are collected, and with them nearly all that they import.
gc.disable()

# jsonschema would build a grammar of addresses with letters of all languages, which
# takes a process longer than the rest of reading its first notebook.
sys.modules.setdefault("rfc3987_syntax", None)

# They measure time, or keep both cores busy themselves. The other slow tests run two at
# a time (see the Makefile).
ALONE = {
    "test_app",
    "test_bench",
    "test_capstones",
    "test_evil",
    "test_grade_folder",
    "test_judge_process",
    "test_planner",
    "test_scaling",
}


# With --dist loadfile, the tests of a file stay on one worker, since they share what
# they compute. Those of these files share nothing and are long: each goes where it can.
APART = {"test_notebooks", "test_run_from_scratch"}


@pytest.hookimpl(optionalhook=True)  # there is none without pytest-xdist
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class LoadFilesOrTests(LoadFileScheduling):
        def _split_scope(self, nodeid):
            path = super()._split_scope(nodeid)
            return nodeid if Path(path).stem in APART else path

    by_file = config.getvalue("dist") == "loadfile"
    return LoadFilesOrTests(config, log) if by_file else None


@pytest.hookimpl(tryfirst=True)  # before pytest selects by mark
def pytest_collection_modifyitems(items):
    for item in items:
        if {item.path.stem, item.originalname} & ALONE:
            item.add_marker(pytest.mark.alone)
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skipif(not _has_gpu(), reason="needs a GPU"))
        if item.get_closest_marker("hub"):
            reason = "needs the Hugging Face Hub: set COURSE_TEST_HUB=1"
            there = os.environ.get("COURSE_TEST_HUB") == "1"
            item.add_marker(pytest.mark.skipif(not there, reason=reason))


def pytest_collection_finish():
    # A training ends with a search for garbage, which takes a third of a second among
    # all modules. They stay anyway, so they are left out of it.
    gc.freeze()
    gc.enable()


@pytest.fixture
def counted(record_property):
    """Return a function that counts answers for the last lines of the session.

    `counted(what, tried=5)` before they are judged, `counted(what)` for each that
    passes. A worker's counts travel in its reports.
    """

    def count(what: str, tried: int = 0) -> None:
        record_property("counted", [what, int(not tried), tried])

    return count


def pytest_terminal_summary(terminalreporter):
    totals = {}
    reports = [r for found in terminalreporter.stats.values() for r in found]
    for report in reports:
        if getattr(report, "when", "") == "call":
            for name, (what, right, tried) in report.user_properties:
                if name == "counted":
                    before = totals.get(what, (0, 0))
                    totals[what] = (before[0] + right, before[1] + tried)
    if totals:
        terminalreporter.section("answers")
    for what, (right, tried) in sorted(totals.items()):
        terminalreporter.write_line(f"{what}: {right} of {tried}")


@pytest.fixture
def course_here(monkeypatch, capsys):
    """Return a function that runs `course ...` in this process, libraries loaded.

    It gives what `subprocess.run` would: returncode, stdout, stderr.
    """
    import logging
    import signal
    import subprocess
    import sys

    from course_utils.commands.cli import main

    def run(*arguments: object) -> subprocess.CompletedProcess:
        monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process's stay
        monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
        monkeypatch.setattr(sys, "argv", ["course", *map(str, arguments)])
        monkeypatch.setattr(sys, "__stdout__", sys.stdout)  # where JSON goes
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code or 0
        shown = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, shown.out, shown.err)

    return run


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def tokenizer():
    """The tiny tokenizer that ships with the course."""
    from transformers import AutoTokenizer

    from course_utils.machine.places import ASSETS

    return AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")


@pytest.fixture
def tiny_model():
    """A GPT-2 of 2 layers with random weights, the same each time."""
    from transformers import GPT2LMHeadModel, set_seed

    from course_utils.model.gpt2 import preset

    set_seed(0)
    return GPT2LMHeadModel(preset("tiny", n_layer=2, n_embd=64)).eval()


@pytest.fixture
def text_path(tmp_path):
    """A text file of 400 different lines."""
    words = [
        "the",
        "cat",
        "dog",
        "sat",
        "ran",
        "on",
        "under",
        "a",
        "mat",
        "hat",
        "with",
    ]
    lines = [
        " ".join(words[(i * k + k) % len(words)] for k in range(3, 14)) + f" {i}."
        for i in range(400)
    ]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines))
    return path
