"""The glossary, and where the lessons first use its terms."""

import re
from functools import cache
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[1]
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+?)\s\[(\d\d)\]\(\.\./(.+?)\)", re.M | re.S)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def prose_of(path):
    """Return a lesson's text in lower case: no code, links, tables and reading list."""
    cells = jupytext.read(path, fmt="py:percent").cells
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    text, _, _ = text.partition("## Further reading")
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|^\|[^\n]*$", " ", text, flags=re.M)
    return " ".join(text.lower().split())


@cache
def first_uses():
    """Return {term: (the lessons that use it, the lesson that explains it)}."""
    lessons = sorted((ROOT / "source" / "lessons").glob("*.py"))
    texts = {path.stem[:2]: prose_of(path) for path in lessons}
    uses = {}
    for term, _, number, _ in ENTRY.findall(GLOSSARY):
        if "(" not in term:  # one of several meanings: the word alone tells nothing
            words = re.escape(term.lower()).replace(r"\ ", "[ -]")
            found = [n for n, text in texts.items() if re.search(rf"\b{words}", text)]
            uses[term] = found, number
    return uses


def test_prose_leaves_out_code_links_and_tables(tmp_path):
    path = tmp_path / "lesson.py"
    path.write_text(
        "# %% [markdown]\n# A *loss* of `x`.\n#\n# | a | table |\n# |---|---|\n#\n"
        "# After it, [a link](there.md).\n#\n# ```\n# some code\n# ```\n#\n"
        "# The end.\n#\n# ## Further reading\n#\n# - A book.\n\n# %%\ncode = 1\n"
    )
    assert prose_of(path) == "a *loss* of . after it, [a link . the end."


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


def test_no_lesson_uses_a_term_before_it_is_explained():
    """Lesson 00 may mention what comes: it is the map, and links to the glossary."""
    late = []
    for term, (used, number) in first_uses().items():
        first = next((n for n in used if n != "00" or n == number), None)
        print(f"{term}: first in {first}, explained in {number}")
        if first and first < number:
            late.append(f"{term}: first in {first}, explained in {number}")
    assert not late, "\n".join(late)


def test_the_lesson_that_explains_a_term_has_it():
    """Also in code or a table, and in another form: deduplicate, deduplication."""
    for term, _, number, link in ENTRY.findall(GLOSSARY):
        name = Path(link).stem
        text = (ROOT / "source" / "lessons" / f"{name}.py").read_text("utf-8").lower()
        for word in re.findall(r"[\w']+", term.partition("(")[0].lower()):
            assert word[:5] in text, f"{term}: not in {number}"
