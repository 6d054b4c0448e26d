import pytest

from course_utils.machine import runtime
from course_utils.machine.pages import as_html, code, machine, render
from course_utils.machine.places import ASSETS


def test_every_value_is_escaped_unless_it_is_html_already():
    values = {"title": "<b>", "style": "", "links": [("index", "All <i>")]}
    page = render("lesson.html", body=as_html("<p>Hi</p>"), **values)
    assert "<title>&lt;b&gt;</title>" in page
    assert '<a href="index.html">All &lt;i&gt;</a>' in page
    assert "<p>Hi</p>" in page
    assert "&lt;p&gt;" in render("lesson.html", body="<p>Hi</p>", **values)


def test_what_is_between_backticks_is_code():
    assert code("use `a < b`") == "use <code>a &lt; b</code>"


def test_both_kinds_of_pages_share_one_palette():
    palette = (ASSETS / "pages" / "palette.css").read_text("utf-8").strip()
    counts = {"students": 0, "submissions": 0, "graded": 0, "look_at": 0, "waiting": 0}
    class_page = render(
        "class_report.html", counts=counts, distribution=[("all", 0)], exercises={}
    )
    assert palette in class_page
    assert palette in render("lesson.html", title="", body="", style="", links=[])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"device": "cpu", "cores": 1, "threads": 1}, "a CPU with 1 core"),
        (
            {"device": "cpu", "cores": 2, "memory_gb": 25.3, "threads": 2},
            "a CPU with 2 cores and 25.3 GB of memory",
        ),
        (
            {"device": "mps", "cores": 8, "memory_gb": 16.0, "threads": 4},
            "an Apple GPU with 8 cores and 16.0 GB of memory",
        ),
        (
            {
                **{"device": "cuda", "cores": 16, "name": "NVIDIA H100"},
                **{"gpus": 2, "memory_gb": 84.9, "threads": 8},
            },
            "2 x NVIDIA H100 with 84.9 GB of memory, beside 16 cores",
        ),
    ],
)
def test_a_machine_is_said_in_words(facts, expected):
    assert machine(facts) == expected


def test_this_machine_can_be_said_too():
    assert " with " in machine(runtime.hardware())
