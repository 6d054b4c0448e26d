"""Right and wrong answers to Exercise 13.2, as students write them."""

import random

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel


def model_by_class(name, seed):
    torch.manual_seed(seed)
    return GPT2LMHeadModel(GPT2Config.from_pretrained(name))


def model_with_generator_state(name, seed):
    config = AutoModelForCausalLM.from_pretrained(name).config
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(config)


def model_pretrained(name, seed):
    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_pretrained(name)


def model_init_weights(name, seed):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(name)
    model.init_weights()
    return model


def model_of_default_size(name, seed):
    torch.manual_seed(seed)
    return GPT2LMHeadModel(GPT2Config())


def model_of_own_size(name, seed):
    torch.manual_seed(seed)
    return GPT2LMHeadModel(GPT2Config(n_embd=64, n_layer=2, n_head=2, vocab_size=2048))


def model_with_old_embeddings(name, seed):
    torch.manual_seed(seed)
    old = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    model = AutoModelForCausalLM.from_config(old.config)
    model.set_input_embeddings(old.get_input_embeddings())
    model.tie_weights()
    return model


def model_drawn_by_hand(name, seed):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(name)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    return model


def model_of_zeros(name, seed):
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    return model


def model_seeded_late(name, seed):
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))
    torch.manual_seed(seed)
    return model


def model_seeded_elsewhere(name, seed):
    random.seed(seed)
    np.random.seed(seed)
    return AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))


def model_of_one_seed(name, seed):
    torch.manual_seed(42)
    return AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))


def model_config_only(name, seed):
    return AutoConfig.from_pretrained(name)


def model_by_the_course(name, seed):
    from course_utils.model.gpt2 import load

    torch.manual_seed(seed)
    return load(name, from_scratch=True)[0]


def model_by_set_seed(name, seed):
    from transformers import set_seed

    config = AutoConfig.from_pretrained(name)
    set_seed(seed)
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32)


def model_by_copied_config(name, seed):
    config = GPT2Config(**AutoConfig.from_pretrained(name).to_dict())
    torch.manual_seed(seed)
    return GPT2LMHeadModel(config).eval()


def model_by_json(name, seed):
    import json
    from pathlib import Path

    fields = json.loads((Path(name) / "config.json").read_text())
    torch.random.manual_seed(seed)
    return GPT2LMHeadModel(GPT2Config.from_dict(fields))


def model_by_module(name, seed):
    import transformers

    config = transformers.AutoConfig.from_pretrained(name)
    torch.manual_seed(int(np.int64(seed)))
    return transformers.GPT2LMHeadModel._from_config(config)


def model_hardly_moved(name, seed):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.003 * parameter.std() * torch.randn_like(parameter))
    return model


def model_half_pretrained(name, seed):
    new, old = model_by_class(name, seed), model_pretrained(name, seed)
    with torch.no_grad():
        for ours, theirs in zip(new.parameters(), old.parameters(), strict=True):
            ours.add_(theirs)
    return new


def model_without_head(name, seed):
    from transformers import AutoModel

    torch.manual_seed(seed)
    return AutoModel.from_config(AutoConfig.from_pretrained(name))


def model_with_fewer_layers(name, seed):
    config = AutoConfig.from_pretrained(name)
    config.n_layer = 1
    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_config(config)


def model_of_the_name(name, seed):
    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_config(name)


RIGHT = [
    model_by_class,
    model_with_generator_state,
    model_by_set_seed,
    model_by_copied_config,
    model_by_json,
    model_by_module,
]
WRONG = [
    (model_pretrained, "These are the pretrained weights"),
    (model_init_weights, "These are the pretrained weights"),
    (model_hardly_moved, "hardly other ones"),
    (model_half_pretrained, "hardly other ones"),
    (model_without_head, "without its head"),
    (model_with_fewer_layers, "Some parts of the pretrained model"),
    (model_of_the_name, "load that first"),
    (model_of_default_size, "another size"),
    (model_of_own_size, "Some parts of the pretrained model"),
    (model_with_old_embeddings, "Some weights are still"),
    (model_drawn_by_hand, "not those of a new model"),
    (model_of_zeros, "not those of a new model"),
    (model_seeded_late, "other weights the second time"),
    (model_seeded_elsewhere, "set torch's seed"),
    (model_of_one_seed, "use the seed that is given"),
    (model_config_only, "Return the model itself"),
    (model_by_the_course, "write it yourself"),
]
