"""Right and wrong answers to Exercise 3.5, as students write them."""

import math

import numpy as np
import torch
from torch import nn
from transformers.pytorch_utils import Conv1D


def initialise_by_modules(model):
    std = 0.02

    def set_module(module):
        if isinstance(module, Conv1D):
            nn.init.normal_(module.weight, std=std)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=std)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    model.apply(set_module)
    for block in model.transformer.h:
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            nn.init.normal_(
                layer.weight, std=std / (2 * len(model.transformer.h)) ** 0.5
            )


def initialise_by_shape(model):
    depth = model.config.n_layer
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 1:
                p.fill_(0.0 if name.endswith(".bias") else 1.0)
            else:
                p.copy_(torch.randn(p.shape) * 0.02)
                if "c_proj" in name:
                    p /= math.sqrt(2 * depth)
    return model


def _set(model, std=lambda name, depth: 0.02, bias=nn.init.zeros_, norm=nn.init.ones_):
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            bias(p)
        elif "ln_" in name:
            norm(p)
        else:
            nn.init.normal_(p, std=std(name, model.config.n_layer))


def _residual(name, depth):
    return 0.02 / math.sqrt(2 * depth) if "c_proj" in name else 0.02


def initialise_everything(model):
    for p in model.parameters():
        nn.init.normal_(p, mean=0.0, std=0.02)


def initialise_norms_drawn(model):
    _set(model, _residual, norm=lambda p: nn.init.normal_(p, std=0.02))


def initialise_norms_zero(model):
    _set(model, _residual, norm=nn.init.zeros_)


def initialise_biases_drawn(model):
    _set(model, _residual, bias=lambda p: nn.init.normal_(p, std=0.02))


def initialise_same_size(model):
    _set(model)


def initialise_one_per_block(model):
    _set(model, lambda n, depth: 0.02 / math.sqrt(depth) if "c_proj" in n else 0.02)


def initialise_no_root(model):
    _set(model, lambda n, depth: 0.02 / (2 * depth) if "c_proj" in n else 0.02)


def initialise_all_smaller(model):
    _set(model, lambda name, depth: 0.02 / math.sqrt(2 * depth))


def initialise_variance(model):
    _set(model, lambda name, depth: _residual(name, depth) ** 0.5)


def initialise_torch_default(model):
    _set(model, lambda name, depth: 1.0)


def initialise_depth_12(model):
    _set(model, lambda name, depth: _residual(name, 12))


def initialise_matrices_only(model):
    for name, p in model.named_parameters():
        if p.dim() > 1:
            nn.init.normal_(p, std=_residual(name, model.config.n_layer))


def initialise_a_copy(model):
    for name, p in model.named_parameters():
        p = torch.randn_like(p) * _residual(name, model.config.n_layer)


def initialise_with_gradient(model):
    for p in model.parameters():
        p.normal_(0, 0.02)


def _each(model, draw):
    """Set every parameter to what `draw` makes of its shape and deviation."""
    for name, p in model.named_parameters():
        if "ln_" in name and name.endswith("weight"):
            p.data = torch.ones_like(p)
        elif name.endswith("bias"):
            p.data.zero_()
        else:
            p.data.copy_(draw(p.shape, _residual(name, model.config.n_layer)))


def initialise_numpy(model):
    rng = np.random.default_rng(0)
    _each(model, lambda shape, std: torch.from_numpy(rng.normal(0, std, tuple(shape))))


def initialise_truncated(model):
    def draw(shape, std):
        return nn.init.trunc_normal_(torch.empty(shape), std=std, a=-4 * std, b=4 * std)

    _each(model, draw)


def initialise_by_state_dict(model):
    new = {}
    for name, old in model.state_dict().items():
        if name.endswith("bias"):
            new[name] = torch.zeros_like(old)
        elif "ln_" in name:
            new[name] = torch.ones_like(old)
        else:
            new[name] = torch.normal(
                0.0, _residual(name, model.config.n_layer), old.shape
            )
    new["lm_head.weight"] = new["transformer.wte.weight"]
    model.load_state_dict(new)


@torch.no_grad()
def initialise_block_by_block(model):
    gpt2, depth = model.transformer, len(model.transformer.h)
    for table in (gpt2.wte, gpt2.wpe):
        table.weight.normal_(0, 0.02)
    for block in gpt2.h:
        for layer in (block.attn.c_attn, block.mlp.c_fc):
            layer.weight.normal_(std=0.02)
            layer.bias.zero_()
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            layer.weight.normal_(std=0.02 / math.sqrt(depth * 2))
            layer.bias.fill_(0)
        for norm in (block.ln_1, block.ln_2):
            norm.reset_parameters()
    gpt2.ln_f.reset_parameters()


def initialise_uniform(model):
    def draw(shape, std):
        return (torch.rand(shape) * 2 - 1) * std * math.sqrt(3)

    _each(model, draw)


def initialise_constant(model):
    _each(model, lambda shape, std: torch.full(shape, std))


def initialise_off_centre(model):
    _each(model, lambda shape, std: 0.02 + torch.randn(shape) * std)


def initialise_with_library(model):
    model.apply(model._init_weights)


def initialise_init_weights(model):
    model.init_weights()


def initialise_attention_only(model):
    def std(name, depth):
        return 0.02 / math.sqrt(2 * depth) if "attn.c_proj" in name else 0.02

    _set(model, std)


def initialise_other_model(model):
    from transformers import GPT2LMHeadModel

    model = GPT2LMHeadModel(model.config)
    _set(model, _residual)


def initialise_root_of_width(model):
    width = model.config.n_embd
    _set(model, lambda n, depth: 0.02 / math.sqrt(width) if "c_proj" in n else 0.02)


def initialise_xavier(model):
    for p in model.parameters():
        nn.init.xavier_normal_(p)


def initialise_depth_not_doubled_norms(model):
    _set(model, _residual, norm=lambda p: p.data.fill_(0.02))


def initialise_wrong_name(model):
    _set(model, lambda name, depth: _residual(name, model.config.n_layers))


def weights_seeded_each(model):
    n = model.config.n_layer
    with torch.no_grad():
        for name, p in model.named_parameters():
            torch.manual_seed(0)
            if name.endswith("bias"):
                p.zero_()
            elif ".ln_" in name:
                p.fill_(1)
            elif name.endswith("c_proj.weight"):
                p.normal_(0, 0.02 / math.sqrt(2 * n))
            else:
                p.normal_(0, 0.02)


RIGHT = [
    initialise_by_modules,
    initialise_by_shape,
    initialise_numpy,
    initialise_truncated,
    initialise_by_state_dict,
    initialise_block_by_block,
]
WRONG = [
    (initialise_everything, "A layer norm starts with a scale of 1"),
    (initialise_norms_drawn, "A layer norm starts with a scale of 1"),
    (initialise_norms_zero, "A layer norm starts with a scale of 1"),
    (initialise_biases_drawn, "Biases start at 0"),
    (initialise_same_size, "both start smaller"),
    (initialise_one_per_block, "Each block adds twice"),
    (initialise_no_root, "variances add up"),
    (initialise_all_smaller, "Only the c_proj matrices"),
    (initialise_variance, "not the variance"),
    (initialise_torch_default, "standard deviation of 0.02"),
    (initialise_depth_12, "the size for 12 layers"),
    (initialise_matrices_only, "left as it is"),
    (initialise_a_copy, "left as it is"),
    (initialise_with_gradient, "under torch.no_grad()"),
    (initialise_uniform, "not drawn from a normal"),
    (initialise_constant, "drawn around 0"),
    (initialise_off_centre, "drawn around 0"),
    (initialise_with_library, "write it yourself"),
    (initialise_init_weights, "write it yourself"),
    (initialise_attention_only, "both start smaller"),
    (initialise_other_model, "write it yourself"),
    (initialise_root_of_width, "A c_proj matrix starts with"),
    (initialise_xavier, "draw only matrices and tables"),
    (initialise_depth_not_doubled_norms, "A layer norm starts"),
    (initialise_wrong_name, "It has no such attribute"),
    (weights_seeded_each, "the same numbers"),
]
