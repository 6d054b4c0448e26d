"""Right and wrong answers to Exercise 10.1, as students write them."""


def mistakes_by_set(config, defaults, tokenizer_length, block_size):
    wrong = config.keys() - defaults.keys()
    get = {**defaults, **config}.__getitem__
    if get("n_embd") // get("n_head") * get("n_head") != get("n_embd"):
        wrong.add("n_head")
    if not get("n_positions") >= block_size:
        wrong.add("n_positions")
    if not get("vocab_size") >= tokenizer_length:
        wrong |= {"vocab_size"}
    return sorted(wrong)


def _named(config, defaults, length, block, fields=None, vocab=None):
    fields = defaults | config if fields is None else fields
    vocab = vocab or (lambda size: size < length)
    names = [name for name in config if name not in defaults]
    if vocab(fields.get("vocab_size", length)):
        names.append("vocab_size")
    if fields.get("n_embd", 0) % fields.get("n_head", 1):
        names.append("n_head")
    if fields.get("n_positions", block) < block:
        names.append("n_positions")
    return names


def mistakes_with_get(config, defaults, tokenizer_length, block_size):
    return sorted(_named(config, defaults, tokenizer_length, block_size))


def mistakes_unsorted(config, defaults, tokenizer_length, block_size):
    return _named(config, defaults, tokenizer_length, block_size)


def mistakes_without_defaults(config, defaults, tokenizer_length, block_size):
    found = _named(config, defaults, tokenizer_length, block_size, fields=config)
    return sorted(found)


def mistakes_indexing(config, defaults, tokenizer_length, block_size):
    names = [name for name in config if name not in defaults]
    if config["vocab_size"] < tokenizer_length:
        names.append("vocab_size")
    return sorted(names)


def mistakes_unequal_vocabulary(config, defaults, length, block):
    found = _named(config, defaults, length, block, vocab=lambda size: size != length)
    return sorted(found)


def mistakes_first_only(config, defaults, tokenizer_length, block_size):
    return sorted(_named(config, defaults, tokenizer_length, block_size))[:1]


def mistakes_unknown_only(config, defaults, tokenizer_length, block_size):
    return sorted(set(config) - set(defaults))


def mistakes_known_only(config, defaults, tokenizer_length, block_size):
    found = _named(config, defaults, tokenizer_length, block_size)
    return sorted(set(found) & set(defaults))


def mistakes_changed_fields(config, defaults, tokenizer_length, block_size):
    return sorted(name for name in config if config[name] != defaults.get(name))


RIGHT = [mistakes_by_set, mistakes_with_get]
WRONG = [
    (mistakes_unsorted, "sorted by the alphabet"),
    (mistakes_without_defaults, "has its default"),
    (mistakes_indexing, "has its default"),
    (mistakes_unequal_vocabulary, "larger vocabulary is fine"),
    (mistakes_first_only, "all of them"),
    (mistakes_unknown_only, "Only unknown keys"),
    (mistakes_known_only, "unknown keys are missing"),
    (mistakes_changed_fields, "Return the keys of config that are no field"),
]
