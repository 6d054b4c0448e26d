"""Right and wrong answers to Exercise 6.4, as students write them."""

from collections import defaultdict, deque

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


def groups_by_decay(model, weight_decay):
    groups = defaultdict(list)
    for name, p in model.named_parameters():
        groups[weight_decay * (p.dim() == 2 and not name.endswith("bias"))].append(p)
    return [{"params": ps, "weight_decay": decay} for decay, ps in groups.items()]


def groups_by_modules(model, weight_decay):
    norms = [m for m in model.modules() if "LayerNorm" in type(m).__name__]
    spared = {id(p) for norm in norms for p in norm.parameters()}
    spared |= {id(p) for n, p in model.named_parameters() if n.split(".")[-1] == "bias"}
    return (
        {
            "params": deque(
                p for p in model.parameters() if (id(p) in spared) == is_spared
            ),
            "weight_decay": torch.tensor(0.0 if is_spared else weight_decay).item(),
        }
        for is_spared in (True, False)
    )


def groups_one_each(model, weight_decay):
    return tuple(
        {"params": p, "weight_decay": weight_decay if len(p.shape) > 1 else 0}
        for p in model.parameters()
    )


def groups_with_more(model, weight_decay):
    matrices = [p for p in model.parameters() if p.squeeze().ndim > 1]
    ids = set(map(id, matrices))
    return [
        {
            "params": matrices,
            "weight_decay": weight_decay,
            "lr": 1e-4,
            "name": "matrices",
        },
        {
            "params": [p for p in model.parameters() if id(p) not in ids],
            "weight_decay": 0.0,
        },
    ]


def groups_nothing_decays(model, weight_decay):
    return [{"params": list(model.parameters()), "weight_decay": 0.0}]


def groups_spare_tokens(model, weight_decay):
    return _two(model, weight_decay, lambda n: "bias" in n or "ln_" in n or "wte" in n)


def groups_no_decay_named(model, weight_decay):
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    return [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]


def groups_matrices_missing(model, weight_decay):
    return _two(model, weight_decay, lambda n: "bias" in n or "ln_" in n)[1:]


def groups_of_names(model, weight_decay):
    names = [name for name, _ in model.named_parameters()]
    return [{"params": names, "weight_decay": weight_decay}]


def groups_of_pairs(model, weight_decay):
    pairs = list(model.state_dict().items())
    return [{"params": pairs[:5], "weight_decay": weight_decay}]


def groups_as_dict(model, weight_decay):
    return {"params": model.parameters(), "weight_decay": weight_decay}


def groups_one_tensor(model, weight_decay):
    return torch.cat([p.flatten() for p in model.parameters()])


def groups_as_optimizer(model, weight_decay):
    return torch.optim.AdamW(
        _two(model, weight_decay, lambda n: "bias" in n or "ln_" in n)
    )


def groups_append(model, weight_decay):
    decays, _spared = [], []
    for p in model.parameters():
        decays = decays.append(p) if p.ndim > 1 else decays
    return [{"params": decays, "weight_decay": weight_decay}]


def groups_printed(model, weight_decay):
    print(_two(model, weight_decay, lambda n: "bias" in n or "ln_" in n))


def groups_wrong_key(model, weight_decay):
    return [{"parameters": list(model.parameters()), "weight_decay": weight_decay}]


def groups_tied_twice(model, weight_decay):
    a = [p for p in model.parameters() if p.dim() > 1] + [model.lm_head.weight]
    b = [p for p in model.parameters() if p.dim() == 1]
    return [
        {"params": a, "weight_decay": weight_decay},
        {"params": b, "weight_decay": 0.0},
    ]


RIGHT = [
    groups_by_name,
    groups_by_layer_type,
    groups_by_decay,
    groups_by_modules,
    groups_one_each,
    groups_with_more,
]
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
    (groups_copies, "copies would be trained"),
    (groups_nothing_decays, "Nothing decays"),
    (groups_spare_tokens, "The token embedding does not decay"),
    (groups_no_decay_named, "The matrices get AdamW's default"),
    (groups_matrices_missing, "The matrices are in no group"),
    (groups_of_names, "something else than a list of dicts"),
    (groups_as_dict, "cannot be used"),
    (groups_one_tensor, "cannot be used"),
    (groups_as_optimizer, "cannot be used"),
    (groups_append, "`append` changes"),
    (groups_printed, "`print` shows"),
    (groups_wrong_key, "the key params"),
    (groups_of_pairs, "copies would be trained"),
    (groups_tied_twice, "twice in a group"),
]
