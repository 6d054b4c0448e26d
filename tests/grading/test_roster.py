"""Who is who by a class list, and what is late."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_utils.grading.discover import Entry
from course_utils.grading.given_points import read_points
from course_utils.grading.layouts import Sender
from course_utils.grading.roster import Person, Roster, Students, read_roster
from course_utils.grading.scores import NOTHING, Rules, collect, read_deadlines
from course_utils.grading.tables import plain_cell, read_csv, safe_cell, write_csv
from course_utils.machine.errors import CourseError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Exercise 5 (77)
    Points Possible,,,,,10
"Lee, Ann",12000,00412,alee,A,
"Müller, Zoë",12001,00413,zmuller,B,
"Student, Test",1,,,A,
"""
MOODLE = """Identifier,Full name,Email address,Status,Last modified (submission)
Participant 500001,Ann Lee,ann@example.org,in,"Friday, 20 November 2026, 11:30 PM"
Participant 500002,Zoë Müller,zoe@example.org,No submission,-
"""
GITHUB = """"identifier","github_username","github_id","name"
"ann@example.org","AnnLee99","1","Ann Lee"
"zoe@example.org","zoe-m","2","Zoë Müller"
"""
OWN = (
    "Vorname;Nachname;E-Mail;Gruppe\nAnn;Lee;ann@example.org;1\nZoë;Müller;z@x.org;2\n"
)
ANN = Sender("Ann Lee", "name Ann Lee")
SENDERS = [
    ANN,
    Sender("leeann", "canvas 12000", (("canvas", "12000"),)),
    Sender("leeann", "canvas 99", (("canvas", "99"),)),
    Sender("Ann Lee", "name Ann Lee", (("moodle", "500001"),)),
    Sender("annlee99", "name annlee99", (("github", "annlee99"),)),
    Sender("alee", "name alee", (("login", "alee"),)),
    Sender("412", "name 412"),
    Sender("ann", "name ann"),
    Sender("Lee Ann", "name Lee Ann"),
]


@pytest.mark.parametrize("name", ["Anna van der Bosch", "van der Bosch, Anna"])
def test_a_name_of_many_words_is_known_in_any_order(name):
    roster = Roster([Person(name)])
    for other in ("vanderboschanna", "Anna van der Bosch", "van der Bosch Anna"):
        assert roster.person(Sender(other, "k")) is roster.people[0]


def test_no_two_names_become_the_same_cell():
    names = ["=ann", "'=ann", "''=ann", "ann", "'ann"]
    assert len({safe_cell(name) for name in names}) == len(names)


def written(folder: Path, *texts: str) -> Roster:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.csv")
        paths[-1].write_text(text, encoding="utf-8-sig")
    return read_roster(paths)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (CANVAS, (0, 1, 2, 5, 6, 8)),
        (MOODLE, (0, 3, 7, 8)),
        (GITHUB, (0, 4, 8)),
        (OWN, (0, 7, 8)),
    ],
)
def test_ann_is_known_by_whatever_her_list_says(tmp_path, text, numbers):
    roster = written(tmp_path, text)
    assert len(roster.people) == 2
    for number in numbers:
        found = roster.person(SENDERS[number])
        assert found is roster.people[0], SENDERS[number]
    assert roster.person(Sender("eve", "name eve")) is None


def test_two_people_of_one_name_are_nobody_without_a_number(tmp_path):
    text = "Name,Email\nAnn Lee,a@x.org\nAnn Lee,b@x.org\n"
    roster = written(tmp_path, text)
    assert [p.name for p in roster.people] == ["Ann Lee (a@x.org)", "Ann Lee (b@x.org)"]
    assert roster.person(ANN) is None
    found = roster.person(Sender("Ann Lee", "k", (("email", "B@x.org"),)))
    assert found is roster.people[1]


def test_moodle_has_a_list_for_each_assignment(tmp_path):
    second = MOODLE.replace("50000", "60000").replace("20 Nov", "27 Nov")
    roster = written(tmp_path, MOODLE, second)
    assert len(roster.people) == 2
    for number in ("500001", "600001"):
        sender = Sender("Participant", f"moodle {number}", (("moodle", number),))
        assert roster.person(sender) is roster.people[0]
    days = roster.people[0].submitted
    assert days["600001"] - days["500001"] == pytest.approx(7 * 86400, abs=7200)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column of names"),
        ("Name\n", "names nobody"),
        ("", "is empty"),
        ("Name,Email\nAnn,n/a\nBob,n/a\n", "Ann and Bob share 'n/a'"),
        ("Name\nAnn\nAnn\n", "2 lines for Ann"),
        ("Name,SID\nAnn,7\nAnn,8\nAnn (7),9\n", r"2 lines for Ann \(7\)"),
        ("Name,extra_days\nAnn,inf\n", "gives Ann 'inf' extra days"),
        ("Name,extra_days\nAnn,NaN\n", "gives Ann 'NaN' extra days"),
    ],
)
def test_a_list_that_makes_no_sense_is_one_line(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(CourseError, match=words):
        read_roster([tmp_path / "a.csv"])


def test_whoever_handed_in_nothing_stands_there(tmp_path):
    roster = written(tmp_path, CANVAS)
    students = Students(roster, [ANN, Sender("eve", "name eve")])
    entries = [
        Entry(students.name_of(ANN), "a.rar", "", "", "it is no zip."),
        Entry("eve", "eve.rar", "", "", "it is no zip."),
    ]
    found, look_at = collect(entries, {}.get, {}, Rules(), roster)
    assert [student.name for student in found] == ["Lee, Ann", "Müller, Zoë", "eve"]
    assert [student.section for student in found] == ["A", "B", ""]
    assert found[1].reason == NOTHING
    assert found[0].reason == "a.rar: it is no zip."
    assert ("eve", "eve.rar", "the roster does not know this name.") in look_at


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("sent", "moment", "extra", "days"),
    [
        ({}, "2026-11-20T23:59", 0, 0),
        ({}, "2026-11-21T00:00", 0, 1),
        ({}, "2026-11-21T23:59", 0, 1),
        ({}, "2026-11-22T00:00", 0, 2),
        ({}, "2026-11-22T00:00", 2, 0),
        ({}, None, 0, 0),
        ({"late": True}, None, 0, 1),
        ({"late": True}, "2026-11-20T12:00", 0, 1),
        ({"late": True}, "2026-11-21T12:00", 3, 0),
        # The time of a file in Canvas' archive is that of the download.
        ({"ids": (("canvas", "1"),)}, "2026-12-24T00:00", 0, 0),
        ({"ids": (("canvas", "1"),), "late": True}, "2026-12-24T00:00", 0, 1),
    ],
)
def test_days_late(sent, moment, extra, days):
    rules = Rules(read_deadlines(["2026-11-20T23:59", "ex06=2026-12-01"]))
    sender = Sender("ann", "name ann", **sent)
    time = None if moment is None else at(moment)
    entry = Entry("ann", "p", "ex05", "k", "", sender, time)
    assert rules.days_late(entry, Person("ann", extra_days=extra)) == days


def test_a_list_knows_better_when_work_came():
    rules = Rules(read_deadlines(["2026-11-20"]))
    sender = Sender("ann", "name ann", (("moodle", "5"),))
    entry = Entry("ann", "p", "ex05", "k", "", sender, at("2026-11-01"))
    assert rules.days_late(entry, None) == 0
    assert rules.days_late(entry, Person("ann", submitted={"5": at("2026-11-23")})) == 3
    assert rules.days_late(entry, Person("ann", submitted={"": at("2026-11-23")})) == 3


@pytest.mark.parametrize(
    "text", ["tomorrow", "ex99=2026-11-20", "2026-13-01", "ex05=", "0001-01-01"]
)
def test_a_deadline_that_is_none_is_one_line(text):
    with pytest.raises(CourseError, match="--deadline"):
        read_deadlines([text])


def result(points: float) -> dict:
    row = {"id": "ex05_1", "title": "", "points": points, "out_of": 2, "hint": ""}
    return {"questions": [row], "written": [], "look_at": []}


@pytest.mark.parametrize(
    ("latest", "per_day", "points"), [(False, 0, 2), (True, 0, 1), (False, 50, 1)]
)
def test_the_best_or_the_latest_attempt_less_its_days(latest, per_day, points):
    """Right after five days, or half right in time, or half right at last."""
    rules = Rules(read_deadlines(["2026-11-20"]), per_day, latest)
    times = {"half": "2026-11-19", "right": "2026-11-25", "last": "2026-12-01"}
    entries = [
        Entry("ann", key, "ex05", key, "", time=at(when)) for key, when in times.items()
    ]
    results = {"half": result(1), "right": result(2), "last": result(1)}
    [ann], look_at = collect(entries, results.get, {}, rules, Roster(()))
    assert ann.total == points
    assert len([reason for _, _, reason in look_at if "several" in reason]) == 3


FORMULAS = [
    "=1+1",
    "a;=1+1;b",
    "＝1+1",
    "-2",
    "@x",
    "a\t+1",
    "x,＋1",
    " =1",
    "a|=1",
    "'=1",
]


@pytest.mark.parametrize(
    "text", [*FORMULAS, "Ann-Lee", "Jürgen", "00412", "a=b", "'bob"]
)
def test_cells_come_back_and_none_is_a_formula(tmp_path, text):
    assert plain_cell(safe_cell(text)) == text
    assert (safe_cell(text) != text) == (text in FORMULAS)
    write_csv(tmp_path / "t.csv", [["name", "points"], [text, "1"]])
    sign, lines = read_csv(tmp_path / "t.csv")
    assert sign == ","
    assert [cells for _, cells in lines][1][1] == "1"
    content = (tmp_path / "t.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") == (not text.isascii())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_points_as_spreadsheets_write_them(tmp_path, encoding, sign):
    number = "0.5" if sign == "," else "0,5"
    lines = [
        ["student", "question", "points", "who", "why"],
        ["Jürgen", "ex05_1", number, "Li", "so"],
        ["412", "ex05_1", "1", "", ""],
        ["Jürgen", "ex05_2", "", "", ""],
    ]
    text = "\r\n".join(sign.join(line) for line in lines)
    (tmp_path / "p.csv").write_bytes(text.encode(encoding))
    first, second = read_points(tmp_path / "p.csv", ["Jürgen", "00412"])
    assert (first.student, first.points, first.who, first.why) == (
        "Jürgen",
        0.5,
        "Li",
        "so",
    )
    assert (second.student, second.points) == ("00412", 1)


def test_times_are_local_unless_they_say_so():
    [moment] = read_deadlines(["2026-11-20T12:00+00:00"]).values()
    assert moment == datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
