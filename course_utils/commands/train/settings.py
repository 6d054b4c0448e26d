"""What `course train` is told about the training: fields of TrainingArguments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text

PRECISIONS = {
    "float32": {"bf16": False, "fp16": False},
    "bfloat16": {"bf16": True, "fp16": False},
    "float16": {"bf16": False, "fp16": True},
}
OURS = {"output_dir": "--out", "resume_from_checkpoint": "--resume"}


def training_fields(
    config: Path | None, pairs: Sequence[str], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of TrainingArguments that a command line sets, by name.

    Args:
        config: a YAML or JSON file of fields, or None.
        pairs: "FIELD=VALUE" texts; they win over the file.
        named: the values of options of their own; they win over both, None aside.

    Raises:
        CourseError: the file cannot be read, there is no such field, or a value is not
            of its type.

    Example:
        >>> training_fields(None, ["weight_decay=0.2"], {"seed": 3, "max_steps": None})
        {'weight_decay': 0.2, 'seed': 3}
    """
    given: dict[str, Any] = _read_config(config) if config else {}
    for pair in pairs:
        field, mark, value = pair.partition("=")
        if not mark:
            raise CourseError(
                f"--set {pair}: give FIELD=VALUE, such as warmup_steps=9."
            )
        given[field.strip()] = value.strip()
    parsed = _parse(given) if given else {}
    parsed |= {name: value for name, value in named.items() if value is not None}
    for name in ("seed", "data_seed"):
        if not 0 <= (parsed.get(name) or 0) < 2**32:
            raise CourseError(f"{name}={parsed[name]}: give 0 to {2**32 - 1}.")
    return parsed


def precision_fields(name: str | None) -> dict[str, bool]:
    """Return the fields of a precision; none for None.

    Raises:
        CourseError: it has another name than float32, bfloat16, float16.
    """
    if name is not None and name not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise CourseError(f"unknown precision {name!r}: choose from {known}.")
    return PRECISIONS[name] if name else {}


def _read_config(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(read_text(path))  # JSON is YAML too
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())[:200]
        raise CourseError(f"{path} is neither YAML nor JSON: {line}") from error
    if not isinstance(found, dict):
        raise CourseError(f"{path} holds no fields: write lines such as seed: 3.")
    return found


def _parse(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in the types of their fields, as Transformers reads them."""
    from transformers import HfArgumentParser, TrainingArguments

    class Parser(HfArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise CourseError(f"not what TrainingArguments takes: {message}.")

    known = {field.name for field in fields(TrainingArguments) if field.init}
    for name in given:
        if name in OURS:
            raise CourseError(f"{name} is for {OURS[name]} to say.")
        if name not in known:
            raise CourseError(f"TrainingArguments has no field {name!r}.")
    written = [f"--{name}={_text(value)}" for name, value in given.items()]
    parsed = Parser(TrainingArguments, allow_abbrev=False).parse_args(written)
    return {name: getattr(parsed, name) for name in given}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
