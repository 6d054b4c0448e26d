"""The folder of a `course train` run: which run owns it, and where it continues."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from course_utils.machine.errors import CourseError
from course_utils.machine.files import nearest_existing, write_text


def check_folder(
    out: Path, key: str, resume: bool, settings: Mapping[str, Any]
) -> None:
    """Refuse a folder that this run must not write to. Nothing is written here.

    Args:
        out: the folder; it need not exist.
        key: a hash of the run's texts and settings.
        resume: whether the run in `out` is to be continued.
        settings: what this run was asked to do, to name what differs.

    Raises:
        CourseError: `out` cannot be written; it holds a run, but `resume` is off; it
            holds a run with another key; or it holds checkpoints or a model that no
            run of `course train` has made, and which this run would replace.
    """
    if not is_first_process():
        return
    place = nearest_existing(out)
    if not (place.is_dir() and os.access(place, os.W_OK)):
        raise CourseError(f"cannot write {out}: choose another folder with --out.")
    path = out / "run.json"
    if not path.exists():
        foreign = [out / "model", *out.glob("checkpoint-*")]
        if taken := [folder.name for folder in foreign if os.path.exists(folder)]:
            raise CourseError(
                f"{out} holds {taken[0]}, which is not of a run that can be continued: "
                "choose another folder with --out."
            )
        return
    if not resume:
        raise CourseError(
            f"{out} already holds a run: add --resume to continue it, or choose "
            "another folder with --out."
        )
    other, before = None, {}
    with suppress(ValueError, AttributeError):  # not what `claim_folder` wrote
        run = json.loads(path.read_text(encoding="utf-8"))
        other, before = run.get("key"), run.get("options", {})
    if other != key:
        raise CourseError(_difference(out, before, settings))


def _difference(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return a line that says what is new in a repeated command, and the way out."""
    changed = [
        f"{name}: {before[name]}, now {value}"
        for name, value in now.items()
        if name in before and before[name] != value
    ]
    trained = last_model(out)
    which = f" ({', '.join(changed)})" if changed else ""
    way = f". Its model can be trained on: --model {trained}" if trained else ""
    return (
        f"the run in {out} was started with other texts or settings{which}: repeat its "
        f"command exactly, or choose another folder with --out{way}."
    )


def last_model(out: Path) -> Path | None:
    """Return the folder of the run's model, or of its last whole checkpoint."""
    from course_utils.training.trainer import last_checkpoint

    finished = out / "model"
    return finished if finished.exists() else last_checkpoint(out)


def claim_folder(out: Path, key: str, options: dict[str, Any]) -> None:
    """Record in `out` which run owns it, once nothing more can be refused.

    Args:
        out: the folder of the run.
        key: a hash of the run's texts and settings.
        options: what the command was asked to do, for the reader.

    Raises:
        CourseError: `out` cannot be written.
    """
    if is_first_process():
        run = {"key": key, "options": options}
        write_text(out / "run.json", json.dumps(run, indent=2))


def found_checkpoint(out: Path, resume: bool, say: Callable[[str], None]) -> str | None:
    """Return the checkpoint to continue from, or None to start anew; say which."""
    from course_utils.training.trainer import last_checkpoint

    if not resume:
        return None
    found = last_checkpoint(out)
    if found is None:
        say("no whole checkpoint yet: starting anew")
        return None
    say(f"resuming from {found.name}")
    return str(found)


def is_first_process() -> bool:
    """Return whether this is the only process of a run, or the first of several."""
    return os.environ.get("RANK", "0") == "0"
