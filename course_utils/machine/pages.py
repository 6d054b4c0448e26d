"""HTML pages from the Jinja templates in assets/pages; every value is escaped."""

import re
from functools import cache
from typing import Any

from course_utils.machine.places import ASSETS


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader

    made = Environment(
        loader=FileSystemLoader(ASSETS / "pages", encoding="utf-8"),
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"code": code, "machine": machine, "words": words}
    return made


def _visible(value: Any) -> Any:
    """Return a text with joiners, which no one sees, written as HTML's names."""
    from markupsafe import Markup, escape

    if not isinstance(value, str) or not ({"\u200c", "\u200d"} & set(value)):
        return value
    text = str(escape(value))
    return Markup(text.replace("\u200c", "&zwnj;").replace("\u200d", "&zwj;"))


def code(text: str) -> Any:
    """Return a text as HTML: escaped, with what is between backticks as code.

    Example:
        >>> print(code("`a < b` holds"))
        <code>a &lt; b</code> holds
    """
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def words(facts: dict[str, Any]) -> str:
    """Return names and values as a phrase.

    Example:
        >>> words({"device": "cpu", "cores": 2})
        'device cpu, cores 2'
    """
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def machine(facts: dict[str, Any]) -> str:
    """Return what `runtime.hardware` found, in words for the middle of a sentence.

    Example:
        >>> machine({"device": "cpu", "cores": 2, "memory_gb": 25.3, "threads": 1})
        'a CPU with 2 cores (1 in use) and 25.3 GB of memory'
    """
    cores = "1 core" if facts["cores"] == 1 else f"{facts['cores']} cores"
    memory = f"{facts['memory_gb']} GB of memory" if "memory_gb" in facts else ""
    if facts["device"] == "cuda":  # the memory is the GPU's, the cores are not
        several = f"{facts['gpus']} x " if facts["gpus"] > 1 else ""
        return f"{several}{facts['name']} with {memory}, beside {cores}"
    name = "an Apple GPU" if facts["device"] == "mps" else "a CPU"
    if name == "a CPU" and facts["threads"] < facts["cores"]:
        cores += f" ({facts['threads']} in use)"
    return f"{name} with {cores}" + (f" and {memory}" if memory else "")


def as_html(text: str) -> Any:
    """Mark `text` as HTML already, so that `render` does not escape it.

    Example:
        >>> as_html("<p>Hi</p>")
        Markup('<p>Hi</p>')
    """
    from markupsafe import Markup

    return Markup(text)


def render(template: str, **values: Any) -> str:
    """Return a page.

    Args:
        template: a file in assets/pages, such as "class_report.html".
        **values: what the template shows; all but `as_html` is escaped.

    Example:
        >>> values = {"title": "", "style": "", "links": []}
        >>> "&lt;b&gt;" in render("lesson.html", body="<b>", **values)
        True
        >>> "&lt;b&gt;" in render("lesson.html", body=as_html("<b>"), **values)
        False
    """
    return _templates().get_template(template).render(**values)
