"""A run's HTML pages: they load nothing and are readable in light and in dark."""

import copy
import re
from typing import TYPE_CHECKING, Any

from course_utils.authoring.film import still_on_request
from course_utils.machine.pages import as_html, render

if TYPE_CHECKING:
    from nbformat import NotebookNode

BADGE_LINE = re.compile(r"^\[!\[Open in Colab\].*\n?", re.MULTILINE)
# What the runs of the report are: their texts differ, so their figures do not compare.
RUNS = {
    "scratch": "lesson 05's text, from scratch",
    "pretrained": "lesson 06's dialogues, pretrained",
}
LESSON_LINK = re.compile(r'href="(\d\d_\w+)\.ipynb')


def lesson_page(
    notebook: "NotebookNode", before: str | None = None, after: str | None = None
) -> str:
    """Return an executed notebook as one HTML page.

    Args:
        notebook: with its outputs.
        before: the name of the lesson before it, for a link.
        after: the name of the lesson after it.
    """
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    title = title_of(notebook)
    plain = copy.deepcopy(notebook)
    for cell in plain.cells:
        cell.source = BADGE_LINE.sub("", cell.source)
    without_answers = {"enabled": True, "remove_input_tags": {"quiz"}}
    config = Config(TagRemovePreprocessor=without_answers)
    exporter = HTMLExporter(template_name="basic", config=config)
    body, _ = exporter.from_notebook_node(plain)
    return render(
        "lesson.html",
        title=title,
        body=as_html(still_on_request(LESSON_LINK.sub(_to_page, body))),
        style=as_html(_highlighting()),
        links=[("index", "All lessons"), (before, "Previous"), (after, "Next")],
    )


def index_page(lessons: list[dict[str, Any]], report: dict[str, Any]) -> str:
    """Return the first page of a run.

    Args:
        lessons: {"name", "title", "seconds", "error", "pictures"} of each lesson that
            ran; pictures as `headline_pictures` returns them.
        report: what report.json holds.
    """
    scratch = report["language_model"]["scratch"]
    return render(
        "lesson_index.html",
        lessons=lessons,
        report=report,
        before=scratch["perplexity_before"],
        after=scratch["perplexity_after"],
        samples=(report["samples"] or [])[:4],
        figures=_figures(report),
    )


def title_of(notebook: "NotebookNode") -> str:
    """Return a notebook's title: its first line, without the `#`."""
    first = notebook.cells[0].source if notebook.cells else ""
    return first.split("\n")[0].lstrip("# ") or "Lesson"


def _to_page(match: re.Match) -> str:
    return f'href="{match[1]}.html'


def _highlighting() -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _figures(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the figures that were measured: what, and how much."""
    model = report["language_model"]
    rows = []
    if model["initial_loss"] is not None and model["log_vocab"] is not None:
        rows.append(
            ("first loss, and the logarithm of the vocabulary's size",
             f"{model['initial_loss']:.2f}, {model['log_vocab']:.2f} nats")
        )  # fmt: skip
    for start, name in RUNS.items():
        before = model[start]["perplexity_before"]
        after = model[start]["perplexity_after"]
        if before is not None and after is not None:
            text = f"perplexity, {name}: before and after training"
            rows.append((text, f"{before:,.1f} to {after:,.1f}"))
    for name, measured in (model["counting"] or {}).items():
        text = f"perplexity of counting, lesson 05's text: {name}"
        rows.append((text, f"{measured['perplexity']:,.1f}"))
    split = report["headline_split"]
    for system, scores in (report["summarization"] or {}).get(split, {}).items():
        if scores and scores["rougeL"] is not None:
            text = f"ROUGE-L of summaries, {split}: {system}"
            rows.append((text, f"{scores['rougeL']:.1f}"))
    return rows
