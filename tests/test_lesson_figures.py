"""The ranges that lessons state in words hold in their stored outputs.

A range in a lesson's text is marked where it stands: `<!-- figure: NAME LOW HIGH -->`.
NAME is a recorded result, or the beginning of a printed line, whose last number counts.
"""

import re
from pathlib import Path

import jupytext
import pytest

from course_utils.authoring.build import read_notebook
from course_utils.authoring.outputs import results

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def printed(notebook):
    """Return everything the code cells printed, as one text."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return "".join(o.text for o in outputs if o.output_type == "stream")


MARK = re.compile(r"<!-- figure: (.+?) (-?[\d.,]+) (-?[\d.,]+) -->")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def marked():
    for path in sorted((NOTEBOOKS.parent / "source" / "lessons").glob("*.py")):
        for cell in jupytext.read(path, fmt="py:percent").cells:
            if cell.cell_type == "markdown":
                for name, low, high in MARK.findall(cell.source):
                    label = f"{path.stem[:2]}-{name}".replace(" ", "_")
                    yield pytest.param(path, cell.source, name, low, high, id=label)


def number(text):
    return float(text.replace(",", ""))


@pytest.mark.parametrize(("path", "text", "name", "low", "high"), marked())
def test_a_marked_figure_holds(path, text, name, low, high):
    notebook = read_notebook(NOTEBOOKS / f"{path.stem}.ipynb")
    values = [value for key, value in results(notebook) if key == name]
    for line in printed(notebook).split("\n"):
        if line.strip().startswith(name):
            values.append(number(NUMBER.findall(line.strip().removeprefix(name))[-1]))
    assert values, f"nothing recorded or printed is called {name!r}"
    outside = [x for x in values if not number(low) <= x <= number(high)]
    assert not outside, f"{name} is {outside}, the text says {low} to {high}"
    prose = MARK.sub("", text)
    for bound in (low, high):
        assert bound in prose, f"the text does not say {bound}"


@pytest.mark.parametrize(
    "path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_every_picture_has_a_text_for_who_cannot_see_it(path):
    for cell in read_notebook(path).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                words = output.metadata.get("image/png", {}).get("alt", "")
                assert len(words) > 20, cell.source
                assert not words.startswith("<"), cell.source


@pytest.fixture(scope="module")
def train():
    return read_notebook(NOTEBOOKS / "05_train.ipynb")


def test_the_first_loss_is_about_ln_of_the_vocabulary(train):
    figures = dict(results(train))
    first = figures["language_model.initial_loss"]
    assert first == pytest.approx(figures["language_model.log_vocab"], abs=0.3)


def test_perplexity_falls_as_far_as_the_lesson_says(train):
    figures = dict(results(train))
    before = figures["language_model.scratch.perplexity_before"]
    after = figures["language_model.scratch.perplexity_after"]
    assert 75 <= after <= 100
    assert after < before / 5


def test_the_mistakes_fail_as_the_lesson_says(train):
    text = printed(train)
    assert "shifted twice [3, 4, 5, 7, 9, 11, 13, 15, 17]" in text
    assert "right         [3, 4, 5, 6, 7, 8, 9, 10, 11]" in text
    assert "collator:        [0, 0]" in text
    assert "mask by length:  [1, 1]" in text
    row = re.compile(r"(\w+) +on the test blocks +([\d.]+), on unseen ones +([\d.]+)")
    tested = {name: float(x) for name, x, _ in row.findall(text)}
    unseen = {name: float(x) for name, _, x in row.findall(text)}
    assert tested["cheating"] < tested["honest"] / 2
    assert unseen["cheating"] > unseen["honest"]


def test_an_untrained_model_and_one_without_a_mask():
    text = printed(read_notebook(NOTEBOOKS / "03_build_the_model.ipynb"))
    losses = {
        name: float(line.split()[-1])
        for line in text.split("\n")
        for name in ("measured", "with the mask", "without the mask", "weights of 1.0")
        if line.startswith(name)
    }
    assert 7.5 <= losses["measured"] <= 7.8
    assert losses["with the mask"] == pytest.approx(2.30, abs=0.05)
    assert losses["without the mask"] < 0.5
    assert losses["weights of 1.0"] > 20
