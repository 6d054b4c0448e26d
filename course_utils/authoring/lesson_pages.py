"""A run's HTML pages: they load nothing and are readable in light and in dark."""

import copy
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

BADGE_LINE = re.compile(r"^\[!\[Open in Colab\].*\n?", re.MULTILINE)
LESSON_LINK = re.compile(r'href="(\d\d_\w+)\.ipynb')

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
<script>
// The quizzes' cells expect jQuery's name, and nothing else of it.
window.$ = (selector) => [document.querySelector(selector)];
</script>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

STYLE = """\
:root { color-scheme: light dark; --text: #1d2530; --soft: #5c6773; --line: #d8dde3;
  --back: #ffffff; --card: #f4f6f8; --link: #0b5cad; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e7ec; --soft: #9aa5b1;
  --line: #39424d; --back: #14181d; --card: #1d232a; --link: #7db7f5;
  --bad: #ff8a80; } }
body { margin: 0; background: var(--back); color: var(--text);
  font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; }
.anchor-link, .prompt, style:empty { display: none; }
pre, code { font: 13.5px/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.input_area { background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: .6rem .8rem; margin: 1rem 0 0; }
.input_area .highlight { background: none; }
.output { padding: .4rem .8rem 0; overflow-x: auto; }
.output_stderr pre, .note { color: var(--soft); }
.output_error pre, .bad { color: var(--bad); }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 1rem 0; display: block;
  max-width: 100%; overflow-x: auto; }
table[border] { border: 0; }
th, td { border: 0; border-bottom: 1px solid var(--line); padding: .35rem .7rem;
  text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
details { border-left: 3px solid var(--line); padding-left: .8rem; margin: 1rem 0; }
nav { display: flex; gap: 1.5rem; color: var(--soft); }
.pictures { display: grid; gap: 1.5rem; margin: 1.5rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.pictures figure { margin: 0; }
.pictures figure:first-child { grid-column: 1 / -1; }
.pictures img { box-sizing: border-box; width: 100%; padding: .5rem;
  background: #ffffff; border: 1px solid var(--line); border-radius: 6px; }
figcaption, dt { color: var(--soft); font-size: .875rem; }
.sample { display: grid; gap: 0 1.5rem; margin: 1rem 0; padding: .8rem 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.sample pre { font: inherit; }
.sample dl { margin: 0; }
.sample dd { margin: 0 0 .6rem; }
.sample .after { font-weight: 600; }
"""


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
    links = [("index", "All lessons"), (before, "Previous"), (after, "Next")]
    nav = "".join(f'<a href="{name}.html">{text}</a>' for name, text in links if name)
    body = f"<nav>{nav}</nav>\n{LESSON_LINK.sub(_to_page, body)}\n<nav>{nav}</nav>"
    return _page(title, body, _highlighting())


def index_page(lessons: list[dict[str, Any]], report: dict[str, Any]) -> str:
    """Return the first page of a run.

    Args:
        lessons: {"name", "title", "seconds", "error", "pictures"} of each lesson that
            ran; pictures as `headline_pictures` returns them.
        report: what report.json holds.
    """
    rows = "".join(
        f'<tr><td><a href="{lesson["name"]}.html">{escape(lesson["title"])}</a>'
        f"{' <span class=bad>stopped here</span>' if lesson['error'] else ''}</td>"
        f'<td class="number">{lesson["seconds"]:.0f} s</td></tr>'
        for lesson in lessons
    )
    total = sum(lesson["seconds"] for lesson in lessons)
    hardware, versions = report["hardware"], report["versions"]
    body = f"""\
<h1>Train GPT</h1>
<p>{_headline(report)}Profile {escape(report["profile"])}, on
{escape(_words(hardware))}. <a href="#lessons">To the lessons</a></p>
{"".join(f'<p class="bad">{escape(x["error"])}</p>' for x in lessons if x["error"])}
{_pictures(lessons)}
{_samples(report["samples"] or [])}
<h2 id="lessons">The lessons</h2>
<table>{rows}<tr><td>together</td><td class="number">{total:.0f} s</td></tr></table>
{_figures(report)}
<p class="note">Data: {escape("; ".join(map(str, report["sources"].values())))}.
{escape(_words(versions))}. Every figure: <a href="report.json">report.json</a>.</p>"""
    return _page("Train GPT", body)


def title_of(notebook: "NotebookNode") -> str:
    """Return a notebook's title: its first line, without the `#`."""
    first = notebook.cells[0].source if notebook.cells else ""
    return first.split("\n")[0].lstrip("# ") or "Lesson"


def _page(title: str, body: str, style: str = "") -> str:
    return PAGE.format(title=escape(title), body=body, style=STYLE + style)


def _to_page(match: re.Match) -> str:
    return f'href="{match[1]}.html'


def _highlighting() -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _words(facts: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items())


def _headline(report: dict[str, Any]) -> str:
    """Return what training did, in one sentence, if it was measured."""
    scratch = report["language_model"]["scratch"]
    before, after = scratch["perplexity_before"], scratch["perplexity_after"]
    if before is None or after is None:
        return ""
    return (
        "A GPT-2 with random weights was trained here: its perplexity on text it never "
        f"saw went from {before:,.0f} to <strong>{after:,.0f}</strong>. "
    )


def _pictures(lessons: list[dict[str, Any]]) -> str:
    """Return the lessons' headline pictures, each with a link to its lesson."""
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{picture["png"]}"'
        f' alt="{escape(picture["words"])}">'
        f'<figcaption>From <a href="{lesson["name"]}.html">'
        f"{escape(lesson['title'])}</a></figcaption></figure>\n"
        for lesson in lessons
        for picture in lesson["pictures"]
    )
    return f'<div class="pictures">\n{figures}</div>' if figures else ""


def _figures(report: dict[str, Any]) -> str:
    """Return a table of the figures that were measured."""
    model = report["language_model"]
    rows = []
    if model["initial_loss"] is not None and model["log_vocab"] is not None:
        rows.append(
            ("first loss, and the logarithm of the vocabulary's size",
             f"{model['initial_loss']:.2f}, {model['log_vocab']:.2f} nats")
        )  # fmt: skip
    for start in ("scratch", "pretrained"):
        before = model[start]["perplexity_before"]
        after = model[start]["perplexity_after"]
        if before is not None and after is not None:
            text = f"perplexity, {start}: before and after training"
            rows.append((text, f"{before:,.1f} to {after:,.1f}"))
    for name, measured in (model["counting"] or {}).items():
        text = f"perplexity of counting: {name}"
        rows.append((text, f"{measured['perplexity']:,.1f}"))
    split = report["headline_split"]
    for system, scores in (report["summarization"] or {}).get(split, {}).items():
        if scores and scores["rougeL"] is not None:
            text = f"ROUGE-L of summaries, {split}: {system}"
            rows.append((text, f"{scores['rougeL']:.1f}"))
    if not rows:
        return ""
    cells = "".join(
        f'<tr><td>{escape(text)}</td><td class="number">{value}</td></tr>'
        for text, value in rows
    )
    return f"<h2>Measured</h2>\n<table>{cells}</table>"


def _samples(samples: list[dict[str, str]]) -> str:
    """Return chats, each with its summaries before and after training."""
    names = {
        "before": "the model, before training",
        "after": "the model, after training",
        "reference": "a right summary",
    }
    blocks = []
    for sample in samples[:4]:
        texts = "".join(
            f'<dt>{name}</dt><dd class="{key}">{escape(str(sample.get(key, "")))}</dd>'
            for key, name in names.items()
        )
        chat = f"<pre>{escape(str(sample.get('dialogue', '')))}</pre>"
        blocks.append(f'<div class="sample">{chat}<dl>{texts}</dl></div>')
    if not blocks:
        return ""
    return "<h2>Chats, and their summaries</h2>\n" + "\n".join(blocks)
