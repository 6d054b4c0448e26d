"""scripts/set_up.py: the bar of `make run`'s first minute, and how a failure reads."""

import sys
from pathlib import Path

from scripts.set_up import clock, failed, install, line, state

FETCHING = """\
Looking in links: somewhere
Requirement already satisfied: pip in ./.venv (26.3)
Collecting torch==2.13.0
  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (190.0 MB)
Progress 1048576 of 190000000
Progress 95000000 of 190000000
"""


def test_the_state_follows_what_pip_says():
    assert state("", 0, 10) == (0.0, "looking")
    assert state(FETCHING, 0, 10) == (0.1, "fetching torch: 95 of 190 MB")
    small = FETCHING + "Collecting idna\nProgress 100 of 70000\n"
    assert state(small, 0, 10) == (0.15, "fetching idna")
    wheel = "Processing /wheels/torch-2.13.0-cp311-cp311-linux_x86_64.whl\n"
    assert state(wheel, 0, 10) == (0.05, "fetching torch")
    more = FETCHING + "".join(f"Collecting p{i}\n" for i in range(30))
    assert state(more, 0, 10)[0] == 0.5
    done = more + "Installing collected packages: torch, idna, p1, p2\n"
    assert state(done, 1, 10) == (0.625, "installing 4 packages")
    assert state(done, 9, 10)[0] < 1


def test_a_pipe_gets_one_plain_line_for_each_step(capsys):
    show = line("2/3 torch", start=0.0)
    show(0.5, "fetching torch")
    show(1.0, "")
    assert capsys.readouterr().out == "  2/3 torch\n"


def test_a_terminal_gets_a_bar_in_one_line_that_fits(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    show = line("2/3 torch", start=0.0)
    show(0.5, "fetching torch: 95 of 190 MB")
    show(1.0, "")
    first, last = capsys.readouterr().out.split("\r\x1b[K")[1:]
    assert first.startswith("  2/3 torch [############------------]")
    assert len(first) < 40
    assert last == "  2/3 torch\n"
    assert clock(125.9) == "2:05"


def test_a_failure_is_one_line_of_pip_and_the_place_of_the_rest(tmp_path, capsys):
    log = tmp_path / "setup.log"
    shown = []
    status = install(
        Path(sys.executable),
        ["--no-index", "no-such-package-of-the-course"],
        log,
        packages=1,
        show=lambda share, what: shown.append(share),
    )
    assert status == 1
    assert 1.0 not in shown
    assert failed(log, status) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 2
    assert said[0].startswith("ERROR: No matching distribution found")
    assert str(log) in said[1]
