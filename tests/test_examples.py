"""The examples in the docstrings of the learners' rooms print what they say."""

import doctest
import pkgutil
from importlib import import_module

import pytest

ROOMS = ("machine", "data", "model", "training", "evaluation", "lesson")
MODULES = [
    module.name
    for room in ROOMS
    for module in pkgutil.iter_modules(
        import_module(f"course_utils.{room}").__path__, f"course_utils.{room}."
    )
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    found = doctest.testmod(
        import_module(name),
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert found.failed == 0  # what differs is printed above


def test_every_room_of_the_learner_has_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    with_examples = {
        name.split(".")[1]
        for name in MODULES
        if any(test.examples for test in finder.find(import_module(name)))
    }
    assert with_examples == set(ROOMS)
