"""What a class's results become: the report's numbers, and its pages in a browser."""

import csv

import pytest
from browser import chromium, open_page
from bs4 import BeautifulSoup

from course_utils.grading.class_report import Student, write_report
from course_utils.grading.grade_folder import Entry

ROUND_UP = (
    "1.2 is too small: round up with `-(-(first - last) // (batch * processes))`."
)
HALF = "1.1 counts <br> twice."
STUB = "1.2 is still the stub: write `count`, then run its cell."


def result(first, second, hints=("", ""), text="So it is.", look_at=()):
    """Return a notebook's result: 1.1 and 1.2 of two points each, 1.5 unread."""
    points, titles = (first, second), ("figures of a data card", "words and ties")
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
    """Return the cells of the table below a heading, a blank between its elements."""
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
        # 2 2 2 1 2 2 0 0: 11 of 16
        ["ex01_1 figures of a data card", "5 of 8", "69 %", "-"],
        # 2 0 0 0 1 2 0 0: 5 of 16
        ["ex01_2 words and ties", "2 of 8", "31 %", "-"],
        ["ex01_5 in words", "1 of 1", "100 %", "-"],
    ]


def test_commonest_mistakes(report):
    """Stubs are none, nor is what a person gave all points for."""
    assert table(report[1], "Commonest mistakes") == [
        ["1", "ex01_1", HALF],  # di
        ["3", "ex01_2", ROUND_UP.replace("`.", " .").replace("`", "")],  # bob di gus
    ]


def test_failures_to_look_at(report):
    several = "several notebooks for one exercise: the best of them counts."
    assert table(report[1], "To look at") == [
        ["fay", "fay/1.ipynb", "it is not graded yet."],
        ["gus", "gus/1.ipynb", "its process died."],
        ["gus", "gus/1.ipynb", several],
        ["gus", "gus/2.ipynb", several],
        ["eve", "eve.zip", "it is no zip."],
        ["ann , hal", "", "Their notebooks are the same, cell for cell."],
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


# Wider than the window, or with something wider than itself inside: [tag, text].
CUT = """[...document.body.querySelectorAll('*')].filter(e =>
    e.getBoundingClientRect().right > innerWidth || e.scrollWidth > e.clientWidth + 1
    && e.clientWidth > 0).map(e => [e.tagName, e.textContent.slice(0, 40)])"""

# The contrast of each text with what lies behind it (WCAG 2.2, 1.4.3): the least one.
CONTRAST = """(() => {
    const numbers = color => color.match(/[0-9.]+/g).map(Number);
    const light = color => numbers(color).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const clear = color => numbers(color)[3] === 0;
    const behind = e => {
        const color = e ? getComputedStyle(e).backgroundColor : 'rgb(255, 255, 255)';
        return clear(color) ? behind(e.parentElement) : color;
    };
    return [...document.body.querySelectorAll('*')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => {
            const both = [light(getComputedStyle(e).color), light(behind(e))];
            return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
        }).reduce((a, b) => Math.min(a, b));
})()"""


def look(page, width, theme, picture):
    """Show the whole page in a window; return its least contrast and what is cut."""
    features = [{"name": "prefers-color-scheme", "value": theme}]
    page.call("Emulation.setEmulatedMedia", features=features)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    page.wait_for(f"innerWidth == {width}")
    size["height"] = page.run("document.documentElement.scrollHeight")
    page.call("Emulation.setDeviceMetricsOverride", **size)
    page.picture(picture)
    return page.run(CONTRAST), page.run(CUT)


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt install chromium")
@pytest.mark.parametrize("name", ["report", "feedback"])
def test_the_pages_in_a_browser(tmp_path, name):
    """Wide and narrow, light and dark: all is shown, nothing cut, and readable."""
    long = "Wilhelmina_van_der_Bosch-Oppenheimer"
    entries = [
        *ENTRIES,
        Entry(long, f"{long}/ex01_collect_data_final_version.ipynb", "ex01", "di", ""),
        Entry(long, f"{long}/{'x' * 60}.zip", "", "", f"it uses {'x' * 60}: look."),
    ]
    given = {"student": long, "question": "ex01_5", "points": 1, "at": "2026-11-20"}
    changes = [{**given, "who": "x" * 60, "why": "y" * 60}]
    write_report(tmp_path, entries, RESULTS.get, PERSONS, changes=changes)
    path = tmp_path / "report.html"
    if name == "feedback":
        path = tmp_path / "feedback" / Student(long).page
    with open_page(path.as_uri()) as page:
        page.wait_for("document.querySelectorAll('table').length", 10)
        backs = set()
        for theme in ("light", "dark"):
            for width in (1000, 400):
                picture = tmp_path / f"{name}-{theme}-{width}.png"
                contrast, cut = look(page, width, theme, picture)
                assert cut == [], picture
                assert contrast > 4.5, picture
            backs.add(page.run("getComputedStyle(document.body).backgroundColor"))
        shown = page.run("document.body.innerText")
        assert page.run("document.querySelectorAll('code').length") > 0
        assert page.requests == [path.as_uri()]
    assert len(backs) == 2
    assert ROUND_UP.replace("`", "") in shown
    assert HALF in shown
    print(f"pictures: {tmp_path}")
