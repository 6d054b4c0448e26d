"""Runs that were recorded on a larger machine, for a lesson to show.

A replay is one JSON file: what was trained, on what, the `log_history` of its Trainer,
and samples by step. `plots.loss_curve(replay.log_history)` draws it like a run of one's
own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text, write_text
from course_utils.machine.places import ASSETS

FOLDER = ASSETS / "replays"


@dataclass(frozen=True)
class Replay:
    """A finished run.

    Attributes:
        facts: name -> value, such as title, device, versions, parameters, data (tokens
            by kind of text), steps and seconds.
        log_history: as in `trainer.state.log_history`: rows with step and loss, or
            eval_loss; losses in nats per token.
        samples: (step, prompt, continuation), in order.
    """

    facts: dict[str, Any]
    log_history: list[dict[str, float]]
    samples: list[tuple[int, str, str]]


def replay(name: str | Path) -> Replay:
    """Return the replay of this name, or in this file.

    Raises:
        CourseError: there is no such replay, or the file does not hold one.

    Example:
        >>> run = replay("scratch_long")
        >>> run.facts["title"]
        "A longer run of lesson 05's recipe"
    """
    path = Path(name) if Path(name).suffix == ".json" else FOLDER / f"{name}.json"
    if not path.exists():
        names = ", ".join(sorted(p.stem for p in FOLDER.glob("*.json"))) or "none"
        raise CourseError(f"no replay {name}: there are {names}.")
    try:
        content = json.loads(read_text(path))
        rows = [(int(step), prompt, text) for step, prompt, text in content["samples"]]
        return Replay(dict(content["facts"]), list(content["log_history"]), rows)
    except (ValueError, TypeError, KeyError) as error:
        raise CourseError(f"{path} is no replay: {error!r}.") from None


def save_replay(
    path: str | Path,
    facts: Mapping[str, Any],
    log_history: Sequence[Mapping[str, float]],
    samples: Sequence[tuple[int, str, str]],
) -> Path:
    """Write a replay, whole or not at all; numbers keep five digits.

    Args:
        path: a .json file.
        facts: see `Replay`.
        log_history: see `Replay`.
        samples: see `Replay`.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "run.json")
        >>> file = save_replay(file, {"steps": 1}, [{"step": 1, "loss": 4.1234567}], [])
        >>> replay(file).log_history
        [{'step': 1, 'loss': 4.1235}]
    """
    log = [{key: _short(value) for key, value in row.items()} for row in log_history]
    content = {"facts": dict(facts), "log_history": log, "samples": list(samples)}
    return write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _short(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value
