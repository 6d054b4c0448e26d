"""The examples in the docstrings of the learners' rooms print what they say."""

import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest

ROOMS = ("machine", "data", "model", "training", "evaluation", "lesson", "serving")
MODULES = [
    module.name
    for room in ROOMS
    for module in pkgutil.iter_modules(
        import_module(f"course_utils.{room}").__path__, f"course_utils.{room}."
    )
]

# No short example of these would be true everywhere, or none is quick.
WITHOUT = {
    "the network": {
        "data.sources.hub_text",
        "data.tokens.gpt2_tokenizer",
        "evaluation.judge.ask",
        "machine.hub.fetch",
        "machine.hub.fetch_model",
        "machine.runtime.online",
    },
    "seconds, or a run that is there": {
        "data.datatrove_engine.executor",
        "data.datatrove_engine.run_by_datatrove",
        "data.preparation.clean_part",
        "data.preparation.find_copies",
        "data.preparation.finish",
        "data.preparation.run_locally",
        "data.preparation.tokenize_part",
        "data.quality.quality_filter",
        "data.sources.chitchat",
        "data.sources.write_local_data",
        "lesson.start_lesson.with_data",
        "lesson.summariser.approved_summariser",
        "lesson.summariser.finetune",
        "lesson.summariser.summariser",
        "machine.runtime.thread_speeds",
        "model.planner.seconds_per_pass",
        "serving.page.make_page",
        "serving.page.mount_page",
        "serving.server.serve",
        "training.laboratory.short_run",
        "training.tracking.keep_going",
        "training.tracking.read_offline_run",
        "training.trainer.train",
    },
    "it changes the whole process": {
        "machine.runtime.give_back_memory",
        "machine.runtime.hub_switched_off",
        "machine.runtime.keep_freed_memory",
        "machine.runtime.quiet_libraries",
        "training.tracking.use_wandb",
    },
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    found = doctest.testmod(
        import_module(name),
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert found.failed == 0  # what differs is printed above


def test_every_public_function_has_an_example():
    functions = {
        f"{name.removeprefix('course_utils.')}.{function.__name__}": function
        for name in MODULES
        for _, function in inspect.getmembers(import_module(name), inspect.isroutine)
        if function.__module__ == name and not function.__name__.startswith("_")
    }
    without = {
        name for name, function in functions.items() if ">>> " not in function.__doc__
    }
    assert without == set().union(*WITHOUT.values())
