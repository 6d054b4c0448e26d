"""What goes back to a platform: its own columns, numbers and names."""

import csv
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from test_layouts import NAMES, class_of_40, path_of

from course_utils.grading.class_report import write_report
from course_utils.grading.discover import Entry, find
from course_utils.grading.exports import write_export
from course_utils.grading.layouts import Sender
from course_utils.grading.roster import NO_ROSTER, Roster, read_roster
from course_utils.grading.scores import Rules, collect, read_deadlines
from course_utils.grading.tables import write_csv
from course_utils.machine.errors import CourseError


def result(exercise: str, points: float) -> dict:
    rows = [
        {"id": f"{exercise}_1", "title": "one", "points": 1, "out_of": 1, "hint": ""},
        {"id": f"{exercise}_2", "title": "two", "points": points, "out_of": 2}
        | {"hint": "" if points == 2 else "=Look. At <b>, too."},
    ]
    return {"questions": rows, "written": [], "look_at": []}


RESULTS = {"ex05": result("ex05", 2), "ex06": result("ex06", 0.5)}


def exported(
    folder: Path, layout: str, platform: str, lists: tuple[str, ...] = ()
) -> Path:
    """Write a class of 40, read it, and return the folder of a platform's files."""
    class_of_40(folder / "in", layout)
    roster: Roster = NO_ROSTER
    if lists:
        for number, text in enumerate(lists):
            (folder / f"{number}.csv").write_text(text)
        roster = read_roster([folder / f"{n}.csv" for n in range(len(lists))])
    entries = [
        Entry(i.student, i.path, i.exercise, i.exercise, i.problem, i.sender, i.time)
        for i in find(folder / "in", roster)
    ]
    students, _ = collect(entries, RESULTS.get, {}, Rules(), roster)
    write_export(folder / "out", platform, students, roster)
    return folder / "out"


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_canvas(tmp_path):
    """Of the gradebook that Canvas exported: its lines and columns, no one else's."""
    heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    lines = [[*heads, "Exercise 5: loss (771)", "Final Score"]]
    lines.append(["    Points Possible", "", "", "", "", "10", "(read only)"])
    for number, name in enumerate([*NAMES, "Nobody Here"]):
        last = name.split()[-1]
        first = " ".join(name.split()[:-1])
        both = f"{last}, {first}" if first else name
        lines.append([both, f"{12000 + number}", f"{number:05}", f"s{number}", "A"])
        lines[-1] += ["", ""]
    write_csv(tmp_path / "list.csv", lines)
    text = (tmp_path / "list.csv").read_text("utf-8-sig")
    out = exported(tmp_path, "Canvas, flat", "canvas", (text,))
    rows = table(out / "canvas.csv")
    assert rows[0] == [*heads, "Exercise 5: loss (771)", "ex06"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "3", "3"]
    assert len(rows) == 2 + 41
    assert [row[:5] for row in rows[2:]] == [line[:5] for line in lines[2:]]
    assert {tuple(row[5:]) for row in rows[2:-1]} == {("3", "1.5")}
    assert rows[-1][5:] == ["", ""]
    with zipfile.ZipFile(out / "canvas_feedback_ex05.zip") as archive:
        names = set(archive.namelist())
    wanted = [path_of("Canvas, flat", n, "ex05") for n in range(40)]
    assert names == {Path(name).with_suffix(".html").name for name in wanted}


def test_canvas_without_a_list_has_the_numbers_of_the_download(tmp_path):
    rows = table(exported(tmp_path, "Canvas, two zips", "canvas") / "canvas.csv")
    assert sorted(row[1] for row in rows[2:]) == [str(12000 + n) for n in range(40)]


@pytest.mark.parametrize("layout", ["Moodle, two zips", "Moodle, flat"])
def test_moodle(tmp_path, layout):
    heads = "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    lists = []
    for n in (5, 6):
        text = heads
        for number, name in enumerate(NAMES):
            text += f"Participant {100_000 * n + number},{name},s{number}@x.org,,,10\n"
        lists.append(text)
    out = exported(tmp_path, layout, "moodle", tuple(lists))
    rows = table(out / "moodle_ex06.csv")
    assert rows[0] == [
        *("Identifier", "Full name", "Email address", "Grade", "Maximum Grade"),
        "Feedback comments",
    ]
    assert len(rows) == 41
    by_number = {row[0]: row for row in rows[1:]}
    for number, name in enumerate(NAMES):
        row = by_number[f"Participant {600_000 + number}"]
        assert row[1:5] == [name, f"s{number}@x.org", "1.5", "3"]
        assert row[5].startswith("ex06_1: 1 of 1.\nex06_2: 0.5 of 2. =Look.")
    with zipfile.ZipFile(out / "moodle_feedback_ex06.zip") as archive:
        names = archive.namelist()
        assert "ex06_2" in archive.read(names[0]).decode()
    between = "" if "flat" in layout else "/"
    assert f"Ann Lee_600000_assignsubmission_file_{between}feedback.html" in names
    assert len(names) == 40


def test_moodle_without_a_list_has_the_numbers_of_the_download(tmp_path):
    rows = table(exported(tmp_path, "Moodle, flat", "moodle") / "moodle_ex05.csv")
    assert sorted(row[0] for row in rows[1:]) == [
        f"Participant {500_000 + n}" for n in range(40)
    ]


def test_moodle_needs_its_own_numbers(tmp_path):
    with pytest.raises(CourseError, match="its grading worksheet as --roster"):
        exported(tmp_path, "student folders", "moodle")


def test_gradescope(tmp_path):
    out = exported(tmp_path, "Gradescope", "gradescope")
    paths = sorted((out / "gradescope" / "ex05").iterdir())
    assert [path.name for path in paths] == [
        f"submission_5{1000 + n}" for n in range(40)
    ]
    found = json.loads((paths[0] / "results.json").read_text())
    assert found["score"] == 3
    assert [test["score"] for test in found["tests"]] == [1, 2]
    assert [test["max_score"] for test in found["tests"]] == [1, 2]
    assert sum(test["score"] for test in found["tests"]) == found["score"]


def test_csv(tmp_path):
    rows = table(exported(tmp_path, "sections", "csv") / "scores.csv")
    assert rows[0] == [
        "student",
        "section",
        "ex05",
        "ex06",
        "total",
        "out_of",
        "reason",
    ]
    assert len(rows) == 41
    assert {tuple(row[2:]) for row in rows[1:]} == {("3", "1.5", "4.5", "6", "")}


def test_an_unknown_platform_is_one_line(tmp_path):
    with pytest.raises(CourseError, match="there are canvas, moodle, gradescope, csv"):
        write_export(tmp_path, "word", [], NO_ROSTER)


def test_totals_lateness_and_reasons_stand_in_scores_and_pages(tmp_path):
    late = read_deadlines(["2026-11-20T12:00+00:00"])[""] + 86400 * 1.5
    entries = [
        Entry("=ann", "a", "ex05", "ex05", "", time=late),
        Entry("=ann", "b", "ex06", "ex06", "", time=late),
        Entry("می\u200cخواهم", "c.rar", "", "", "it is no zip."),
    ]
    rules = Rules({"ex06": late - 86400 * 1.5}, percent_a_day=10)
    write_report(tmp_path, entries, RESULTS.get, {}, rules)
    head, ann, other = table(tmp_path / "scores.csv")
    found = dict(zip(head, ann, strict=True))
    assert found["student"] == "'=ann"
    assert (found["ex05_total"], found["ex06_total"]) == ("3", "1.2")
    assert (found["ex06_days_late"], found["total"]) == ("2", "4.2")
    found = dict(zip(head, other, strict=True))
    assert found["student"] == "می\u200cخواهم"
    assert found["reason"] == "c.rar: it is no zip."
    pages = [path.read_text() for path in (tmp_path / "feedback").iterdir()]
    page = next(page for page in pages if "=ann" in page)
    assert "ex06 came 2 days late" in page
    assert "20 % less" in page
    assert any("می&zwnj;خواهم" in page for page in pages)
    assert "می&zwnj;خواهم" in (tmp_path / "report.html").read_text()


OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice: libreoffice-calc")
@pytest.mark.parametrize("sign", [",", ";"])
def test_a_spreadsheet_opens_it_right_and_gives_it_back_right(tmp_path, sign):
    """Opened with either separator: no formula, no lost letter."""
    names = [*NAMES, "=1+1", "a;=1+1;b", "＝1+1", "@SUM(1)"]
    write_csv(tmp_path / "t.csv", [["student", "points"], *([n, "1"] for n in names)])
    profile = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [OFFICE, "--headless", profile, f"--infilter=CSV:{ord(sign)},34,76"]
    command += ["--convert-to", "fods", "--outdir", tmp_path, tmp_path / "t.csv"]
    subprocess.run(command, check=True, timeout=200)
    sheet = (tmp_path / "t.fods").read_text()
    assert "table:formula" not in sheet
    for name in ("Jürgen Groß", "می\u200cخواهم نام", "李 小明"):
        assert name in sheet


@pytest.mark.parametrize("platform", ["canvas", "moodle", "gradescope"])
@pytest.mark.parametrize(
    "name",
    ["le\udcff", "..\\..\\lee", "lee" * 70],
    ids=["no UTF-8", "backslashes", "long"],
)
def test_no_name_of_a_download_stops_the_export(tmp_path, platform, name):
    """Nor leads it out of the archive, or out of the folder."""
    labels = {"canvas": "{}_12_34_ex05", "moodle": "{}_12_assignsubmission_file_/"}
    label = labels.get(platform, "{}").format(name)
    sender = Sender("lee", "lee", ((platform, "12"),), label=label)
    entry = Entry("lee", "p", "ex05", "ex05", "", sender)
    students, _ = collect([entry], RESULTS.get, {}, Rules(), NO_ROSTER)
    write_export(tmp_path / "export", platform, students, NO_ROSTER)
    inside = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert inside
    for path in inside:
        names = zipfile.ZipFile(path).namelist() if path.suffix == ".zip" else []
        assert len(names) == (path.suffix == ".zip")
        assert not any("\\" in name for name in [*names, path.name])
