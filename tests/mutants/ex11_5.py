"""Right and wrong answers to Exercise 11.5, as students hand them over.

A model, or a function that returns one: these are functions, made when they are needed.
"""

from functools import cache

from course_utils.model.gpt2 import load


def tuned_for_longer():
    return load("tiny-summariser")[0]


def tuned_in_half_precision():
    return load("tiny-summariser")[0].half()


def tuned_not_at_all():
    return load("tiny-base")[0]


@cache
def _trained(steps, from_scratch=False):
    from transformers import set_seed

    from course_utils.data.chats import tinychats
    from course_utils.lesson.summariser import finetune

    set_seed(1)
    model, tokenizer = load("tiny-base", from_scratch=from_scratch)
    finetune(model, tokenizer, tinychats(400), steps=steps, batch_size=8)
    return model


def tuned_for_ten_steps():
    return _trained(10)


def tuned_from_scratch():
    return _trained(10, from_scratch=True)


def tuned_another_size():
    from transformers import GPT2LMHeadModel

    from course_utils.model.gpt2 import preset

    return GPT2LMHeadModel(preset("tiny", n_layer=2))


def tuned_diverged():
    model, _ = load("tiny-summariser")
    model.transformer.wte.weight.data[5] = float("inf")
    return model


def tuned_and_tokenizer():
    return load("tiny-summariser")


RIGHT = [tuned_for_longer, tuned_in_half_precision]
WRONG = [
    (tuned_not_at_all, "were not trained"),
    (tuned_for_ten_steps, "stopped too early"),
    (tuned_from_scratch, "did not start from the pretrained model"),
    (tuned_another_size, "a person gives the points"),
    (tuned_diverged, "NaN or infinity"),
    (tuned_and_tokenizer, "no model"),
]


def judged(data, inputs):
    """Return ROUGE-1 on new dialogues, or None if no weights came back."""
    from course_utils.checks.judges import ex11_5 as trained
    from course_utils.machine.errors import CourseError

    try:
        weights = data["answer"]["weights"]
        model, tokenizer, rows, _ = trained.exam(weights, inputs["hidden"])
    except (KeyError, CourseError):
        return None
    dialogues = [row["dialogue"] for row in rows]
    return trained.rouge1(trained.continuations(model, tokenizer, dialogues), rows)


def threshold():
    """Return what a right answer reaches."""
    from course_utils.checks.judges.ex11_5 import ENOUGH

    return ENOUGH["tiny"]
