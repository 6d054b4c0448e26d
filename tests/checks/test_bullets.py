"""Every bullet of a question's text is tested: a wrong answer breaks it.

`pytest tests/checks/test_bullets.py -s` prints the table.
"""

import re

import pytest
from bullets import BROKEN_BY, GIVEN, UNSEEN
from test_answers import source, wrong_answers


def bullets(question_id: str) -> list[str]:
    """Return the bullets of a question's text, each on one line."""
    number = question_id.removeprefix("ex").lstrip("0").replace("_", ".")
    cells = iter(source(question_id.partition("_")[0]).cells)
    text = next(c.source for c in cells if c.source.startswith(f"## {number} "))
    for cell in cells:  # code that is given may stand within the text
        if "answer" in cell.metadata:
            found = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", text, re.S | re.M)
            return [" ".join(bullet.split()) for bullet in found]
        text += f"\n\n{cell.source}" if cell.cell_type == "markdown" else ""
    raise AssertionError(f"no answer to {number}")


@pytest.mark.parametrize("question_id", BROKEN_BY)
def test_every_bullet_has_a_wrong_answer(question_id):
    named = BROKEN_BY[question_id]
    texts = bullets(question_id)
    assert len(named) == len(texts)
    known = {
        getattr(target, "__name__", "") for target, _ in wrong_answers(question_id)
    }
    print()
    for text, name in zip(texts, named, strict=True):
        print(f"{question_id}  {name:<32}  {text[:90]}")
        assert name in (GIVEN, UNSEEN) or name in known, name
