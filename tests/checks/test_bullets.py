"""Every bullet of a question's text is tested: a wrong answer breaks it.

`pytest tests/checks/test_bullets.py -s` prints the table.
"""

import re

import pytest
from bullets import BROKEN_BY, GIVEN
from test_answers import source, wrong_answers


def bullets(question_id: str) -> list[str]:
    """Return the bullets of a question's text, each on one line."""
    number = question_id.removeprefix("ex").lstrip("0").replace("_", ".")
    for cell in source(question_id.partition("_")[0]).cells:
        if cell.source.startswith(f"## {number} "):
            found = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", cell.source, re.S | re.M)
            return [" ".join(text.split()) for text in found]
    raise AssertionError(f"no question {number}")


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
        assert name == GIVEN or name in known, name
