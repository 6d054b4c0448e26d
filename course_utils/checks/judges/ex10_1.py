"""Judge of 10.1, silent mistakes in a config."""

import operator

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex10_1 import QUESTION

CHECKED = ("n_head", "n_positions", "vocab_size")


def right(
    config,
    defaults,
    length,
    block_size,
    *,
    of_config=(),
    vocab=operator.lt,
    positions=operator.lt,
    heads=lambda width, heads: width % heads,
):
    """Return the wrong names, sorted. Fields in `of_config` have no default."""
    fields = {
        name: value
        for name, value in (defaults | config).items()
        if name in config or name not in of_config
    }
    wrong = {name for name in config if name not in defaults}
    if vocab(fields.get("vocab_size", length), length):
        wrong.add("vocab_size")
    if {"n_embd", "n_head"} <= set(fields) and heads(
        fields["n_embd"], fields["n_head"]
    ):
        wrong.add("n_head")
    if positions(fields.get("n_positions", block_size), block_size):
        wrong.add("n_positions")
    return sorted(wrong)


judge = Judge(
    QUESTION,
    right,
    "Return the keys of config that are no field, and of vocab_size, n_head and "
    "n_positions those that do not fit, all sorted. Look in the case below at the "
    "values in force, config over defaults, and ask the three questions one by one.",
)
DEFAULT = (
    "A field that is not in config has its default, and the default may be the wrong "
    "value here"
)


@judge.mistake(
    "Of the three fields only the first that is wrong is named: three `if`, no `elif`."
)
def first_field_only(config, defaults, *sizes):
    wrong = right(config, defaults, *sizes)
    order = [n for n in ("vocab_size", "n_head", "n_positions") if n in wrong][1:]
    return [name for name in wrong if name not in order]


judge.variant(
    "only_what_config_has",
    f"{DEFAULT}: look at all three fields, whatever config has.",
    of_config=("vocab_size", "n_head", "n_positions"),
)
judge.variant(
    "no_defaults",
    f"{DEFAULT}.",
    of_config=("vocab_size", "n_head", "n_embd", "n_positions"),
)
judge.variant(
    "no_default_heads", f"{DEFAULT}: n_head and n_embd.", of_config=("n_head", "n_embd")
)
judge.variant("no_default_n_head", f"{DEFAULT}: n_head.", of_config=("n_head",))
judge.variant("no_default_n_embd", f"{DEFAULT}: n_embd.", of_config=("n_embd",))
judge.variant("no_default_vocab", f"{DEFAULT}: vocab_size.", of_config=("vocab_size",))
judge.variant(
    "no_default_positions", f"{DEFAULT}: n_positions.", of_config=("n_positions",)
)
judge.variant(
    "unequal_vocabulary",
    "A larger vocabulary is fine: only one that is smaller than the tokenizer is a "
    "mistake.",
    vocab=operator.ne,
)
judge.variant(
    "equal_vocabulary",
    "A vocabulary of exactly the tokenizer's length is large enough.",
    vocab=operator.le,
)
judge.variant(
    "vocabulary_turned",
    "The comparison is the wrong way round: a vocabulary that is smaller than the "
    "tokenizer is the mistake.",
    vocab=operator.gt,
)
judge.variant(
    "vocab_never", "A vocabulary that is too small is never found.", vocab=lambda *_: 0
)
judge.variant(
    "unequal_positions",
    "More positions than the blocks need are fine: only fewer are a mistake.",
    positions=operator.ne,
)
judge.variant(
    "equal_positions",
    "Blocks of exactly n_positions tokens fit.",
    positions=operator.le,
)
judge.variant(
    "positions_turned",
    "The comparison is the wrong way round: blocks that are longer than n_positions "
    "are the mistake.",
    positions=operator.gt,
)
judge.variant(
    "positions_never",
    "Blocks that are too long are never found.",
    positions=lambda *_: 0,
)
judge.variant(
    "heads_never",
    "n_head that does not divide n_embd is never found.",
    heads=lambda *_: 0,
)
judge.variant(
    "heads_turned",
    "Divided the wrong way round: n_embd has to be divisible by n_head.",
    heads=lambda width, heads: heads % width,
)
judge.variant(
    "divisible_is_wrong",
    "n_head is named where it divides n_embd: it is a mistake where it does not.",
    heads=lambda width, heads: width % heads == 0,
)


@judge.mistake("There may be several mistakes: return all of them.")
def first_only(*case):
    return right(*case)[:1]


@judge.mistake("Only unknown keys are found: look at the three values too.")
def unknown_only(config, defaults, *sizes):
    return [name for name in right(config, defaults, *sizes) if name not in defaults]


@judge.mistake("The unknown keys are missing: GPT2Config would swallow them.")
def known_only(config, defaults, *sizes):
    return [name for name in right(config, defaults, *sizes) if name in defaults]


@judge.mistake("The three values are looked at only where no key is unknown: always.")
def known_if_no_unknown(config, defaults, *sizes):
    unknown = unknown_only(config, defaults, *sizes)
    return unknown or right(config, defaults, *sizes)


@judge.mistake("The names are right, but not sorted by the alphabet.")
def unsorted(config, defaults, *sizes):
    names = right(config, defaults, *sizes)
    checked = [*config, "vocab_size", "n_head", "n_positions"]
    return list(dict.fromkeys(name for name in checked if name in names))


@judge.mistake("The names are right, but not sorted by the alphabet.")
def sorted_apart(config, defaults, *sizes):
    names = right(config, defaults, *sizes)
    return sorted(names, key=lambda name: (name in defaults, name))


@judge.mistake("The names are sorted from Z to A.")
def reversed_names(*case):
    return right(*case)[::-1]


@judge.mistake(
    "Fields of config are named that only differ from the default: they may."
)
def changed(config, defaults, *sizes):
    return sorted(name for name in config if config[name] != defaults.get(name))


@judge.mistake("Fields that config does not have are named: they have their default.")
def missing_fields(config, defaults, *sizes):
    return sorted(set(defaults) - set(config))


@judge.mistake(
    "The keys of config that are fields are named: name those that are none."
)
def known_keys(config, defaults, *sizes):
    return sorted(set(config) & set(defaults))


@judge.mistake("If n_head does not divide n_embd, the name to return is n_head.")
def blames_n_embd(*case):
    return sorted("n_embd" if name == "n_head" else name for name in right(*case))


@judge.mistake("If n_head does not divide n_embd, n_head alone is named.")
def blames_both(*case):
    names = right(*case)
    return sorted([*names, "n_embd"] if "n_head" in names else names)


@judge.mistake("If the blocks are too long, the name to return is n_positions.")
def blames_block_size(*case):
    return sorted("block_size" if n == "n_positions" else n for n in right(*case))


@judge.mistake("Fields whose value is None are named: None is fine.")
def none_named(config, defaults, *sizes):
    nothing = {name for name, value in (defaults | config).items() if value is None}
    return sorted(nothing | set(right(config, defaults, *sizes)))


@judge.mistake("Return the names, not how many there are.")
def counted(*case):
    return len(right(*case))


@judge.mistake("Return the names, not whether there are any.")
def whether(*case):
    return bool(right(*case))


@judge.mistake("Return a list of names, not one text of them.")
def as_text(*case):
    return ", ".join(right(*case))


@judge.mistake("Return the names alone, without their values.")
def with_values(config, defaults, *sizes):
    fields = defaults | config
    return {name: fields[name] for name in right(config, defaults, *sizes)}


@judge.mistake("The defaults overwrite config: put config last, defaults | config.")
def defaults_last(config, defaults, *sizes):
    unknown = {name: config[name] for name in config if name not in defaults}
    return right(unknown, defaults, *sizes)


@judge.mistake("n_ctx is taken for n_positions: it is no field, and changes nothing.")
def n_ctx_as_positions(config, defaults, *sizes):
    names = right(config, defaults, *sizes)
    if "n_ctx" not in config:
        return names
    changed = config | {"n_positions": config["n_ctx"]}
    return sorted({*right(changed, defaults, *sizes), "n_ctx"})


def named(names):
    return [name for name in names if name in CHECKED]


@judge.sees("Texts stand in the list that are not names alone: return the names.")
def sentences(got, expected, cases):
    return all(len(g) == len(e) for g, e in zip(got, expected, strict=True)) and all(
        name not in case["config"] | case["defaults"]
        for names, case in zip(got, cases, strict=True)
        for name in names
    )


@judge.sees(
    "Of the three fields the right ones are named. The unknown keys are not right: all "
    "keys of config that defaults does not have."
)
def unknown_wrong(got, expected, cases):
    return all(named(g) == named(e) for g, e in zip(got, expected, strict=True))


@judge.sees(
    "The unknown keys are right. Of vocab_size, n_head and n_positions the wrong ones "
    "are named, or not all: take config over defaults, and compare."
)
def checked_wrong(got, expected, cases):
    pairs = zip(got, expected, strict=True)
    return all({*g} - {*CHECKED} == {*e} - {*CHECKED} for g, e in pairs)
