from course_utils.machine.pages import as_html, code, render
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
    class_page = render("class_report.html", counts=counts, distribution=[("all", 0)])
    assert palette in class_page
    assert palette in render("lesson.html", title="", body="", style="", links=[])
