"""The glossary. That no term comes too early, test_lessons.py looks after."""

import re
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[2]
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+?)\s\[(\d\d)\]\(\.\./(.+?)\)", re.M | re.S)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def prose_of(cells):
    """Return a lesson's text in lower case: no code, links, tables and reading list."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text, _, _ = text.partition("## Further reading")
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|^\|[^\n]*$", " ", text, flags=re.M)
    return " ".join(text.lower().split())


def uses(text, term):
    """Return whether prose has a term; of one with several meanings, no word tells."""
    words = re.escape(term.lower()).replace(r"\ ", "[ -]")
    return "(" not in term and re.search(rf"\b{words}", text) is not None


def test_prose_leaves_out_code_links_and_tables():
    source = (
        "# %% [markdown]\n# A *loss* of `x`.\n#\n# | a | table |\n# |---|---|\n#\n"
        "# After it, [a link](there.md).\n#\n# ```\n# some code\n# ```\n#\n"
        "# The end.\n#\n# ## Further reading\n#\n# - A book.\n\n# %%\ncode = 1\n"
    )
    text = prose_of(jupytext.reads(source, fmt="py:percent").cells)
    assert text == "a *loss* of . after it, [a link . the end."
    assert uses(text, "loss")
    assert uses(text, "the end")
    assert not uses(text, "table")


def test_the_glossary_is_whole_and_in_order():
    entries = ENTRY.findall(GLOSSARY)
    terms = [term.lower() for term, *_ in entries]
    assert len(entries) >= 45
    assert terms == sorted(terms, key=lambda t: re.sub(r"\W", "", t))
    assert len(terms) == len(set(terms))
    for term, _, number, link in entries:
        assert link == f"notebooks/{Path(link).name}", term
        assert Path(link).name.startswith(number), term
        assert (ROOT / link).exists(), term


def test_the_lesson_that_explains_a_term_has_it():
    """Also in code or a table, and in another form: deduplicate, deduplication."""
    for term, _, number, link in ENTRY.findall(GLOSSARY):
        name = Path(link).stem
        text = (ROOT / "source" / "lessons" / f"{name}.py").read_text("utf-8").lower()
        for word in re.findall(r"[\w']+", term.partition("(")[0].lower()):
            assert word[:5] in text, f"{term}: not in {number}"
