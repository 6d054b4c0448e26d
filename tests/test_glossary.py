"""The glossary, and where the lessons first use its terms."""

import re
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[1]
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+?)\s\[(\d\d)\]\(\.\./(.+?)\)", re.M | re.S)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def prose():
    """Return {number: lower-case text} of the lessons, code and links left out."""
    texts = {}
    for path in sorted((ROOT / "source" / "lessons").glob("*.py")):
        cells = jupytext.read(path, fmt="py:percent").cells
        text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        text = re.sub(
            r"```.*?```|`[^`]*`|\]\([^)]*\)|^\|.*$", " ", text, flags=re.S | re.M
        )
        texts[path.stem[:2]] = " ".join(text.lower().split())
    return texts


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


def test_a_term_is_explained_in_the_lesson_that_the_glossary_names():
    """Lesson 00 may mention what comes: it is the map, and links to the glossary."""
    texts = prose()
    late = []
    for term, _, number, _ in ENTRY.findall(GLOSSARY):
        if "(" in term:
            continue  # one of several meanings: the word alone tells nothing
        words = re.escape(term.lower()).replace(r"\ ", "[ -]")
        used = [n for n, text in texts.items() if re.search(rf"\b{words}", text)]
        first = next((n for n in used if n != "00"), number)
        print(f"{term}: first in {first}, explained in {number}")
        if first < number:
            late.append(f"{term}: used in {first}, explained in {number}")
    assert not late, "\n".join(late)
