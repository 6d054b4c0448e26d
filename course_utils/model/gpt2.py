"""GPT-2 by name: its configurations, and loading that fails with one clear line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

# GPT-2's gelu_new and gelu_pytorch_tanh are the same function; the second is one fused
# kernel, which makes a training step on a CPU about a fifth faster.
_GPT2 = {
    "vocab_size": 50257,
    "n_positions": 1024,
    "activation_function": "gelu_pytorch_tanh",
    # GPT-2 has no token for padding: the end of text serves, and is masked.
    "pad_token_id": 50256,
}

# Shapes: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019),
# table 2. "tiny" is the course's own, for a CPU.
PRESETS: dict[str, dict[str, Any]] = {
    "tiny": {
        "vocab_size": 2048,
        "n_positions": 256,
        "n_embd": 128,
        "n_layer": 4,
        "n_head": 4,
        "activation_function": "gelu_pytorch_tanh",
        # A few hundred steps over fresh text cannot overfit: dropout would only slow.
        "resid_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": 0,
    },
    "gpt2": _GPT2 | {"n_embd": 768, "n_layer": 12, "n_head": 12},
    "gpt2-medium": _GPT2 | {"n_embd": 1024, "n_layer": 24, "n_head": 16},
    "gpt2-large": _GPT2 | {"n_embd": 1280, "n_layer": 36, "n_head": 20},
    "gpt2-xl": _GPT2 | {"n_embd": 1600, "n_layer": 48, "n_head": 25},
}

# Models that ship with the course, by the name a student types.
SHIPPED = {
    "tiny-base": ASSETS / "tiny-base",
    "tiny-familiar": ASSETS / "tiny-familiar",
    "tiny-summariser": ASSETS / "tiny-summariser",
}


def preset(name: str, **overrides: Any) -> "GPT2Config":
    """Return the `GPT2Config` of a preset, with some fields changed.

    Args:
        name: a key of PRESETS: "tiny", "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl".
        **overrides: fields of GPT2Config.

    Raises:
        CourseError: the preset or a field is unknown, or n_embd is not divisible by
            n_head.

    Example:
        >>> config = preset("gpt2", n_layer=6)
        >>> config.n_layer, config.n_embd, config.vocab_size
        (6, 768, 50257)
    """
    from transformers import GPT2Config

    if name not in PRESETS:
        raise CourseError(
            f"unknown preset {name!r}: choose one of {', '.join(PRESETS)}."
        )
    # GPT2Config swallows unknown keywords silently: a typo, or the old n_ctx, would
    # leave the default in force.
    unknown = [key for key in overrides if not hasattr(GPT2Config(), key)]
    if "n_ctx" in overrides:
        raise CourseError("GPT2Config has no n_ctx: the field is n_positions.")
    if unknown:
        raise CourseError(
            f"GPT2Config has no field {unknown[0]!r}: check its spelling."
        )
    return config_of(PRESETS[name] | overrides)


def config_of(fields: dict[str, Any]) -> "GPT2Config":
    """Return `GPT2Config(**fields)`, or say in one line what does not fit.

    Raises:
        CourseError: a size is not a whole number above 0, or n_embd is not divisible by
            n_head.

    Example:
        >>> config = config_of(PRESETS["tiny"] | {"n_layer": 2})
        >>> config.n_layer, config.n_embd
        (2, 128)
    """
    from transformers import GPT2Config

    for name in ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"):
        size = fields[name]
        if not isinstance(size, int) or size < 1:
            raise CourseError(f"{name}={size!r}: give a whole number of 1 or more.")
    if fields["n_embd"] % fields["n_head"]:
        raise CourseError(
            f"n_embd={fields['n_embd']} is not divisible by n_head={fields['n_head']}: "
            "each head gets n_embd / n_head dimensions."
        )
    return GPT2Config(**fields)


def is_finite(model: "torch.nn.Module") -> bool:
    """Return whether all of a model's weights are finite numbers.

    Example:
        >>> import torch
        >>> layer = torch.nn.Linear(2, 2)
        >>> is_finite(layer)
        True
        >>> layer.weight.data[0, 0] = float("nan")
        >>> is_finite(layer)
        False
    """
    return all(weights.isfinite().all() for weights in model.parameters())


def load(
    name: str | Path, *, from_scratch: bool = False
) -> tuple["GPT2LMHeadModel", "PreTrainedTokenizerFast"]:
    """Return a causal language model and its tokenizer.

    Args:
        name: a preset ("gpt2" gives random weights), a model that ships with the course
            ("tiny-base"), a folder, or a Hub id ("openai-community/gpt2").
        from_scratch: take the configuration only, with random weights.

    Raises:
        CourseError: there is nothing of that name, it is no GPT-2, or the folder lacks
            weights or the tokenizer.

    Example:
        >>> model, tokenizer = load("tiny")
        >>> model.num_parameters(), len(tokenizer)
        (1088256, 2048)
    """
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoTokenizer,
        GPT2LMHeadModel,
    )

    from course_utils.machine import runtime
    from course_utils.machine.hub import fetch_model

    if name in PRESETS:
        from course_utils.data.tokens import gpt2_tokenizer

        tokenizer = (
            AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
            if name == "tiny"
            else gpt2_tokenizer()
        )
        return GPT2LMHeadModel(preset(str(name))), tokenizer
    source = SHIPPED.get(str(name), Path(name))
    is_folder = source.is_dir()
    if not is_folder and (str(name).count("/") != 1 or not runtime.online()):
        known = ", ".join([*PRESETS, *SHIPPED])
        hint = "" if runtime.online() else " (the Hub cannot be reached)"
        raise CourseError(
            f"no model {str(name)!r}{hint}: give a folder, a Hub id, or one of {known}."
        )
    if not is_folder:
        fetch_model(str(name))
    missing = []
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(source))
        if from_scratch:
            model = AutoModelForCausalLM.from_config(
                AutoConfig.from_pretrained(str(source))
            )
        else:
            model, found = AutoModelForCausalLM.from_pretrained(
                str(source), dtype="float32", output_loading_info=True
            )
            # Transformers would fill them with random weights, and only log it.
            missing = sorted(found["missing_keys"])
    # A damaged folder raises anything from OSError to the tensor library's own errors.
    except Exception as error:
        first_line = str(error).strip().split("\n")[0][:200].rstrip(".")
        kind = "folder" if is_folder else "Hub model"
        raise CourseError(
            f"cannot load the {kind} {name}: {first_line or type(error).__name__}. "
            "It needs config.json, model.safetensors and the tokenizer's files."
        ) from error
    family = model.config.model_type
    if family != "gpt2":
        raise CourseError(f"{name} is a {family} model: give a GPT-2.")
    if missing:
        raise CourseError(
            f"{name} lacks {len(missing)} of its weights, such as {missing[0]}: its "
            "model.safetensors is not whole."
        )
    if not is_finite(model):
        raise CourseError(
            f"{name} has weights that are not numbers: its training has failed. Take "
            "an earlier checkpoint."
        )
    if len(tokenizer) < 2:  # what Transformers makes of a folder without one
        raise CourseError(f"{name} has no tokenizer: tokenizer.json is missing.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer
