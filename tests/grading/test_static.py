"""What a notebook's code says, without running it."""

import json
from pathlib import Path

import pytest

from course_utils.checks.cells import is_check
from course_utils.checks.contract import Question
from course_utils.grading.static import forbidden_in, hiding_in

ROOT = Path(__file__).parents[2]


def test_is_check():
    assert is_check('check("ex05_1")\n# done\ncheck("ex05_2")')
    assert is_check('%%time\ncheck("ex05_1")')
    assert not is_check('check("ex05_1")\nx = 1')
    assert not is_check("# " + "#" * 80 + "\nx")
    assert not is_check("%matplotlib inline")


PACK = "from a.b import pack"


@pytest.mark.parametrize(
    ("cells", "name", "forbidden", "found"),
    [
        (["def f(x):\n  return tok.encode(x)"], "f", "a.b.encode", False),
        (["from a.b import pack as p\ndef f(x): return p(x)"], "f", "a.b.pack", True),
        (["from a import b", "h = b.pack", "f = h"], "f", "a.b.pack", True),
        ([PACK, "f = str", "pack(1)"], "f", "a.b.pack", False),
        (["import a.b\nf = lambda x: getattr(a.b, 'pack')(x)"], "f", "a.b.pack", True),
        (["from a import Trainer\ndef f(m): m.train()"], "f", "a.Trainer.train", False),
        (["import a\ndef f(m): a.Trainer(m).train()"], "f", "a.Trainer.train", True),
        # Names in plain sight:
        ([PACK + " as f"], "f", "a.b.pack", True),
        (["from a.b import *\ndef f(x): return pack(x)"], "f", "a.b.pack", True),
        ([PACK, "!ls\ndef f(x): return pack(x)"], "f", "a.b.pack", True),
        ([PACK, "if 1:\n    !ls\ndef f(x): return pack(x)"], "f", "a.b.pack", True),
        ([PACK, "x = !ls\ndef f(x): return pack(x)"], "f", "a.b.pack", True),
        ([PACK, "x?\ndef f(x): return pack(x)"], "f", "a.b.pack", True),
        ([PACK, "f = (1\n% 1 and 2 or pack)"], "f", "a.b.pack", True),
        ([PACK, "f = [pack,\n%time][0]"], "f", "a.b.pack", False),  # does not run
        ([PACK, "%%time\nf = pack"], "f", "a.b.pack", True),
        ([PACK, "%time f = pack"], "f", "a.b.pack", True),
        ([PACK, "def g():\n  global f\n  f = pack", "g()"], "f", "a.b.pack", True),
        ([PACK, "match pack:\n  case f: pass"], "f", "a.b.pack", True),
        ([PACK, "match [pack]:\n  case [*f]: pass"], "f", "a.b.pack", True),
        ([PACK, "match {1: pack}:\n  case {**f}: pass"], "f", "a.b.pack", True),
        ([PACK, "for f in [pack]: pass"], "f", "a.b.pack", True),
        ([PACK, "with pack as f: pass"], "f", "a.b.pack", True),
        ([PACK, "(f := pack)"], "f", "a.b.pack", True),
        ([PACK, "f, *g = [pack]"], "f", "a.b.pack", True),
        ([PACK, "d = {}\nd['x'] = pack", "f = d['x']"], "f", "a.b.pack", True),
        ([PACK, "class A: pass\nA.x = pack", "f = A.x"], "f", "a.b.pack", True),
        ([PACK, "def f(x, g=pack): return g(x)"], "f", "a.b.pack", True),
        ([PACK, "@pack\ndef f(x): pass"], "f", "a.b.pack", True),
        (["async def g():\n  from a.b import pack as f"], "f", "a.b.pack", True),
        (["try: pass\nexcept E as f: pass"], "f", "a.b.pack", False),
        # A function's own names are not the notebook's, in whatever scope they stand.
        ([PACK, "d = pack(1)", "def f(d): return d.mean"], "f", "a.b.pack", False),
        (
            [PACK, "d = pack(1)", "def f(x):\n  d = x\n  return d"],
            "f",
            "a.b.pack",
            False,
        ),
        (
            [PACK, "d = pack(1)", "def f(x):\n  return [d for d in x]"],
            "f",
            "a.b.pack",
            False,
        ),
        (
            [PACK, "m = pack", "def f(x):\n  global m\n  m = m\n  return m(x)"],
            "f",
            "a.b.pack",
            True,
        ),
        (
            [PACK, "m = pack", "def f(x):\n  def g(): m = 1\n  return m(x)"],
            "f",
            "a.b.pack",
            True,
        ),
        (
            [PACK, "m = pack", "def f(x):\n  class A: m = m\n  return A.m(x)"],
            "f",
            "a.b.pack",
            True,
        ),
        ([PACK, "m = pack", "def f(m=m): return m"], "f", "a.b.pack", True),
        ([PACK, "m = pack", "@m\ndef f(m): return m"], "f", "a.b.pack", True),
        ([PACK, "m = pack", "f = lambda x: m(x)"], "f", "a.b.pack", True),
        ([PACK, "m = pack", "def f(x):\n  m(x)\n  global m"], "f", "a.b.pack", True),
        # A value without a name leads to no other value without one.
        ([PACK, "x[0].y = pack", "f = lambda d: (d + 1)()"], "f", "a.b.pack", False),
        (
            [PACK, "x[0].y = pack", "def f(d): return (d + 1).mean()"],
            "f",
            "a.b.pack",
            False,
        ),
    ],
)
def test_forbidden_in(cells, name, forbidden, found):
    asked = Question("ex05_1", name, 1, "", None, None, forbidden=(forbidden,))
    assert bool(forbidden_in(cells, asked)) == bool(found)


def test_a_module_that_the_notebook_writes_is_followed():
    cells = ["%%writefile h.py\nfrom a.b import pack\ndef g(x): return pack(x)"]
    cells += ["from h import g\nf = g"]
    asked = Question("ex05_1", "f", 1, "", None, None, forbidden=("a.b.pack",))
    assert forbidden_in(cells, asked) == "a.b.pack"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("model.eval()\nre.compile('x')\nfile.write('x')", []),
        ("getattr(a, 'b')\nmodel.modules()", []),
        ("getattr(a, 'b' + 'c')", ["getattr"]),
        ("globals()['f'] = g", ["globals"]),
        ("import sys\nsys._getframe(1).f_locals", ["_getframe", "f_locals"]),
        ("import sys as s\ns.modules['a']", ["modules"]),
        ("from sys import modules", ["modules"]),
        ("import os as o\no.write(4, b'x')", ["write"]),
        ("from os import write", ["write"]),
        ("open(4, 'wb')", ["open"]),
        ("open('x')", []),
        ("f.__code__ = g.__code__", ["__code__"]),
        ("exec('x')", ["exec"]),
        ("import importlib", ["importlib"]),
        ("from importlib import import_module as i", ["import_module", "importlib"]),
        ("import threading\nthreading.Thread()", ["threading"]),
        ("sys.setprofile(f)", ["setprofile"]),
        ("import pkgutil\npkgutil.resolve_name = f", ["resolve_name"]),
        ("get_ipython().user_ns['f'] = g", ["user_ns"]),
        ("get_ipython().ast_transformers.append(x)", ["ast_transformers"]),
        ("import ctypes", ["ctypes"]),
        ("!exec", []),
        ("%%writefile x.py\nexec('x')", ["exec"]),
        ("def f(:", []),
    ],
)
def test_hiding_in(source, names):
    assert hiding_in([source]) == names


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_the_courses_own_notebooks_hide_nothing(folder):
    for path in (ROOT / folder).glob("ex*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        assert hiding_in(code) == [], path.name
