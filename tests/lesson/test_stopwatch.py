"""The time of a lesson's cells, without the reading between them."""

import re
import subprocess
import sys
import time
from types import SimpleNamespace

import IPython

from course_utils import finish_lesson
from course_utils.lesson.stopwatch import Stopwatch, peak_memory, stopwatch


class Notebook:
    """Runs functions as cells, with IPython's events around them."""

    def __init__(self) -> None:
        from IPython.core.events import EventManager

        events = ("pre_run_cell", "post_run_cell")
        self.events = EventManager(self, {event: lambda info: None for event in events})

    def run(self, cell):
        self.events.trigger("pre_run_cell", SimpleNamespace())
        cell()
        self.events.trigger("post_run_cell", SimpleNamespace())


def test_reading_does_not_count(monkeypatch):
    now = 0.0

    def wait(seconds):
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    notebook, watch, asked = Notebook(), Stopwatch(), []
    monkeypatch.setattr(IPython, "get_ipython", lambda: notebook)
    for _ in range(2):  # a setup cell may be run twice
        notebook.run(lambda: (watch.restart(), wait(2)))
        wait(600)
    notebook.run(lambda: wait(3))
    wait(600)
    notebook.run(lambda: (wait(1), asked.append(watch.seconds)))
    assert asked == [2 + 3 + 1]


def test_a_lesson_prints_what_it_took(capsys):
    stopwatch.restart()
    finish_lesson()
    assert re.fullmatch(
        r"The cells took 0 seconds and at most \d+\.\d GB of memory\.\n",
        capsys.readouterr().out,
    )
    ballast = bytearray(b"x" * 50_000_000)
    assert peak_memory() > len(ballast)


def test_a_program_does_not_report_the_peak_of_the_one_that_started_it():
    ballast = bytearray(b"x" * 200_000_000)
    ask = "from course_utils.lesson.stopwatch import peak_memory; print(peak_memory())"
    command = [sys.executable, "-c", ask]
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    assert int(child.stdout) < len(ballast) < peak_memory()
