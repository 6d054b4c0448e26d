"""Right and wrong answers to Exercise 6.4, as students write them."""

import torch


def groups_by_name(model, weight_decay):
    groups = []
    for name, parameter in model.named_parameters():
        spared = name.endswith(".bias") or "ln_" in name
        decay = 0.0 if spared else weight_decay
        groups.append({"params": [parameter], "weight_decay": decay})
    return groups


def groups_by_layer_type(model, weight_decay):
    spared = set()
    for module_name, module in model.named_modules():
        for name, _ in module.named_parameters(recurse=False):
            if isinstance(module, torch.nn.LayerNorm) or name == "bias":
                spared.add(f"{module_name}.{name}")
    everything = dict(model.named_parameters())
    return [
        {"params": [everything[n] for n in sorted(spared)], "weight_decay": 0},
        {
            "params": (p for n, p in everything.items() if n not in spared),
            "weight_decay": weight_decay,
        },
    ]


def _two(model, weight_decay, is_spared):
    decays, spared = [], []
    for name, parameter in model.named_parameters():
        (spared if is_spared(name) else decays).append(parameter)
    return [
        {"params": decays, "weight_decay": weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]


def groups_of_bert(model, weight_decay):
    no_decay = ["bias", "LayerNorm.weight"]
    return _two(model, weight_decay, lambda name: any(nd in name for nd in no_decay))


def groups_without_final_norm(model, weight_decay):
    def spared(name):
        return "bias" in name or "ln_1" in name or "ln_2" in name

    return _two(model, weight_decay, spared)


def groups_norms_only(model, weight_decay):
    return _two(model, weight_decay, lambda name: "ln_" in name)


def groups_linear_layers(model, weight_decay):
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    decays = {id(p) for module in linear for p in module.parameters()}
    names = {name for name, p in model.named_parameters() if id(p) in decays}
    return _two(model, weight_decay, lambda name: name not in names)


def groups_spare_embeddings(model, weight_decay):
    def spared(name):
        return "bias" in name or "ln_" in name or "wte" in name or "wpe" in name

    return _two(model, weight_decay, spared)


def groups_exchanged(model, weight_decay):
    return _two(model, weight_decay, lambda n: not ("bias" in n or "ln_" in n))


def groups_one(model, weight_decay):
    return [{"params": model.parameters(), "weight_decay": weight_decay}]


def groups_default_decay(model, weight_decay):
    groups = _two(model, weight_decay, lambda n: "bias" in n or "ln_" in n)
    del groups[1]["weight_decay"]
    return groups


def groups_vectors_missing(model, weight_decay):
    return _two(model, weight_decay, lambda n: "bias" in n or "ln_" in n)[:1]


def groups_of_blocks(model, weight_decay):
    parameters = list(model.transformer.h.parameters())
    parameters += model.transformer.ln_f.parameters()
    return [
        {"params": [p for p in parameters if p.dim() > 1]}
        | {"weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
    ]


def groups_head_twice(model, weight_decay):
    groups = groups_by_name(model, weight_decay)
    head = {"params": [model.lm_head.weight], "weight_decay": weight_decay}
    return [*groups, head]


def groups_copies(model, weight_decay):
    named = [(n, p.detach().clone()) for n, p in model.named_parameters()]
    return [
        {"params": [p for _, p in named if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for _, p in named if p.ndim == 1], "weight_decay": 0.0},
    ]


RIGHT = [groups_by_name, groups_by_layer_type]
WRONG = [
    (groups_of_bert, "a search for LayerNorm"),
    (groups_without_final_norm, "ln_f, still decays"),
    (groups_norms_only, "biases of attention and MLP"),
    (groups_linear_layers, "Conv1D"),
    (groups_spare_embeddings, "embeddings do not decay"),
    (groups_exchanged, "exchanged"),
    (groups_one, "Everything decays"),
    (groups_default_decay, "AdamW's default"),
    (groups_vectors_missing, "Biases and layer norms are in no group"),
    (groups_of_blocks, "embeddings are in no group"),
    (groups_head_twice, "is in two groups"),
    (groups_copies, "belongs into one group"),
]
