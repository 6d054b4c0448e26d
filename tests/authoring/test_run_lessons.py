import json
import os
import re
from html.parser import HTMLParser

import nbformat
import pytest
from example_course import write_course
from hypothesis import given
from hypothesis import strategies as st

from course_utils.authoring import execute as execute_module
from course_utils.authoring.build import build
from course_utils.authoring.lesson_pages import index_page, lesson_page
from course_utils.authoring.outputs import headline_pictures
from course_utils.authoring.run_lessons import lesson_paths, run_lessons
from course_utils.authoring.run_report import complete, empty_report, fill
from course_utils.machine.errors import CourseError
from course_utils.machine.places import course_root


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = write_course(tmp_path_factory.mktemp("course"))
    build(root, repo="me/course", tag="v1")
    return root


@pytest.fixture(scope="module")
def finished(course):
    """One run of both lessons: (folder, report, events)."""
    out, events = course / "build", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute_module, "WARM_UP", "pass")
        report = run_lessons("tiny", out=out, on_event=events.append, root=course)
    return out, report, events


class Page(HTMLParser):
    """What a page would load, and where its links go."""

    def __init__(self, text: str):
        super().__init__()
        self.loads, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.links.append(attrs.get("href"))
        elif tag == "link" or attrs.get("src"):
            self.loads.append(attrs.get("src") or attrs.get("href"))


def test_report_follows_the_schema(finished):
    out, report, _ = finished
    assert json.loads((out / "report.json").read_text()) == report
    assert set(report) == {
        "schema_version",
        "profile",
        "sources",
        "hardware",
        "versions",
        "seconds",
        "language_model",
        "summarization",
        "headline_split",
        "samples",
    }
    assert (report["schema_version"], report["profile"]) == (2, "tiny")
    assert report["sources"]["language"] == "made up"
    assert report["language_model"] == {
        "initial_loss": 6.5,
        "log_vocab": 6.9,
        "counting": {"bigram": {"perplexity": 60.5, "bits_per_byte": 2.25}},
        "scratch": {
            "perplexity_before": 1000.0,
            "perplexity_after": 50.0,
            "bits_per_byte_after": None,
        },
        "pretrained": {"perplexity_before": None, "perplexity_after": None},
    }
    assert report["summarization"] is None
    assert set(report["seconds"]) == {"01", "02"}
    assert min(report["seconds"].values()) > 0
    assert report["hardware"]["device"] == "cpu"
    assert "torch" in report["versions"]


def test_pages_load_nothing_and_their_links_lead_somewhere(finished):
    out, _, _ = finished
    pages = sorted(path.name for path in out.glob("*.html"))
    assert pages == ["01_count.html", "02_add.html", "index.html"]
    for name in pages:
        text = (out / name).read_text()
        page = Page(text)
        assert [load for load in page.loads if not load.startswith("data:")] == []
        assert not re.search(r"url\(|@import", text)
        assert "prefers-color-scheme: dark" in text
        for link in page.links:
            if not link.startswith("#"):
                assert (out / link).exists(), link
    assert "colab" not in (out / "01_count.html").read_text()
    assert Page((out / "01_count.html").read_text()).links.count("02_add.html") == 3


def test_index_shows_what_ran_and_what_was_measured(finished):
    out, _, _ = finished
    text = (out / "index.html").read_text()
    assert "1. Count" in text
    assert "6.50, 6.90 nats" in text
    assert "1,000.0 to 50.0" in text
    assert 'counting, lesson 05&#39;s text: bigram</td><td class="number">60.5' in text
    assert "pretrained" not in text.split("Measured")[1].split("</table>")[0]


def test_events_tell_what_happens(finished):
    _, _, events = finished
    assert [(e.kind, e.lesson, e.position, e.cell) for e in events] == [
        ("lesson_started", "01_count", 1, 0),
        ("cell", "01_count", 1, 1),
        ("cell", "01_count", 1, 2),
        ("cell", "01_count", 1, 3),
        ("lesson_done", "01_count", 1, 0),
        ("lesson_started", "02_add", 2, 0),
        ("cell", "02_add", 2, 1),
        ("cell", "02_add", 2, 2),
        ("lesson_done", "02_add", 2, 0),
    ]
    assert {e.lessons for e in events} == {2}
    assert all(e.seconds > 0 for e in events if e.kind == "lesson_done")


def test_a_failing_lesson_stops_the_run_and_keeps_what_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr(execute_module, "WARM_UP", "pass")
    root = write_course(tmp_path)
    lesson = root / "source/lessons/02_add.py"
    lesson.write_text(lesson.read_text() + "\n# %%\n[][0]\n")
    third = lesson.read_text().replace("# 2. Add", "# 3. Never")
    (root / "source/lessons/03_never.py").write_text(third)
    build(root)
    out, events = root / "out", []
    report = run_lessons("tiny", out=out, root=root, on_event=events.append)
    message = "02_add, cell 3 of 3: IndexError: list index out of range"
    assert report["error"] == message
    assert events[-1].kind == "lesson_failed"
    assert events[-1].error == message
    assert json.loads((out / "report.json").read_text()) == report
    assert report["language_model"]["initial_loss"] == 6.5
    assert (out / "01_count.html").exists()
    assert "IndexError" in (out / "02_add.html").read_text()
    assert not (out / "03_never.html").exists()
    assert message in (out / "index.html").read_text()


def test_a_cell_may_take_as_long_as_it_likes_outside_of_tiny(
    course, tmp_path, monkeypatch
):
    monkeypatch.setattr(execute_module, "WARM_UP", "pass")
    first = lesson_paths(course)[:1]
    executed = execute_module.execute_all(first, timeout_per_cell=None, folder=tmp_path)
    assert [done.error for done in executed] == [None]


def test_no_cache_prepares_data_in_a_folder_that_goes_again(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "kept"))
    root = write_course(tmp_path)
    lesson = root / "source/lessons/01_count.py"
    code = "import os; record('sources.kept', 'kept' in os.environ['COURSE_HOME'])"
    lesson.write_text(lesson.read_text() + f"\n# %%\n{code}\n")
    build(root)
    report = run_lessons("tiny", ["1"], out=root / "out", no_cache=True, root=root)
    assert "error" not in report
    assert set(report["seconds"]) == {"01"}
    assert report["sources"]["kept"] is False
    assert not (tmp_path / "kept" / "data").exists()
    assert os.environ["COURSE_HOME"] == str(tmp_path / "kept")


def test_lessons_are_chosen_by_number(course, monkeypatch):
    stems = [path.stem for path in lesson_paths(course)]
    assert stems == ["01_count", "02_add"]
    assert [path.stem for path in lesson_paths(course, ["2"])] == ["02_add"]
    assert [path.stem for path in lesson_paths(course, ["02", "01"])] == stems
    for wanted in (["07"], ["01", "x"], [""]):
        with pytest.raises(CourseError, match="choose from 01, 02"):
            lesson_paths(course, wanted)
    with pytest.raises(CourseError, match="course build"):
        lesson_paths(course / "source")
    monkeypatch.chdir(course / "notebooks")
    assert course_root() == course


def test_a_laboratory_runs_only_when_it_is_named(tmp_path):
    (tmp_path / "notebooks").mkdir()
    for stem in ("09_deploy", "10_when", "11_training_laboratory"):
        (tmp_path / "notebooks" / f"{stem}.ipynb").touch()
    assert [path.stem for path in lesson_paths(tmp_path)] == ["09_deploy", "10_when"]
    named = [path.stem for path in lesson_paths(tmp_path, ["11"])]
    assert named == ["11_training_laboratory"]


def test_an_unknown_profile_or_lesson_runs_nothing(course, tmp_path):
    with pytest.raises(CourseError, match="unknown profile"):
        run_lessons("huge", out=tmp_path / "out", root=course)
    with pytest.raises(CourseError, match="no lesson 09"):
        run_lessons("tiny", ["09"], out=tmp_path / "out", root=course)
    assert not (tmp_path / "out").exists()


# --- report


def test_fill_and_complete_summaries():
    report = empty_report("tiny")
    fill(report, "summarization.test.lead", {"rougeL": 20.0, "n": 10})
    fill(report, "summarization.test.pretrained.rouge1", 40.0)
    fill(report, "headline_split", "test")
    fill(report, "samples", [{"dialogue": "A: hi", "after": float("nan")}])
    complete(report)
    complete(report)
    test = report["summarization"]["test"]
    systems = ["lead", "two people", "before", "scratch", "pretrained", "longer"]
    assert list(test) == systems
    assert test["before"] is None
    measures = {"rouge1", "rouge2", "rougeL", "names", "invented", "slots", "n"}
    assert set(test["lead"]) == measures
    assert (test["lead"]["rougeL"], test["lead"]["rouge1"]) == (20.0, None)
    assert test["pretrained"]["rouge1"] == 40.0
    assert report["samples"] == [{"dialogue": "A: hi", "after": None}]


@pytest.mark.parametrize("name", ["loss", "", "language_model.initial_loss.x"])
def test_fill_refuses_a_name_outside_the_schema(name):
    report = empty_report("tiny")
    fill(report, "language_model.initial_loss", 1.0)
    with pytest.raises(CourseError, match="record"):
        fill(report, name, 1.0)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda item: st.lists(item) | st.dictionaries(st.text(), item),
    )
)
def test_any_recorded_value_makes_valid_json(value):
    report = empty_report("tiny")
    fill(report, "sources.x", value)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


# --- pages


def test_page_shows_text_code_outputs_and_folded_details():
    out = nbformat.v4.new_output
    code = nbformat.v4.new_code_cell("x = '<b>'", execution_count=1)
    code.outputs = [
        out("stream", name="stdout", text="a < b\n"),
        out(
            "display_data",
            data={"image/png": "iVBORw0KGgo="},
            metadata={"image/png": {"alt": "Loss: from 7 to 5."}},
        ),
        out("display_data", data={"application/javascript": "draw($)"}),
        out("error", ename="KeyError", evalue="'k'", traceback=["KeyError: 'k'"]),
    ]
    text = "# A & B\n\n<details><summary>Hint</summary>\n\n`mean`\n\n</details>"
    quiz = nbformat.v4.new_code_cell("the = 'answer'", metadata={"tags": ["quiz"]})
    quiz.outputs = [out("stream", name="stdout", text="the question\n")]
    cells = [nbformat.v4.new_markdown_cell(text), code, quiz]
    notebook = nbformat.v4.new_notebook(cells=cells)
    page = lesson_page(notebook, after="02_add")
    assert "<title>A &amp; B</title>" in page
    assert "<details>" in page
    assert "a &lt; b" in page
    assert "data:image/png;base64,iVBORw0KGgo=" in page
    assert 'alt="Loss: from 7 to 5."' in page
    assert "the question" in page
    assert "answer" not in page
    assert "draw($)" in page
    assert "KeyError" in page
    assert page.count('href="02_add.html"') == 2


def test_only_the_last_picture_of_a_cell_tagged_headline_is_taken():
    def cell(tags, *pictures):
        code = nbformat.v4.new_code_cell("", metadata={"tags": tags})
        for png, words in pictures:
            data = {"image/png": png, "text/plain": words}
            code.outputs.append(nbformat.v4.new_output("display_data", data=data))
        return code

    cells = [
        nbformat.v4.new_markdown_cell("# 5. Train"),
        cell([], ("AAAA", "Not this.")),
        cell(["headline"], ("BBBB", "Half."), ("CC\nCC\n", "Loss: from 7 to 5.")),
        cell(["headline"]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert headline_pictures(notebook) == [
        {"png": "CCCC", "words": "Loss: from 7 to 5."}
    ]


def test_the_first_page_opens_with_pictures_and_texts_before_any_table():
    report = empty_report("tiny")
    fill(report, "language_model.scratch.perplexity_before", 2133.2)
    fill(report, "language_model.scratch.perplexity_after", 85.0)
    chat = {"dialogue": "A: <hi>", "reference": "r", "before": "b", "after": "Hi & bye"}
    fill(report, "samples", [chat])
    picture = {"png": "CCCC", "words": 'Loss: "from" 7 to 5.'}
    lesson = {"name": "05_train", "title": "5. Train", "seconds": 3.0, "error": None}
    page = index_page([lesson | {"pictures": [picture]}], report)
    places = [
        page.index("from 2,133 to <strong>85</strong>"),
        page.index("data:image/png;base64,CCCC"),
        page.index("A: &lt;hi&gt;"),
        page.index("Hi &amp; bye"),
        page.index("<table>"),
    ]
    assert places == sorted(places)
    assert 'alt="Loss: &#34;from&#34; 7 to 5."' in page
    assert 'From <a href="05_train.html">5. Train</a>' in page
    empty = index_page([lesson | {"pictures": []}], empty_report("tiny"))
    assert "<figure>" not in empty
    assert 'class="sample"' not in empty
