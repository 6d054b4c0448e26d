"""Right and wrong answers to Exercise 6.3, as students write them."""

import torch


def _count(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def freeze_by_name(model, n_blocks):
    frozen = ["transformer.wte.", "transformer.wpe."]
    frozen += [f"transformer.h.{i}." for i in range(n_blocks)]
    for name, parameter in model.named_parameters():
        if name.startswith(tuple(frozen)):
            parameter.requires_grad = False
    return _count(model)


def freeze_all_then_thaw(model, n_blocks):
    model.requires_grad_(False)
    kept = [*model.transformer.h[n_blocks:], model.transformer.ln_f]
    total = 0
    for module in kept:
        for parameter in module.parameters():
            parameter.requires_grad_(True)
            total += parameter.numel()
    return total


def _freeze(model, names):
    for name, parameter in model.named_parameters():
        if name.startswith(tuple(names)):
            parameter.requires_grad = False
    return _count(model)


BOTH = ["transformer.wte", "transformer.wpe"]


def freeze_modules_attribute(model, n_blocks):
    for module in (model.transformer.wte, *model.transformer.h[:n_blocks]):
        module.requires_grad = False
    return _count(model)


def freeze_eval(model, n_blocks):
    for block in model.transformer.h[:n_blocks]:
        block.eval()
    with torch.no_grad():
        return _count(model)


def freeze_blocks_only(model, n_blocks):
    return _freeze(model, [f"transformer.h.{i}." for i in range(n_blocks)] or ["none"])


def freeze_no_wpe(model, n_blocks):
    blocks = [f"transformer.h.{i}." for i in range(n_blocks)]
    return _freeze(model, ["transformer.wte", *blocks])


def freeze_head_trained(model, n_blocks):
    _freeze(model, BOTH + [f"transformer.h.{i}." for i in range(n_blocks)])
    model.lm_head.weight.requires_grad = True  # the output has to be trained, no?
    return _count(model)


def freeze_no_dot(model, n_blocks):
    return _freeze(model, BOTH + [f"transformer.h.{i}" for i in range(n_blocks)])


def freeze_last(model, n_blocks):
    return _freeze(model, BOTH + [f"transformer.h.{11 - i}." for i in range(n_blocks)])


def freeze_one_more(model, n_blocks):
    return _freeze(model, BOTH + [f"transformer.h.{i}." for i in range(n_blocks + 1)])


def freeze_from_one(model, n_blocks):
    blocks = [f"transformer.h.{i}." for i in range(1, n_blocks + 1)]
    return _freeze(model, BOTH + blocks)


def freeze_final_norm(model, n_blocks):
    blocks = [f"transformer.h.{i}." for i in range(n_blocks)]
    return _freeze(model, [*BOTH, *blocks, "transformer.ln_f"])


def freeze_all(model, n_blocks):
    model.requires_grad_(False)
    return _count(model)


def freeze_counts_all(model, n_blocks):
    freeze_by_name(model, n_blocks)
    return sum(p.numel() for p in model.parameters())


def freeze_counts_tensors(model, n_blocks):
    freeze_by_name(model, n_blocks)
    return len([p for p in model.parameters() if p.requires_grad])


def freeze_returns_nothing(model, n_blocks):
    freeze_by_name(model, n_blocks)


def freeze_wrong_part(model, n_blocks):
    for block in model.h[:n_blocks]:
        block.requires_grad_(False)
    return _count(model)


RIGHT = [freeze_by_name, freeze_all_then_thaw]
WRONG = [
    (freeze_modules_attribute, "Nothing is frozen"),
    (freeze_eval, "Nothing is frozen"),
    (freeze_blocks_only, "embeddings are not frozen"),
    (freeze_no_wpe, "position embedding"),
    (freeze_head_trained, "trains lm_head"),
    (freeze_no_dot, "put a dot"),
    (freeze_last, "The last blocks are frozen"),
    (freeze_one_more, "One block too many"),
    (freeze_from_one, "count from 0"),
    (freeze_final_norm, "ln_f, is frozen"),
    (freeze_all, "and nothing else"),
    (freeze_counts_all, "All parameters are counted"),
    (freeze_counts_tensors, "These are tensors"),
    (freeze_returns_nothing, "`freeze` returns None"),
    (freeze_wrong_part, "in `model.transformer.h`"),
]
