"""The pages of the book, as Sphinx reads them: notebooks, texts, glossary, reference.

They lie in the book's folder as they do in the checkout, so that their links to each
other hold.
"""

import json
import posixpath
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.authoring.build import Home, read_notebook, write_notebook
from course_utils.authoring.film import still_on_request
from course_utils.authoring.lesson_pages import BADGE_LINE
from course_utils.machine.files import read_text, write_text
from course_utils.machine.places import ASSETS, LIBRARY

if TYPE_CHECKING:
    from nbformat import NotebookNode

# The rooms of the library in the order of the course, without the command line's.
ROOMS = (
    "machine",
    "data",
    "model",
    "evaluation",
    "training",
    "serving",
    "lesson",
    "checks",
    "grading",
    "authoring",
)
TEXTS = ("docs/*.md", "docs/cards/*.md", "CONTRIBUTING.md", "CHANGELOG.md")
PICTURES = ("docs/*.svg", "docs/*.png")
PLACES = {
    "Colab": "https://colab.research.google.com/github/{repo}/blob/{tag}/{path}",
    "Kaggle": "https://kaggle.com/kernels/welcome?src="
    "https://github.com/{repo}/blob/{tag}/{path}",
    "Binder": "https://mybinder.org/v2/gh/{repo}/{tag}?labpath={path}",
    "Codespaces": "https://codespaces.new/{repo}/tree/{tag}?quickstart=1",
}
SOLUTIONS = "```{toctree}\n:caption: Solutions\n:hidden:\n:glob:\n\nsolutions/*\n```"
# With the picture that stands for the live model in a notebook.
LIVE = re.compile(r"(?:!\[[^\]]*\]\([^)]*\)\s+)?<!-- live: (writer|summariser) -->")
LIVE_MODEL = (
    r"Here the course's tiny model runs in your browser:\n\n<live-\1>\n</live-\1>"
)
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:)([^)\s#]*)(#[^)\s]*)?\)")
DRAWN = re.compile(r"!\[([^\]]*)\]\((data:image/png;base64,[\w+/=]+)\)")
TERM = re.compile(r"^- \*\*(.+?)\*\*: (.+?)(?=\n\S|\n\n|\Z)", re.M | re.S)


def write_pages(root: Path, folder: Path, home: Home, *, solutions: bool) -> None:
    """Write everything that the book is made of into `folder`.

    Args:
        root: the checkout of the course.
        folder: an empty folder.
        home: where the course is published, for links that leave the book.
        solutions: take in the solutions, too.
    """
    kinds = ["notebooks", "exercises", *(["solutions"] if solutions else [])]
    notebooks = [p for kind in kinds for p in sorted(root.glob(f"{kind}/*.ipynb"))]
    texts = [path for pattern in TEXTS for path in sorted(root.glob(pattern))]
    pictures = [path for pattern in PICTURES for path in sorted(root.glob(pattern))]
    inside = {
        path.relative_to(root).as_posix() for path in (*notebooks, *texts, *pictures)
    }

    for picture in pictures:
        copy = folder / picture.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, copy)
    for text in texts:
        name = text.relative_to(root).as_posix()
        page = relinked(read_text(text), name, inside, home)
        write_text(folder / name, glossary(page) if text.stem == "glossary" else page)
    for path in notebooks:
        name = path.relative_to(root).as_posix()
        _keep_download(path, folder / "files" / name)
        notebook = read_notebook(path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = relinked(cell.source, name, inside, home)
        write_notebook(folder / name, notebook_page(notebook, name, home))
    for name in ("index.md", "live.md"):
        page = read_text(ASSETS / "book" / name)
        page = page.replace("{solutions}", SOLUTIONS if solutions else "")
        write_text(folder / name, page)
    shutil.copyfile(ASSETS / "live" / "gpt2.js", folder / "files" / "gpt2.js")
    write_reference(folder / "reference")


def notebook_page(notebook: "NotebookNode", name: str, home: Home) -> "NotebookNode":
    """Return a notebook as a page of the book.

    Quizzes show no code, pictures have their words, a comment `<!-- live: writer -->`
    becomes the live model, and below the title stand the places to open it in.

    Args:
        notebook: with its outputs; it is changed in place.
        name: its path in the checkout.
        home: where the course is published.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = BADGE_LINE.sub("", cell.source)
            cell.source = DRAWN.sub(_drawing, LIVE.sub(LIVE_MODEL, text))
        if "quiz" in cell.metadata.get("tags", []):
            cell.metadata.tags.append("remove-input")
        words = [
            output.data.get("text/plain", "")
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        if words:
            cell.metadata["mystnb"] = {"image": {"alt": " ".join(words)}}
    title, _, rest = notebook.cells[0].source.partition("\n")
    notebook.cells[0].source = f"{title}\n\n{_open_in(name, home)}\n{rest}"
    return notebook


def _drawing(found: re.Match) -> str:
    """Return a drawing as it is, or as HTML if it moves."""
    img = f'<img alt="{escape(found[1])}" src="{found[2]}">'
    html = still_on_request(img)
    return found[0] if html == img else html


def glossary(text: str) -> str:
    """Return the glossary's list as Sphinx's own, so that each term has an address."""

    def entries(found: re.Match) -> str:
        lines = [
            f"{term}\n  {_with_lesson(words)}\n" for term, words in terms(found[0])
        ]
        return "```{glossary}\n" + "\n".join(lines) + "```\n\n"

    return re.sub(r"(?:^- \*\*.+\n(?:  .+\n)*)+\n*", entries, text, flags=re.M)


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Yield each term of the glossary, and what is said of it on one line."""
    for found in TERM.finditer(text):
        yield found[1], " ".join(found[2].split())


def terms_script(glossary_text: str) -> str:
    """Return a script with every term: its anchor in the glossary, and its sentence."""
    found = {
        # Sphinx makes anchors in this way.
        term: ["term-" + re.sub("[^a-zA-Z0-9._]+", "-", term).strip("-"), _plain(words)]
        for term, words in terms(glossary_text)
    }
    return f"const TERMS = {json.dumps(found)};\n"


def write_reference(folder: Path) -> None:
    """Write a page for each room of the library: its modules' docstrings."""
    for room in ROOMS:
        modules = sorted(path.stem for path in (LIBRARY / room).glob("[a-z]*.py"))
        lines = [room, "=" * len(room), "", f".. automodule:: course_utils.{room}", ""]
        for name in modules:
            full = f"course_utils.{room}.{name}"
            lines += [name, "-" * len(name), ""]
            lines += [f".. automodule:: {full}", "   :members:", ""]
        write_text(folder / f"{room}.rst", "\n".join(lines))


def relinked(text: str, path: str, inside: set[str], home: Home) -> str:
    """Return a page's text with links that hold in the book.

    Args:
        text: Markdown.
        path: the page's path in the checkout, from which its links start.
        inside: the paths of all that is in the book. Other links lead to the
            repository; without one, their words stay alone.
        home: where the course is published.
    """
    return LINK.sub(lambda found: _link(found, path, inside, home), text)


def _link(found: re.Match, path: str, inside: set[str], home: Home) -> str:
    picture, words, target, anchor = found.groups(default="")
    if not target:
        return f"{picture}[{words}]({_slug(anchor)})"
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if place == "README.md":
        up = posixpath.relpath("index.md", posixpath.dirname(path) or ".")
        return f"[{words}]({up})"
    if place in inside:
        return f"{picture}[{words}]({target}{_slug(anchor)})"
    if home.repo:
        return f"[{words}](https://github.com/{home.repo}/blob/{home.tag}/{place})"
    return words


def _slug(anchor: str) -> str:
    """Return the anchor of a heading as GitHub writes it; JupyterLab keeps signs."""
    return re.sub(r"[^\w#-]", "", anchor.lower())


def _open_in(name: str, home: Home) -> str:
    up = "../" * name.count("/")
    links = [f"{{download}}`Download the notebook <{up}files/{name}>`"]
    if home.repo:
        links += [
            f"[Open in {place}]({address.format(path=name, **home._asdict())})"
            for place, address in PLACES.items()
        ]
    return "\n".join([":::{container} open-in", *links, ":::"])


def _keep_download(notebook: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, copy)


def _with_lesson(words: str) -> str:
    return re.sub(r"\[(\d\d)\]\(", r"[Lesson&nbsp;\1](", words)


def _plain(words: str) -> str:
    """Return a text without Markdown: no links to lessons, no code marks."""
    words = re.sub(r"\[(\d\d)\]\([^)]*\)", r"Lesson \1.", words)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words).replace("`", "")
