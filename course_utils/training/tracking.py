"""Track runs with wandb: offline unless there is a key, and never with a prompt."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from transformers import Trainer, TrainerCallback


def use_wandb(project: str = "train-gpt", folder: str | Path | None = None) -> str:
    """Set wandb's environment so that `report_to="wandb"` never asks for a login.

    Call it before `wandb.init` or `Trainer.train`. Runs go online when a key is found
    (in WANDB_API_KEY, in Colab's or Kaggle's secrets, or kept by `wandb login`) and the
    network is there. Otherwise they are written to disk, and `wandb sync FOLDER`
    uploads them later. WANDB_MODE and WANDB_PROJECT, where set, win.

    Args:
        project: the wandb project, if WANDB_PROJECT does not name one.
        folder: where runs are written; wandb adds a folder `wandb` to it.

    Returns:
        "online" or "offline".
    """
    from course_utils.machine import runtime

    key = runtime.secret("WANDB_API_KEY")
    mode = os.environ.get("WANDB_MODE") or (
        "online" if (key or _logged_in()) and runtime.online() else "offline"
    )
    if key and mode == "online":
        os.environ["WANDB_API_KEY"] = key
    os.environ["WANDB_MODE"] = mode
    os.environ.setdefault("WANDB_PROJECT", project)
    os.environ.setdefault("WANDB_SILENT", "true")
    os.environ.setdefault("WANDB_CONSOLE", "off")
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        os.environ["WANDB_DIR"] = str(folder)
    if "wandb" in sys.modules and sys.modules["wandb"].run is None:
        # wandb reads the environment once in a process: let it read again.
        sys.modules["wandb"].teardown()
    return mode


def _logged_in() -> bool:
    """Return whether `wandb login` has kept a key: it writes a netrc file."""
    from netrc import NetrcParseError, netrc

    home = os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")
    try:
        kept = netrc(os.environ.get("NETRC"))
    except (OSError, NetrcParseError):
        return False
    return kept.authenticators(urlsplit(home).hostname or "") is not None


@contextmanager
def failures_told(say: Callable[[str], None]) -> Iterator[None]:
    """Turn a tracker's failure inside the block into one line: it ends nothing.

    Example:
        >>> with failures_told(print):
        ...     raise ConnectionError("no route to host")
        the tracker failed, and the training goes on without it: no route to host
    """
    try:
        yield
    except Exception as error:
        line = str(error).strip().split("\n")[0][:200] or type(error).__name__
        say(f"the tracker failed, and the training goes on without it: {line}")


def keep_going(trainer: "Trainer", say: Callable[[str], None]) -> None:
    """Let no tracker that reports this trainer's run end it, wandb or another.

    A tracker that fails is told of in one line, and hears of nothing more.

    Args:
        trainer: before it trains.
        say: called with the line.
    """
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    trackers = tuple(INTEGRATION_TO_CALLBACK.values())
    callbacks = trainer.callback_handler.callbacks
    for place, callback in enumerate(callbacks):
        if isinstance(callback, trackers):
            callbacks[place] = _Careful(callback, say)


class _Careful:
    """Passes the Trainer's events on to a tracker's callback, until it fails."""

    def __init__(self, callback: "TrainerCallback", say: Callable[[str], None]) -> None:
        self.callback, self.say, self.works = callback, say, True

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.callback, name)
        return partial(self._pass_on, found) if name.startswith("on_") else found

    def _pass_on(self, event: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if not self.works:
            return None
        self.works = False  # unless it returns
        with failures_told(self.say):
            control = event(*given, **named)
            self.works = True
            return control
        return None


@dataclass
class OfflineRun:
    """What an offline wandb run wrote to disk.

    Attributes:
        config: the parameters, by name.
        history: one dict per `wandb.log` call, in order.
        summary: the last value of each metric.
        folder: the run's folder; tables and other media lie in its `files`.
    """

    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    def series(self, metric: str) -> list[float]:
        """Return the logged values of one metric, such as "train/loss".

        Example:
            >>> OfflineRun(history=[{"train/loss": 4.0}, {"train/loss": 3.5}]).series(
            ...     "train/loss"
            ... )
            [4.0, 3.5]
        """
        return [row[metric] for row in self.history if metric in row]

    def table(self, metric: str) -> dict[str, list]:
        """Return a logged `wandb.Table` as {"columns": [...], "data": [[...], ...]}.

        Raises:
            CourseError: no table of that name was logged.
        """
        key = f"{metric}.path"
        paths = [row[key] for row in self.history if key in row]
        if not paths:
            raise CourseError(f"no table {metric!r} in the run {self.folder}.")
        return json.loads((self.folder / "files" / paths[-1]).read_text())


def read_offline_run(folder: str | Path, wait: float = 3.0) -> OfflineRun:
    """Read an offline run back from disk.

    Args:
        folder: a run's folder (`offline-run-...`), or one that holds some, directly or
            in `wandb/`: then the newest is read.
        wait: seconds to wait for the run's last record, since wandb's own process may
            still be writing when `wandb.finish` returns.

    Raises:
        CourseError: the folder holds no offline run.
    """
    found = [p for p in Path(folder).rglob("run-*.wandb") if not p.is_symlink()]
    if not found:
        raise CourseError(f"no offline wandb run in {folder}: train one first.")
    path = max(found, key=lambda p: p.stat().st_mtime)
    end = time.monotonic() + wait
    run, is_finished = _read(path)
    while not is_finished and time.monotonic() < end:
        time.sleep(0.1)
        run, is_finished = _read(path)
    return run


def _read(path: Path) -> tuple[OfflineRun, bool]:
    from wandb.proto.wandb_internal_pb2 import Record

    run, kind = OfflineRun(folder=path.parent), None
    for payload in _log_records(path.read_bytes()):
        message = Record.FromString(payload)
        kind = message.WhichOneof("record_type")
        if kind == "history":
            run.history.append(_values(message.history.item))
        elif kind == "summary":
            run.summary |= _values(message.summary.update)
        elif kind == "config":
            run.config |= _values(message.config.update)
        elif kind == "run":
            run.config |= _values(message.run.config.update)
    return run, kind == "exit"


def _values(items: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in items:
        name = item.key or ".".join(item.nested_key)
        values[name] = json.loads(item.value_json) if item.value_json else None
    return values


def _log_records(data: bytes) -> Iterator[bytes]:
    """Yield the records of a LevelDB log, the format of wandb's run file.

    After a 7-byte file header come blocks of 32 KiB; in them records of (crc32, 16-bit
    length, 8-bit type). Types 2, 3, 4 are the first, middle and last part of a record
    that spans blocks; 1 is a whole one. Format: leveldb/doc/log_format.md.
    """
    block, position, parts = 32768, 7, []
    while position + 7 <= len(data):
        left = block - position % block
        if left < 7:
            position += left
            continue
        length = int.from_bytes(data[position + 4 : position + 6], "little")
        kind = data[position + 6]
        payload = data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind == 0:  # zero padding: the rest of the block is empty
            position += (-position) % block
            continue
        parts.append(payload)
        if kind in (1, 4):
            yield b"".join(parts)
            parts = []
