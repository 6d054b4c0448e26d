"""The book: its pages, and the whole site as a reader meets it."""

import re
import time
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browser import chromium, open_page

from course_utils.authoring.book import build_book
from course_utils.authoring.book_pages import (
    ROOMS,
    glossary,
    notebook_page,
    relinked,
    terms,
    terms_script,
)
from course_utils.authoring.build import Home
from course_utils.evaluation.plots import describe, lines, matrix
from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS, LIBRARY, course_root

NOWHERE = Home("", "main")
SOMEWHERE = Home("someone/course", "v1")
GLOSSARY = """# Glossary

## A

- **accuracy**: the share of answers that are right,
  of all. [08](../notebooks/08_evaluate.ipynb)
- **block (of a model)**: attention and an `MLP`. [03](../notebooks/03_build.ipynb)

## B

- **BPE**: byte pair encoding. [02](../notebooks/02_preprocess.ipynb)
"""


def test_a_link_leads_to_a_page_to_the_repository_or_nowhere():
    inside = {"docs/glossary.md", "exercises/ex01_a.ipynb", "docs/way.svg"}
    text = (
        "[words](../docs/glossary.md#B), ![way](../docs/way.svg), [code](../x.py),\n"
        "[start](../README.md), [out](https://example.org/a(b)), [here](#1.-A-title)"
    )
    assert relinked(text, "notebooks/01.ipynb", inside, NOWHERE) == (
        "[words](../docs/glossary.md#b), ![way](../docs/way.svg), code,\n"
        "[start](../index.md), [out](https://example.org/a(b)), [here](#1-a-title)"
    )
    linked = relinked("[code](../x.py)", "docs/a.md", inside, SOMEWHERE)
    assert linked == "[code](https://github.com/someone/course/blob/v1/x.py)"


def test_the_glossary_becomes_sphinxs_own():
    assert next(terms(GLOSSARY)) == (
        "accuracy",
        "the share of answers that are right, of all. "
        "[08](../notebooks/08_evaluate.ipynb)",
    )
    page = glossary(GLOSSARY)
    assert page.count("```{glossary}") == 2
    assert "\nblock (of a model)\n  attention and an `MLP`. [Lesson&nbsp;03](" in page
    assert '"BPE": ["term-BPE", "byte pair encoding. Lesson 02."]' in terms_script(
        GLOSSARY
    )


def test_a_notebook_becomes_a_page():
    v4 = nbformat.v4
    picture = v4.new_output(
        "display_data", {"image/png": "AA==", "text/plain": "a line that falls"}
    )
    notebook = v4.new_notebook(
        cells=[
            v4.new_markdown_cell(
                "# 1. Title\n\nText.\n\n![Live.](data:image/png;base64,AA==)\n\n"
                "<!-- live: writer -->"
            ),
            v4.new_code_cell("quiz()", metadata={"tags": ["quiz"]}),
            v4.new_code_cell("plot()", outputs=[picture]),
        ]
    )
    title, quiz, plot = notebook_page(notebook, "notebooks/01.ipynb", SOMEWHERE).cells
    assert title.source.startswith("# 1. Title\n\n:::{container} open-in\n")
    assert "<../files/notebooks/01.ipynb>" in title.source
    for place in ("colab.research", "kaggle", "mybinder", "codespaces"):
        assert re.search(rf"https://\S*{place}\S*/someone/course\S*", title.source)
    assert "\n\n<live-writer>\n</live-writer>" in title.source
    assert "data:image" not in title.source
    assert "remove-input" in quiz.metadata.tags
    assert plot.metadata.mystnb.image.alt == "a line that falls"


def test_without_a_repository_no_place_is_named():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# T")])
    page = notebook_page(notebook, "notebooks/01.ipynb", NOWHERE)
    assert "https:" not in page.cells[0].source


def test_every_room_but_the_command_line_has_a_reference():
    rooms = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert set(ROOMS) == rooms - {"commands"}


def test_every_text_has_its_place_in_the_table_of_contents():
    index = (ASSETS / "book" / "index.md").read_text("utf-8")
    root = course_root()
    for path in (*root.glob("docs/*.md"), *root.glob("docs/cards/*.md")):
        name = path.relative_to(root).with_suffix("").as_posix()
        assert f"\n{name}\n" in index, name


@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
@pytest.mark.parametrize("style", ["book/book.css", "pages/lesson.css"])
def test_more_is_brighter_in_a_grid_in_light_and_in_dark(style, tmp_path):
    """Other pictures turn dark in the dark; a grid's light is a number."""
    grid = matrix([[0, 1]], title="Attention")
    line = lines({"a": ([1, 2], [3, 4])}, title="Loss", xlabel="", ylabel="")
    empty = "data:image/png;base64,AA=="
    pictures = "".join(
        f'<img src="{empty}" alt="{describe(it)}">' for it in (grid, line)
    )
    css = (ASSETS / style).read_text("utf-8")
    html = f"<style>{css}</style><body><article>{pictures}</article>"
    (tmp_path / "page.html").write_text(html)
    script = "[...document.images].map(it => getComputedStyle(it).filter == 'none')"
    with open_page((tmp_path / "page.html").as_uri()) as page:
        page.wait_for("document.images.length == 2")
        for theme, turned in (("light", True), ("dark", False)):
            scheme = {"name": "prefers-color-scheme", "value": theme}
            page.call("Emulation.setEmulatedMedia", features=[scheme])
            assert page.run(script) == [True, turned]
        if style.startswith("book"):
            page.run("document.body.dataset.theme = 'light'; 1")
            assert page.run(script) == [True, True]
    colours = grid.axes[0].images[0].cmap([0.0, 0.5, 1.0])[:, :3]
    assert list(colours.mean(axis=1)) == sorted(colours.mean(axis=1))


def test_a_folder_that_is_no_book_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CourseError, match="is no book: give an empty folder"):
        build_book(course_root(), tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


class Tags(HTMLParser):
    """What a page links to, loads and shows."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.loads, self.anchors, self.pictures = [], [], {""}, []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        self.anchors.add(has.get("id") or "")
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        if tag in ("link", "script", "img", "iframe", "source", "video"):
            address = has.get("src") or has.get("href")
            if address and has.get("rel") not in ("canonical", "author"):
                self.loads.append(address)
        if tag == "img":
            self.pictures.append(has.get("alt"))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    out = tmp_path_factory.mktemp("book") / "book"
    return build_book(course_root(), out).parent


@pytest.fixture(scope="module")
def pages(book):
    return {path: Tags(path) for path in book.rglob("*.html")}


@pytest.mark.slow
def test_every_link_holds_and_nothing_is_loaded_from_elsewhere(book, pages):
    wrong = defaultdict(list)
    for path, page in pages.items():
        for address in (*page.links, *page.loads):
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "mailto", "data") or parts.netloc:
                if address in page.loads and parts.scheme != "data":
                    wrong[path.name].append(f"loads {address}")
                continue
            target = (
                (path.parent / unquote(parts.path)).resolve() if parts.path else path
            )
            if not target.exists() or (
                target in pages and unquote(parts.fragment) not in pages[target].anchors
            ):
                wrong[path.name].append(address)
    assert not wrong


@pytest.mark.slow
def test_every_picture_has_words(pages):
    alts = [(path.name, alt) for path, page in pages.items() for alt in page.pictures]
    assert len(alts) > 30
    for name, alt in alts:
        assert alt, name
        assert len(alt.split()) > 3, (name, alt)


@pytest.mark.slow
def test_every_page_has_one_title(book):
    for path in book.rglob("*.html"):
        assert len(re.findall(r"<h1\b", path.read_text("utf-8"))) == 1, path.name


@pytest.mark.slow
def test_every_term_has_an_address(book, pages):
    script = (book / "_static" / "terms.js").read_text("utf-8")
    anchors = re.findall(r'\["(term-[^"]+)"', script)
    assert len(anchors) > 100
    assert set(anchors) <= pages[book / "docs" / "glossary.html"].anchors


@pytest.mark.slow
def test_a_students_book_holds_no_solution(book):
    assert not (book / "solutions").exists()
    for path in book.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js") and "ex05" in path.name:
            text = path.read_text("utf-8")
            assert "NotImplementedError" in text
            assert "ceil(n_blocks" not in text
            assert "Discussion" not in text


def point_at(page, selector: str, aside: int) -> None:
    """Move the mouse to the first such element, some pixels beside its middle."""
    script = """selector => {
        const element = document.querySelector(selector);
        element.scrollIntoView({ block: "center", behavior: "instant" });
        const { x, y, width, height } = element.getBoundingClientRect();
        return [x + width / 2, y + height / 2] }"""
    x, y = page.run(f"({script})({selector!r})")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + aside, y=y)


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_a_reader_finds_their_way(book):
    """From a disk and on a phone: lessons, quiz, words, search, the live model."""
    lesson = (book / "notebooks" / "03_build_the_model.html").as_uri()
    with open_page(lesson) as page:

        def go(address, width):
            page.call(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=800,
                deviceScaleFactor=1,
                mobile=width < 500,
            )
            page.call("Page.navigate", url=address)
            page.wait_for("document.readyState === 'complete'")

        for path in (
            "index.html",
            "docs/glossary.html",
            "exercises/ex05_training.html",
        ):
            go((book / path).as_uri(), 360)
            assert page.run("document.documentElement.scrollWidth") == 360, path
        way = "[...document.querySelectorAll('.course-way')].map(it => it.clientWidth)"
        for width, shown in ((360, [False, True]), (1200, [True, False])):
            go((book / "index.html").as_uri(), width)
            assert [size > 300 for size in page.run(way)] == shown
        go(lesson, 360)
        page.run("document.querySelector('live-writer').scrollIntoView()")
        page.wait_for("document.querySelector('live-writer').dataset.ready")
        assert page.run("document.documentElement.scrollWidth") == 360
        go(lesson, 1400)

        page.run("document.querySelector('.MCButton').click()")
        page.wait_for("document.querySelector('.Feedback').innerText.length > 5")

        for step in range(50):  # the page may still be moving
            point_at(page, "a.term", step % 3)
            time.sleep(0.1)
            if not page.run("document.querySelector('#term-card').hidden"):
                break
        assert page.run("document.querySelector('#term-card').innerText.length") > 20

        go((book / "search.html").as_uri() + "?q=perplexity", 1000)
        page.wait_for("document.querySelectorAll('#search-results li').length > 5")
        assert all(address.startswith(("file:", "data:")) for address in page.requests)
