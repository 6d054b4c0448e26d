"""The profile: the one object that says how large the cells of a lesson run.

Its fields are arguments of real calls, such as `GPT2Config(**profile.model)`, so the
same cell trains a million-parameter model on a laptop and GPT-2 on a GPU.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS


@dataclass(frozen=True)
class Profile:
    """Every size, step count and data set that a lesson uses.

    Attributes:
        name: "tiny", "colab" or "full".
        model: `GPT2Config(**profile.model)`.
        tokenizer: `AutoTokenizer.from_pretrained(profile.tokenizer)`.
        pretrained: `AutoModelForCausalLM.from_pretrained(profile.pretrained)`.
        language: `load_dataset(**profile.language)`; column text; splits train,
            validation, test.
        summaries: `load_dataset(**profile.summaries)`; columns id, dialogue, summary.
        sources: where each of these comes from, in words.
        block_size: tokens in a training example.
        batch_size: examples per device and forward pass.
        accumulation: forward passes per optimizer step.
        scratch_model: `GPT2Config(**profile.scratch_model)`, for training from scratch.
            In tiny it has fewer layers than `model`, and a step fewer examples: the few
            minutes of a CPU buy more that way, as lesson 05 shows.
        scratch_batch_size: examples per device and forward pass of that training.
        scratch_learning_rate: its peak learning rate.
        train_steps: optimizer steps when training from scratch.
        adapt_steps: optimizer steps of each run in lesson 06, which adapts pretrained
            weights to new text and starts `model` from scratch for comparison.
        adapt_learning_rate: peak learning rate there, of the pretrained weights.
        finetune_steps: optimizer steps when fine-tuning on summaries.
        learning_rate: peak learning rate of `model` with random weights.
        finetune_learning_rate: peak learning rate when fine-tuning on summaries.
        precision: `TrainingArguments(**profile.precision)`.
        seed: the seed of data order, initial weights and sampling.
        placeholders: fine-tune with people as placeholders (course_utils.data.people),
            since a small model cannot copy names that its tokenizer cuts to pieces.
    """

    name: str
    model: dict[str, Any]
    tokenizer: str
    pretrained: str
    language: dict[str, Any]
    summaries: dict[str, Any]
    sources: dict[str, str]
    block_size: int
    batch_size: int
    accumulation: int
    scratch_model: dict[str, Any]
    scratch_batch_size: int
    scratch_learning_rate: float
    train_steps: int
    adapt_steps: int
    adapt_learning_rate: float
    finetune_steps: int
    learning_rate: float
    finetune_learning_rate: float
    precision: dict[str, Any]
    seed: int = 0
    placeholders: bool = False

    @property
    def tokens_per_step(self) -> int:
        """Tokens that one optimizer step on one device learns from."""
        return self.block_size * self.batch_size * self.accumulation

    @property
    def scratch_tokens_per_step(self) -> int:
        """The same when training from scratch."""
        return self.block_size * self.scratch_batch_size * self.accumulation


def local_data() -> Path:
    """Return the folder of the tiny profile's Parquet files.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", COURSE_HOME="/scratch/course"):
        ...     local_data().as_posix()
        '/scratch/course/data'
    """
    return runtime.cache_folder() / "data"


def _local(name: str) -> dict[str, Any]:
    splits = ("train", "validation", "test")
    files = {split: str(local_data() / name / f"{split}.parquet") for split in splits}
    return {"path": "parquet", "data_files": files}


def _tiny() -> Profile:
    from course_utils.model.gpt2 import PRESETS

    return Profile(
        name="tiny",
        model=PRESETS["tiny"],
        tokenizer=str(ASSETS / "tiny-tokenizer"),
        pretrained=str(ASSETS / "tiny-base"),
        language=_local("chitchat"),
        summaries=_local("tinychats"),
        sources={
            "language": "chitchat-dataset (pip): real chats",
            "summaries": "TinyChats: synthetic, made by the course",
            "pretrained": "the course's tiny base model",
        },
        block_size=128,
        batch_size=16,
        accumulation=1,
        scratch_model=PRESETS["tiny"] | {"n_layer": 1, "tie_word_embeddings": False},
        scratch_batch_size=8,
        scratch_learning_rate=6e-3,
        train_steps=2400,
        adapt_steps=80,
        adapt_learning_rate=2e-3,
        finetune_steps=500,
        learning_rate=3e-3,
        finetune_learning_rate=3e-3,
        precision={},
        placeholders=True,
    )


def _colab() -> Profile:
    from course_utils.model.gpt2 import PRESETS

    return Profile(
        name="colab",
        model=PRESETS["gpt2"],
        tokenizer="openai-community/gpt2",
        pretrained="openai-community/gpt2",
        language={"path": "Salesforce/wikitext", "name": "wikitext-2-raw-v1"},
        summaries={"path": "knkarthick/samsum"},
        sources={
            "language": "Salesforce/wikitext, wikitext-2-raw-v1 (Hub)",
            "summaries": "knkarthick/samsum (Hub)",
            "pretrained": "openai-community/gpt2 (Hub)",
        },
        block_size=512,
        batch_size=8,
        accumulation=4,
        scratch_model=PRESETS["gpt2"],
        scratch_batch_size=8,
        scratch_learning_rate=6e-4,
        train_steps=600,
        adapt_steps=200,
        adapt_learning_rate=5e-5,
        finetune_steps=900,
        learning_rate=6e-4,
        finetune_learning_rate=5e-5,
        precision=runtime.precision(),
    )


def _full() -> Profile:
    return replace(
        _colab(),
        name="full",
        language={"path": "Salesforce/wikitext", "name": "wikitext-103-raw-v1"},
        sources=_colab().sources
        | {"language": "Salesforce/wikitext, wikitext-103-raw-v1 (Hub)"},
        block_size=1024,
        batch_size=8,
        accumulation=8,
        train_steps=3000,
        adapt_steps=80,
        finetune_steps=1400,
        precision=runtime.precision() | runtime.compilation(),
    )


PROFILES: dict[str, Callable[[], Profile]] = {
    "tiny": _tiny,
    "colab": _colab,
    "full": _full,
}


def get_profile(name: str | None = None, *, strict: bool = False) -> Profile:
    """Return the profile to use, decided once and as a whole.

    The name comes from the argument, from COURSE_PROFILE, or from the hardware: full
    on a GPU with bfloat16 and at least 30 GB, colab on another GPU, else tiny. Without
    a network the answer is tiny, with one line that says so: real GPT-2's vocabulary
    is never mixed with the tiny model's weights. COURSE_MAX_STEPS cuts the step counts,
    and COURSE_OVERRIDE changes any field: '{"batch_size": 4, "accumulation": 8}'.

    Args:
        name: "tiny", "colab", "full" or None.
        strict: raise instead of falling back to tiny.

    Raises:
        CourseError: a name or a field is unknown; or `strict` is on and the Hub cannot
            be reached.

    Example:
        >>> profile = get_profile("tiny")
        >>> profile.name, profile.model["n_layer"]
        ('tiny', 4)
    """
    wanted = name or os.environ.get("COURSE_PROFILE") or _by_hardware()
    check_name(wanted)
    if wanted != "tiny" and not runtime.online():
        line = f"profile {wanted} needs the Hugging Face Hub, which cannot be reached"
        if strict or is_strict():
            raise CourseError(f"{line}: connect, or use the tiny profile.")
        print(f"{line}: using tiny instead.")
        wanted = "tiny"
    profile = _overridden(fitted(PROFILES[wanted]()))
    limit = os.environ.get("COURSE_MAX_STEPS") or "0"
    if not limit.isdecimal():
        raise CourseError(f"COURSE_MAX_STEPS={limit!r}: give a whole number.")
    if most := int(limit):
        profile = replace(
            profile,
            train_steps=min(most, profile.train_steps),
            adapt_steps=min(most, profile.adapt_steps),
            finetune_steps=min(most, profile.finetune_steps),
        )
    return profile


def check_name(name: str) -> None:
    """Do nothing if there is a profile of this name.

    Raises:
        CourseError: there is none.

    Example:
        >>> check_name("huge")
        Traceback (most recent call last):
        course_utils.machine.errors.CourseError: unknown profile 'huge': choose ...
    """
    if name not in PROFILES:
        names = ", ".join(PROFILES)
        raise CourseError(f"unknown profile {name!r}: choose one of {names}.")


def is_strict() -> bool:
    """Return whether COURSE_STRICT forbids falling back to tiny.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", COURSE_STRICT="1"):
        ...     is_strict()
        True
    """
    return os.environ.get("COURSE_STRICT") == "1"


def _overridden(profile: Profile) -> Profile:
    """Return the profile with the fields of COURSE_OVERRIDE; dicts are merged."""
    text = os.environ.get("COURSE_OVERRIDE")
    if not text:
        return profile
    try:
        changes = dict(json.loads(text))
    except (ValueError, TypeError):
        raise CourseError(
            f"COURSE_OVERRIDE is no JSON object: {text[:80]!r}. Write it as in "
            "'{\"batch_size\": 4}'."
        ) from None
    known = {field.name for field in fields(Profile)} - {"name"}
    if unknown := sorted(changes.keys() - known):
        raise CourseError(
            f"COURSE_OVERRIDE: a profile has no field {unknown[0]!r}, only "
            f"{', '.join(sorted(known))}."
        )
    for name, value in changes.items():
        now = getattr(profile, name)
        # A learning rate of 1 is fine; a batch size of 1.5, or of true, is not.
        kinds = (int, float) if isinstance(now, float) else (type(now),)
        is_size = isinstance(now, int | float) and name != "seed"
        if type(value) not in kinds or (is_size and value <= 0):
            example = json.dumps(now)
            raise CourseError(
                f"COURSE_OVERRIDE: {name}={json.dumps(value)} does not fit; it is now "
                f"{example if len(example) < 80 else 'an object'}."
            )
        if isinstance(value, dict):
            changes[name] = now | value
    changed = replace(profile, **changes)
    if "model" in changes:
        from course_utils.model.gpt2 import config_of

        config_of(changed.model)
    return changed


def fitted(profile: Profile) -> Profile:
    """Return the profile with the largest batch for this GPU, its steps unchanged.

    Example:
        >>> profile = PROFILES["tiny"]()
        >>> fitted(profile).tokens_per_step == profile.tokens_per_step
        True
    """
    if runtime.device().type != "cuda":
        return profile
    import torch
    from transformers import GPT2Config

    from course_utils.model.planner import fit_batch

    batch_size, accumulation = fit_batch(
        GPT2Config(**profile.model),
        rows=profile.batch_size * profile.accumulation,
        block_size=profile.block_size,
        precision=runtime.precision_name(profile.precision),
        memory_bytes=torch.cuda.get_device_properties(0).total_memory,
    )
    # Where both trainings had the same batch size, they still have.
    is_same = profile.scratch_batch_size == profile.batch_size
    return replace(
        profile,
        batch_size=batch_size,
        accumulation=accumulation,
        scratch_batch_size=batch_size if is_same else profile.scratch_batch_size,
    )


def _by_hardware() -> str:
    if runtime.device().type != "cuda":
        return "tiny"
    facts = runtime.hardware()
    big = "bf16" in runtime.precision() and facts["memory_gb"] >= 30
    return "full" if big else "colab"
