"""What a notebook's code says, without running it."""

import pytest

from course_utils.checks.cells import is_check
from course_utils.checks.contract import Question
from course_utils.grading.static import forbidden_in


def test_is_check():
    assert is_check('check("ex05_1")\n# done\ncheck("ex05_2")')
    assert not is_check('check("ex05_1")\nx = 1')
    assert not is_check("# " + "#" * 80 + "\nx")


@pytest.mark.parametrize(
    ("cells", "name", "forbidden", "found"),
    [
        (["def f(x):\n  return tok.encode(x)"], "f", "a.b.encode", False),
        (["from a.b import pack as p\ndef f(x): return p(x)"], "f", "a.b.pack", True),
        (["from a import b", "h = b.pack", "f = h"], "f", "a.b.pack", True),
        (["from a.b import pack", "f = str", "pack(1)"], "f", "a.b.pack", False),
        (["import a.b\nf = lambda x: getattr(a.b, 'pack')(x)"], "f", "a.b.pack", True),
        (["from a import Trainer\ndef f(m): m.train()"], "f", "a.Trainer.train", False),
        (["import a\ndef f(m): a.Trainer(m).train()"], "f", "a.Trainer.train", True),
    ],
)
def test_forbidden_in(cells, name, forbidden, found):
    asked = Question("ex05_1", name, 1, "", None, None, forbidden=(forbidden,))
    assert bool(forbidden_in(cells, asked)) == found
