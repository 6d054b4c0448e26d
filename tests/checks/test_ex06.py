"""The references of exercise 6 are what transformers does."""

from course_utils.checks.judges import ex06_4
from course_utils.checks.judges.ex06_parameters import parameters
from course_utils.checks.probes.ex06_model import new_model


def test_parameters_are_those_of_gpt2():
    model = new_model(0, n_embd=16, n_layer=3)
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    assert parameters(16, 3) == sizes


def test_decay_is_what_trainer_does(tmp_path):
    import torch
    from transformers import Trainer, TrainingArguments

    model = new_model(0, n_layer=1)
    trainer = Trainer(model, TrainingArguments(str(tmp_path), use_cpu=True))
    every = {name for name, _ in model.named_parameters()}
    names = every & set(trainer.get_decay_parameter_names(model))
    groups = [[sorted(names), 0.1], [sorted(every - names), 0.0]]
    case = {"n_layer": 1, "weight_decay": 0.1}
    assert ex06_4.judge([groups], {"cases": [case]}).right
    assert torch.optim.AdamW([torch.zeros(1)]).defaults["weight_decay"] == 0.01


def test_freezing_the_token_embedding_freezes_the_output():
    model = new_model(0)
    model.transformer.wte.requires_grad_(False)
    assert not model.lm_head.weight.requires_grad
