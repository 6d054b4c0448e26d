"""Copies are found however they are dressed up; honest look-alikes are not."""

import ast
import importlib.util
import inspect
import random
import textwrap
from functools import cache
from pathlib import Path

import pytest
from pace import at_most

from course_utils.grading import course_notebooks, similarity
from course_utils.grading.class_report import write_report
from course_utils.grading.discover import Entry
from course_utils.grading.similarity import alike

MUTANTS = Path(__file__).parents[1] / "mutants"
EXERCISES = ["ex01", "ex02", "ex03", "ex04", "ex05", "ex06"]


@cache
def answers_to(question: str) -> list[str]:
    """Return the ways in which a question is answered, right and wrong ones."""
    path = MUTANTS / f"{question}.py"
    spec = importlib.util.spec_from_file_location(question, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions = [*module.RIGHT, *(wrong[0] for wrong in module.WRONG)]
    return [textwrap.dedent(inspect.getsource(f)) for f in functions if callable(f)]


def honest_class(exercise: str, size: int = 40) -> list[list[int]]:
    """Return which answer each student gives to each question, by chance."""
    chance = random.Random(exercise)
    paths = sorted(MUTANTS.glob(f"{exercise}_*.py"))
    counts = [len(answers_to(path.stem)) for path in paths]
    return [[chance.randrange(n) for n in counts if n] for _ in range(size)]


def codes(exercise: str, picks: list[int]) -> list[str]:
    paths = sorted(MUTANTS.glob(f"{exercise}_*.py"))
    known = [its for path in paths if (its := answers_to(path.stem))]
    return [its[pick] for its, pick in zip(known, picks, strict=True)]


class OtherNames(ast.NodeTransformer):
    """Gives arguments and variables other names."""

    def __init__(self):
        self.names = {}

    def visit_arg(self, node):
        node.arg = self.names.setdefault(node.arg, f"my_{len(self.names)}")
        return node

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.names.setdefault(node.id, f"my_{len(self.names)}")
        node.id = self.names.get(node.id, node.id)
        return node


def renamed(code: str) -> str:
    return ast.unparse(OtherNames().visit(ast.parse(code)))


def commented(code: str) -> str:
    return "\n".join(
        f"{line}  # my own idea" if line else "" for line in code.split("\n")
    )


def documented(code: str) -> str:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Expr(ast.Constant("Do it in my own way.")))
    return ast.unparse(tree)


DISGUISES = {
    "names": lambda its: [renamed(code) for code in its],
    "comments": lambda its: [commented(code) for code in its],
    "order": lambda its: its[::-1],
    "all of it": lambda its: [commented(renamed(code)) for code in its[::-1]],
    "strings": lambda its: [code.replace('"', "'") for code in its],
    "docstrings": lambda its: [documented(code) for code in its],
}


def test_copies_are_found_and_honest_look_alikes_are_not(counted):
    """In six classes of 40, with six copies each (docs/instructors.md tells it)."""
    found = planted = wrong = honest = 0
    for exercise in EXERCISES:
        picks = honest_class(exercise)
        texts = {
            f"h{number}": "\n\n".join(codes(exercise, its))
            for number, its in enumerate(picks)
        }
        for number, disguise in enumerate(DISGUISES.values()):
            copy = disguise(codes(exercise, picks[number]))
            texts[f"c{number}"] = "\n\n".join(copy)
        stub = "\n".join(course_notebooks.released_code(exercise).values())
        pairs = {(pair.first[1:], pair.second[1:]): pair for pair in alike(texts, stub)}
        planted += len(DISGUISES)
        found += sum((str(n), str(n)) in pairs for n in range(len(DISGUISES)))
        for first in range(40):
            for second in range(first):
                both = zip(picks[first], picks[second], strict=True)
                shared = sum(a == b for a, b in both) / len(picks[0])
                if shared <= 0.5:  # the others gave most answers word for word alike
                    honest += 1
                    places = {(str(first), str(second)), (str(second), str(first))}
                    wrong += bool(places & set(pairs))
    print(f"{found} of {planted} copies found; {wrong} of {honest} honest pairs wrong")
    assert planted == 36
    assert found == planted
    assert honest > 4000
    assert wrong <= 1


def test_pieces_are_the_same_in_every_run():
    """Python's hashes of texts are not: a pair would be named today alone."""
    code = "def f(a):\n    return sum(a) / len(a)\n"
    assert sorted(similarity._pieces(code))[:2] == [16491636, 260615099]


def test_what_was_given_out_and_short_answers_are_no_evidence():
    stub = "def f(a, b):\n    raise NotImplementedError\n" * 20
    texts = dict.fromkeys(("a", "b", "c"), f"{stub}\nx = 1\n")
    assert alike(texts, stub) == []
    assert alike({"a": "", "b": "", "c": "%%bash\nls"}) == []
    assert alike({"a": "x = 1\n" * 100, "b": "((((" * 1000, "c": "\0"}) == []


def test_the_report_shows_both_side_by_side(tmp_path):
    picks = honest_class("ex02", 8)
    names = ["ann", "bob", "cy", "di", "eve", "fay", "gus", "hal"]
    texts = {n: codes("ex02", its) for n, its in zip(names, picks, strict=True)}
    texts["mallory"] = DISGUISES["all of it"](texts["ann"])[::-1]
    entries = [Entry(n, f"{n}/x.ipynb", "ex02", n, "") for n in texts]
    entries.append(Entry("ann", "ann/y.ipynb", "ex02", "ann 2", ""))  # her own again
    texts["ann 2"] = texts["ann"]
    result = {"questions": [], "written": [], "look_at": []}

    def answers(key):
        return {f"ex02_{n}": code for n, code in enumerate(texts[key], start=1)}

    counts = write_report(tmp_path, entries, lambda key: result, {}, answers=answers)
    page = (tmp_path / "report.html").read_text()
    assert page.count("<details>") == 2
    assert "ex02: <bdi>ann</bdi> and\n<bdi>mallory</bdi>," in page
    assert "my own idea" in page
    assert counts["look_at"] >= 2


@pytest.mark.parametrize("count", [500])
def test_a_large_class_takes_seconds(count):
    chance = random.Random(0)
    picks = honest_class("ex02", 30)
    pool = [codes("ex02", its) for its in picks]
    texts = {}
    for number in range(count):
        own = [chance.choice(pool)[n] for n in range(len(pool[0]))]
        texts[str(number)] = "\n".join([*own, f"x{number} = {number} * {number}"])
    with at_most(30):
        alike(texts)


@pytest.mark.parametrize("code", ["a = b\n" * 400_000, "x=" + "[" * 10**6, "-" * 10**6])
def test_a_text_made_to_take_long_takes_little(code):
    with at_most(5):
        alike({"ann": code, "bob": code})
