import io
import sys
import time

import pytest

from course_utils.machine import progress
from course_utils.machine.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, delay, seconds):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar(2, "counting", delay=delay) as advance:
        advance(1)
        time.sleep(seconds)
        advance(1)
    return terminal.getvalue()


def test_a_terminal_sees_a_bar_only_after_the_delay(monkeypatch):
    assert "counting" in shown(monkeypatch, 0.01, 0.3)
    assert shown(monkeypatch, 5, 0) == ""


def test_a_pipe_sees_nothing(capfd):
    with progress_bar(2, "counting", delay=0) as advance:
        advance(2)
    assert capfd.readouterr() == ("", "")


def test_a_notebook_gets_tqdm(monkeypatch):
    updates = []

    class Bar:
        def __init__(self, **options):
            assert options == {
                "total": 3,
                "desc": "counting",
                "delay": 2.0,
                "leave": False,
            }

        def __enter__(self):
            return self

        def __exit__(self, *error):
            updates.append("closed")

        update = staticmethod(updates.append)

    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    with progress_bar(3, "counting") as advance:
        advance(2)
    with progress_bar(3, "counting", show=False) as advance:
        advance(1)
    assert updates == [2, "closed"]


def test_an_error_passes_through_and_ends_the_bar(monkeypatch):
    def work():
        with progress_bar(1, "counting", delay=0):
            time.sleep(0.1)
            raise ZeroDivisionError

    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(ZeroDivisionError):
        work()
    # The cursor, which rich hides, is visible again.
    assert sys.stderr.getvalue().rstrip().endswith("\x1b[2K")
