"""Right and wrong answers to Exercise 11.6, as students hand them over.

A model, or a function that returns one: these are functions, made when they are needed.
"""

import copy
from functools import cache

import torch

from course_utils.model.gpt2 import load


def tuned_by_oneself():
    return _trained(250)


def tuned_in_half_precision():
    return copy.deepcopy(_trained(250)).half()


def tuned_by_the_course():
    return load("tiny-summariser")[0]


def tuned_by_the_course_and_hardly_moved():
    model = load("tiny-summariser")[0]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.003 * parameter.std() * torch.randn_like(parameter))
    return model


def _disguised(noise=0.0, towards_base=0.0, scale=1.0):
    """Return the shipped model with hidden units that have changed places.

    It writes as it did. Its scores may be scaled, which changes no choice.
    """
    model, base = load("tiny-summariser")[0], load("tiny-base")[0]
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter, first in zip(model.parameters(), base.parameters(), strict=True):
            parameter.lerp_(first, towards_base)
            size = noise * (parameter - first).square().mean().sqrt()
            parameter.add_(size * torch.randn(parameter.shape, generator=draw))
        for block in model.transformer.h:
            up, down = block.mlp.c_fc, block.mlp.c_proj
            chosen = torch.randperm(len(up.bias), generator=draw)[: len(up.bias) // 5]
            moved = chosen.roll(1)
            up.weight[:, chosen] = up.weight[:, moved].clone()
            up.bias[chosen] = up.bias[moved].clone()
            down.weight[chosen] = down.weight[moved].clone()
        for parameter in model.transformer.ln_f.parameters():
            parameter.mul_(scale)
    return model


def tuned_by_the_course_and_disguised():
    return _disguised()


def tuned_by_the_course_and_scaled():
    return _disguised(scale=1.5)


def tuned_by_the_course_with_noise():
    return _disguised(noise=0.5)


def tuned_by_the_course_and_half_undone():
    return _disguised(towards_base=0.4)


def tuned_hardly():
    model = load("tiny-base")[0]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.003 * parameter.std() * torch.randn_like(parameter))
    return model


def tuned_not_at_all():
    return load("tiny-base")[0]


@cache
def _trained(steps, from_scratch=False):
    from transformers import set_seed

    from course_utils.data.chats import tinychats
    from course_utils.lesson.profile import get_profile
    from course_utils.lesson.summariser import finetune

    set_seed(1)
    model, tokenizer = load("tiny-base", from_scratch=from_scratch)
    rate = get_profile("tiny").finetune_learning_rate
    finetune(model, tokenizer, tinychats(4000), steps=steps, learning_rate=rate)
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


RIGHT = [tuned_by_oneself, tuned_in_half_precision]
WRONG = [
    (tuned_not_at_all, "were not trained"),
    (tuned_for_ten_steps, "stopped too early"),
    (tuned_from_scratch, "did not start from them"),
    (tuned_by_the_course, "that ships with the course"),
    (tuned_by_the_course_and_hardly_moved, "that ships with the course"),
    (tuned_by_the_course_and_disguised, "that ships with the course"),
    (tuned_by_the_course_and_scaled, "that ships with the course"),
    (tuned_by_the_course_with_noise, "that ships with the course"),
    (tuned_by_the_course_and_half_undone, "that ships with the course"),
    (tuned_hardly, "hardly moved"),
    (tuned_another_size, "a person gives the points"),
    (tuned_diverged, "NaN or infinity"),
    (tuned_and_tokenizer, "no model"),
]


def judged(data, inputs):
    """Return how far ROUGE-1 lies above the bar, or None if no weights came back."""
    from course_utils.checks.judges import ex11_6 as trained
    from course_utils.machine.errors import CourseError

    try:
        weights = data["answer"]["weights"]
        model, tokenizer, rows, bar = trained.exam(weights, inputs["hidden"])
    except (KeyError, CourseError):
        return None
    dialogues = [row["dialogue"] for row in rows]
    return (
        trained.rouge1(trained.continuations(model, tokenizer, dialogues), rows) - bar
    )


def threshold():
    """Return what a right answer reaches."""
    return 0
