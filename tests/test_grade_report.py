"""What a class's results become: the report's numbers, and its pages in a browser."""

import csv

import pytest
from bs4 import BeautifulSoup

from course_utils.grading.grade import Entry
from course_utils.grading.report import Student, write_report

ROUND_UP = "1.2 is too small: round up with `-(-n // m)`."
HALF = "1.1 counts <br> twice."
STUB = "1.2 is still the stub: write `count`, then run its cell."


def result(first, second, hints=("", ""), text="So it is.", look_at=()):
    """Return a notebook's result: 1.1 and 1.2 of two points each, 1.5 unread."""
    points, titles = (first, second), ("figures", "ties")
    rows = [
        {
            "id": f"ex01_{n + 1}",
            "title": titles[n],
            "points": points[n],
            "out_of": 2,
            "hint": hints[n],
        }
        for n in range(2)
    ]
    written = [{"id": "ex01_5", "text": text}]
    return {"questions": rows, "written": written, "look_at": list(look_at)}


RESULTS = {
    "best": result(2, 2),
    "bob": result(2, 0, ("", ROUND_UP), text="<b>Why?</b>"),
    "cy": result(0, 0, (HALF, STUB)),
    "di": result(1, 0, (HALF, ROUND_UP)),
    "gus 1": result(0, 0, (HALF, ROUND_UP), look_at=["its process died."]),
    "gus 2": result(2, 1, ("", ROUND_UP)),
    "none": result(0, 0, (STUB, STUB)),
}
# ann's and hal's notebooks are the same; so are ian's and joe's, with nothing done.
KEYS = {
    "ann": ["best"],
    "bob": ["bob"],
    "cy": ["cy"],
    "di": ["di"],
    "fay": ["later"],
    "gus": ["gus 1", "gus 2"],
    "hal": ["best"],
    "ian": ["none"],
    "joe": ["none"],
}
ENTRIES = [
    Entry(name, f"{name}/{n}.ipynb", "ex01", key, "")
    for name, keys in KEYS.items()
    for n, key in enumerate(keys, start=1)
] + [Entry("eve", "eve.zip", "", "", "it is no zip.")] * 2
# di's answer in words is read, and one of cy's checks is overridden.
PERSONS = {"di": {"ex01_5": 3}, "cy": {"ex01_1": 2}}


@pytest.fixture
def report(tmp_path):
    """Write the class's pages; return the counts and report.html."""
    counts = write_report(tmp_path, ENTRIES, RESULTS.get, PERSONS)
    html = (tmp_path / "report.html").read_text()
    return counts, BeautifulSoup(html, "html.parser")


def table(page, heading):
    """Return the cells of the table below a heading, without the table's head."""
    [title] = page.find_all("h2", string=heading)
    rows = title.find_next("table").find_all("tr")[1:]
    return [[cell.get_text(" ", strip=True) for cell in row("td")] for row in rows]


def test_counts(report):
    assert report[0] == {
        "students": 10,
        "submissions": 12,
        "graded": 10,
        "look_at": 6,
        "waiting": 7,
    }


def test_shares_are_of_the_points_judged(report):
    rows = table(report[1], "Points")
    found = {name: int(count) for name, count, _ in rows if count != "0"}
    # ian and joe; bob (2 of 4), cy (2 of 4), di (4 of 7); gus (3 of 4); ann and hal.
    # Nothing of fay and eve is judged.
    assert found == {"0 to 9 %": 2, "50 to 59 %": 3, "70 to 79 %": 1, "90 to 100 %": 2}
    assert [row[0] for row in rows[::9]] == ["0 to 9 %", "90 to 100 %"]


def test_difficulty(report):
    assert table(report[1], "Questions") == [
        ["ex01_1", "figures", "5 of 8", "69 %", ""],  # 2 2 2 1 2 2 0 0: 11 of 16
        ["ex01_2", "ties", "2 of 8", "31 %", ""],  # 2 0 0 0 1 2 0 0: 5 of 16
        ["ex01_5", "in words", "1 of 1", "100 %", ""],
    ]


def test_commonest_mistakes(report):
    """Stubs are none, nor is what a person gave all points for."""
    assert table(report[1], "Commonest mistakes") == [
        ["3", "ex01_2", "1.2 is too small: round up with -(-n // m) ."],  # bob di gus
        ["1", "ex01_1", HALF],  # di
    ]


def test_failures_to_look_at(report):
    several = "several notebooks for one exercise: the best of them counts."
    assert table(report[1], "To look at") == [
        ["fay", "fay/1.ipynb", "it is not graded yet."],
        ["gus", "gus/1.ipynb", "its process died."],
        ["gus", "gus/1.ipynb", several],
        ["gus", "gus/2.ipynb", several],
        ["eve", "eve.zip", "it is no zip."],
        ["ann, hal", "", "Their notebooks are the same, cell for cell."],
    ]


def test_answers_waiting_for_a_person(report, tmp_path):
    names = ["ann", "bob", "cy", "gus", "hal", "ian", "joe"]
    with (tmp_path / "points.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["student", "question", "out_of", "points"],
            *([name, "ex01_5", "3", ""] for name in names),
        ]
    [title] = report[1].find_all("h2", string="Waiting for a person")
    shown = [text.get_text() for text in title.find_all_next("pre")]
    assert shown == ["So it is.", "<b>Why?</b>", *["So it is."] * 5]
    asked = [text.find_previous("p").get_text() for text in title.find_all_next("pre")]
    assert asked == [f"{name}, ex01_5 (3 points)" for name in names]


def test_a_feedback_page_says_what_waits(report, tmp_path):
    def lines(name):
        page = (tmp_path / "feedback" / Student(name).page).read_text()
        return [p.get_text() for p in BeautifulSoup(page, "html.parser")("p")]

    assert lines("ann") == ["4 of 4 points. 3 more wait for your teacher."]
    assert lines("di")[0] == "4 of 7 points."
    assert "other values" in lines("di")[1]
    assert lines("eve") == ["eve.zip could not be graded: it is no zip."]


def test_pages_of_students_who_left_are_removed(report, tmp_path):
    (tmp_path / "feedback" / "notes.html").write_text("the teacher's own")
    stay = [entry for entry in ENTRIES if entry.student in ("ann", "bob")]
    write_report(tmp_path, stay, RESULTS.get, {})
    pages = {path.name for path in (tmp_path / "feedback").iterdir()}
    assert pages == {Student("ann").page, Student("bob").page, "notes.html"}
