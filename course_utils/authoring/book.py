"""The book: a static site of the whole course, made by Sphinx.

It asks nothing of any other host, and works from a plain folder (file://) as well.
"""

import io
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from course_utils.authoring.book_pages import terms_script, write_pages
from course_utils.authoring.build import Home, course_home
from course_utils.authoring.live import SCRIPTS, STYLE, write_live
from course_utils.machine.errors import CourseError
from course_utils.machine.extras import require_tools
from course_utils.machine.files import read_text, write_text
from course_utils.machine.places import ASSETS


def build_book(root: str | Path, out: str | Path, *, solutions: bool = False) -> Path:
    """Write the book of the course below `root` into the folder `out`.

    No notebook is executed: the book shows the outputs that are stored in them.

    Args:
        root: the checkout of the course.
        out: the folder of the site. What an earlier build wrote there is replaced.
        solutions: take in the solutions, which a book for students leaves out.

    Returns:
        The book's first page.

    Raises:
        CourseError: a package is missing, `out` holds something else than a book, or
            Sphinx warns, such as of a link that leads nowhere.
    """
    require_tools("sphinx", "myst_nb", "furo", "sphinx_copybutton", extra="book")
    root, out = Path(root), Path(out).resolve()  # Sphinx looks from elsewhere
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").exists():
        raise CourseError(f"{out} is no book: give an empty folder with --out.")
    home = course_home(root)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside `out`, so that the finished site is put in its place by one rename.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".book-") as temporary:
        pages, static, site = (Path(temporary, n) for n in ("pages", "static", "site"))
        pages.mkdir()
        write_pages(root, pages, home, solutions=solutions)
        write_live(static / "live")
        for name in ("book.css", "book.js"):
            shutil.copyfile(ASSETS / "book" / name, static / name)
        words = read_text(root / "docs" / "glossary.md")
        write_text(static / "terms.js", terms_script(words))
        _run_sphinx(pages, site, _settings(home, static))
        if out.exists():
            shutil.rmtree(out)
        site.rename(out)
    return out / "index.html"


def _settings(home: Home, static: Path) -> dict[str, Any]:
    """Return what would stand in Sphinx's conf.py."""
    deferred = {"defer": "defer"}
    settings: dict[str, Any] = {
        "project": "Train GPT",
        "release": version("train-gpt-course"),
        "extensions": [
            "myst_nb",
            "sphinx.ext.autodoc",
            "sphinx.ext.napoleon",
            "sphinx_copybutton",
        ],
        "napoleon_use_ivar": True,
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["colon_fence"],
        "myst_heading_anchors": 4,
        "exclude_patterns": ["files"],
        # Docstrings write names between single backticks.
        "default_role": "code",
        "autodoc_member_order": "bysource",
        "autodoc_default_options": {"no-value": True},
        # Notebooks begin some sections one level deeper than the one before; a result
        # that is recorded has a type of its own, beside the text that is shown.
        "suppress_warnings": ["myst.header", "mystnb.unknown_mime_type"],
        "copybutton_selector": "div.cell_input pre, section > [class^=highlight-] pre",
        "html_theme": "furo",
        "html_title": "Train GPT",
        "html_static_path": [str(static)],
        "templates_path": [str(ASSETS / "book")],  # the theme's search has no title
        "html_css_files": ["book.css", f"live/{STYLE}"],
        "html_js_files": [
            ("terms.js", deferred),
            ("book.js", deferred),
            *((f"live/{name}", deferred) for name in SCRIPTS),
        ],
        "html_copy_source": False,
        "html_domain_indices": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "pygments_dark_style": "github-dark",
    }
    if home.repo:
        settings["html_theme_options"] = {
            "source_repository": f"https://github.com/{home.repo}",
            "source_branch": home.tag,
            "top_of_page_buttons": [],
        }
    return settings


def _run_sphinx(pages: Path, site: Path, settings: dict[str, Any]) -> None:
    """Build the site; any warning is an error, since it is a fault that readers see."""
    from sphinx.application import Sphinx

    warnings = io.StringIO()
    lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
    write_text(pages / "conf.py", "".join(lines))
    app = Sphinx(
        srcdir=pages,
        confdir=pages,
        outdir=site,
        doctreedir=pages.parent / "doctrees",
        buildername="html",
        status=None,
        warning=warnings,
        freshenv=True,
    )
    app.build()
    said = [line for line in warnings.getvalue().split("\n") if line.strip()]
    if said or app.statuscode:
        lines = [re.sub(re.escape(f"{pages}/"), "", line) for line in said]
        shown = "\n".join(lines[:20])
        raise CourseError(f"the book has {len(said)} faults:\n{shown}")
