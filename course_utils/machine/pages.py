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
    made.filters |= {"code": code, "words": words}
    return made


def _visible(value: Any) -> Any:
    """Return a text with joiners, which no one sees, written as HTML's names."""
    from markupsafe import Markup, escape

    if not isinstance(value, str) or not ({"\u200c", "\u200d"} & set(value)):
        return value
    text = str(escape(value))
    return Markup(text.replace("\u200c", "&zwnj;").replace("\u200d", "&zwj;"))


def code(text: str) -> Any:
    """Return a text as HTML: escaped, with what is between backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def words(facts: dict[str, Any]) -> str:
    """Return names and values as a phrase.

    Example:
        >>> words({"device": "cpu", "cores": 2})
        'device cpu, cores 2'
    """
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def as_html(text: str) -> Any:
    """Mark `text` as HTML already, so that `render` does not escape it."""
    from markupsafe import Markup

    return Markup(text)


def render(template: str, **values: Any) -> str:
    """Return a page.

    Args:
        template: a file in assets/pages, such as "class_report.html".
        **values: what the template shows; all but `as_html` is escaped.
    """
    return _templates().get_template(template).render(**values)
