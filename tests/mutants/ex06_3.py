"""Right and wrong answers to Exercise 6.3, as students write them."""

import copy

import numpy as np
import pandas as pd
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


def freeze_from_numpy(model, n_blocks):
    gpt2 = model.transformer
    frozen = {
        id(p)
        for m in (gpt2.wte, gpt2.wpe, *list(gpt2.h)[:n_blocks])
        for p in m.parameters()
    }
    sizes = []
    for p in model.parameters():
        p.requires_grad = id(p) not in frozen
        sizes.append(p.nelement() * p.requires_grad)
    return np.sum(sizes, dtype=np.int32)


def freeze_by_number(model, n_blocks):
    count = 0
    for name, p in model.named_parameters():
        parts = name.split(".")
        in_block = parts[1] == "h" and int(parts[2]) < n_blocks
        p.requires_grad_(not (in_block or parts[1] in ("wte", "wpe")))
        if p.requires_grad:
            count += p.shape.numel()
    return torch.tensor(count)


def freeze_head_too(model, n_blocks):
    for part in (model.lm_head, model.transformer.wpe):
        part.weight.requires_grad = False
    for i in range(n_blocks):
        for p in model.transformer.h[i].parameters():
            p.requires_grad = False
    return float(
        sum(p.numel() for p in filter(lambda p: p.requires_grad, model.parameters()))
    )


def freeze_pandas(model, n_blocks):
    freeze_by_name(model, n_blocks)
    rows = [(p.numel(), p.requires_grad) for p in model.parameters()]
    table = pd.DataFrame(rows, columns=["size", "trained"])
    return table.loc[table["trained"], "size"].sum()


def freeze_one_less(model, n_blocks):
    return _freeze(model, BOTH + [f"transformer.h.{i}." for i in range(n_blocks - 1)])


def freeze_embeddings_only(model, n_blocks):
    return _freeze(model, BOTH)


def freeze_all_blocks(model, n_blocks):
    return _freeze(model, [*BOTH, "transformer.h."])


def freeze_one_block(model, n_blocks):
    return _freeze(model, [*BOTH, f"transformer.h.{n_blocks}."])


def freeze_counts_frozen(model, n_blocks):
    freeze_by_name(model, n_blocks)
    return sum(p.numel() for p in model.parameters() if not p.requires_grad)


def freeze_counts_first(model, n_blocks):
    count = _count(model)
    freeze_by_name(model, n_blocks)
    return count


def freeze_cuts_the_head_off(model, n_blocks):
    freeze_by_name(model, n_blocks)
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    return _count(model)


def freeze_returns_model(model, n_blocks):
    freeze_by_name(model, n_blocks)
    return model


def freeze_the_upper(model, n_blocks):
    kept = BOTH + [f"transformer.h.{i}." for i in range(n_blocks)]
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(tuple(kept))
    return _count(model)


def freeze_share(model, n_blocks):
    return freeze_by_name(model, n_blocks) / sum(p.numel() for p in model.parameters())


def freeze_printed(model, n_blocks):
    print(freeze_by_name(model, n_blocks))


def freeze_numel_uncalled(model, n_blocks):
    freeze_by_name(model, n_blocks)
    return sum(p.numel for p in model.parameters())


def freeze_a_copy(model, n_blocks):
    model = copy.deepcopy(model)
    for m in [
        model.transformer.wte,
        model.transformer.wpe,
        *model.transformer.h[:n_blocks],
    ]:
        m.requires_grad_(False)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


RIGHT = [
    freeze_by_name,
    freeze_all_then_thaw,
    freeze_from_numpy,
    freeze_by_number,
    freeze_head_too,
    freeze_pandas,
]
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
    (freeze_all, "Everything is frozen"),
    (freeze_counts_all, "All parameters are counted"),
    (freeze_counts_tensors, "These are tensors"),
    (freeze_returns_nothing, "`freeze` returns None"),
    (freeze_wrong_part, "in `model.transformer.h`"),
    (freeze_one_less, "One block too few"),
    (freeze_embeddings_only, "The blocks are not frozen"),
    (freeze_all_blocks, "All blocks are frozen"),
    (freeze_one_block, "One block alone"),
    (freeze_counts_frozen, "These are the frozen weights"),
    (freeze_counts_first, "All parameters are counted"),
    (freeze_cuts_the_head_off, "parameters now that it had not"),
    (freeze_returns_model, "A model or a configuration comes back"),
    (freeze_the_upper, "wrong way round"),
    (freeze_share, "This is the share"),
    (freeze_printed, "`print` shows"),
    (freeze_numel_uncalled, "do not calculate"),
    (freeze_a_copy, "a copy of it is"),
]
