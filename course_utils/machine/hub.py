"""The Hugging Face Hub: fetch what a lesson needs, or say in one line why not.

A lesson calls `load_dataset` and `from_pretrained` itself. What they need is brought
into their cache here first, whole and checked, so that a Hub in trouble shows at the
start of a lesson and not in the middle of it.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

Result = TypeVar("Result")

NEEDED_SPLITS = {"train", "validation", "test"}
MODEL_FILES = ["*.json", "*.txt", "*.jinja", "model*.safetensors"]

# A Hub that does not answer is given up after 3 times 10 s (HF_HUB_DOWNLOAD_TIMEOUT)
# and the pauses. Where its client tries again by itself, in the middle of a file, it
# takes up to 100 s.
ATTEMPTS, PAUSE = 3, 1.0  # seconds, doubled after each attempt
PATIENCE = 60.0  # seconds: no new attempt after that
LONGEST_WAIT = 30  # seconds that the Hub may ask us to wait
PROBE = 5.0  # seconds for the first, small request

WAIT = {408, 429, 500, 502, 503, 504}
SILENT = {"TimeoutException", "TimeoutError"}
UNREACHABLE = {"TransportError", "ConnectionError"}


class Damaged(Exception):
    """A downloaded file differs from the one that the Hub lists."""


class HubData(NamedTuple):
    """A data set on the Hub: `load_dataset(**settings)`, and the columns it needs."""

    settings: dict[str, Any]
    columns: set[str]


def fetch(data: Sequence[HubData], models: Sequence[str]) -> None:
    """Bring data sets, and models with their tokenizers, into the Hub's cache.

    Files that are in the cache already are only compared with the Hub's listing, which
    takes a few requests. If the Hub refuses or fails and the cache holds everything,
    the cache is used as it is. From then on the Hub is left alone, since its clients
    would try every file again for minutes.

    Args:
        data: the data sets, each with splits train, validation and test.
        models: names such as "owner/name"; a repeated one counts once.

    Raises:
        CourseError: a data set or a model cannot be loaded, or a data set lacks a split
            or a column that a lesson needs.
    """
    if os.environ.get(runtime.CACHED) != "1" and (text := _trouble(data, models)):
        with runtime.hub_switched_off() as stay_off:
            with suppress(Exception):  # of many kinds: something is not in the cache
                _fetch_all(data, models)
                stay_off()
                print(f"The Hub: {text} Using what is cached.")
                return
    _fetch_all(data, models)


def _trouble(data: Sequence[HubData], models: Sequence[str]) -> str | None:
    """Ask the Hub for each repository; return what is wrong with it, or None."""
    from huggingface_hub import HfApi

    _limit_waiting()
    needed = [(wanted.settings["path"], "dataset") for wanted in data]
    needed += [(name, "model") for name in models]
    for name, kind in dict.fromkeys(needed):
        try:
            HfApi().repo_info(name, repo_type=kind, timeout=PROBE)
        except Exception as error:
            return _diagnosis(error)[1]
    return None


def _fetch_all(data: Sequence[HubData], models: Sequence[str]) -> None:
    for wanted in data:
        _fetch_data(*wanted)
    for name in dict.fromkeys(models):
        fetch_model(name)


def fetch_model(name: str) -> None:
    """Bring a model and its tokenizer into the Hub's cache, and check their hashes.

    Args:
        name: such as "openai-community/gpt2".

    Raises:
        CourseError: it cannot be loaded; the line says why, and what to do.
    """
    persistently(
        f"the model {name}",
        lambda: _snapshot(name, "model", MODEL_FILES, ignore_patterns=["*/*"]),
    )


def persistently(what: str, work: Callable[[], Result]) -> Result:
    """Return `work()`; try again where that may help, and fail in one line.

    Args:
        what: what is being loaded, such as "the model owner/name".
        work: the function that calls the Hub; it may be called several times.

    Raises:
        CourseError: it cannot be loaded; the line says why, and what to do.

    Example:
        >>> persistently("the answer", lambda: 6 * 7)
        42
        >>> persistently("the answer", lambda: 6 / 0)
        Traceback (most recent call last):
        course_utils.machine.errors.CourseError: cannot load the answer from ...: ...
    """
    _limit_waiting()
    start = time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except CourseError:
            raise
        # The Hub's client and datasets raise errors of many kinds.
        except Exception as error:
            may_pass, text, wait = _diagnosis(error)
            wait = max(wait, PAUSE * 2 ** (attempt - 1))
            is_over = attempt == ATTEMPTS or time.monotonic() - start > PATIENCE
            if not may_pass or is_over or wait > LONGEST_WAIT:
                raise CourseError(f"cannot load {what} from the Hub: {text}") from error
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


@cache
def _limit_waiting() -> None:
    """Let no request wait for ever: some of the client's calls have no time limit."""
    from huggingface_hub import constants, set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    limit = constants.HF_HUB_DOWNLOAD_TIMEOUT

    def limited(request: Any) -> None:
        limits = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {
            name: min(limits.get(name) or limit, limit)
            for name in ("connect", "read", "write", "pool")
        }

    def client() -> Any:
        made = default_client_factory()
        hooks = made.event_hooks
        made.event_hooks = hooks | {"request": [*hooks["request"], limited]}
        return made

    set_client_factory(client)


def _fetch_data(settings: dict[str, Any], columns: set[str]) -> None:
    from datasets import load_dataset

    name, configuration = settings["path"], settings.get("name")
    wanted = [f"{configuration}/*", "*.md"] if configuration else None

    def work() -> Any:
        # load_dataset reads the same cache. It would not notice a wrong byte, and would
        # keep what it makes of it.
        _snapshot(name, "dataset", wanted)
        return load_dataset(**settings)

    splits = persistently(f"the data set {name}", work)
    missing = sorted(NEEDED_SPLITS - set(splits))
    if missing:
        raise CourseError(
            f"the data set {name} has no split {missing[0]}, only "
            f"{', '.join(splits)}: it has changed; update the course, or use tiny."
        )
    for split in sorted(NEEDED_SPLITS):
        there = splits[split].column_names
        if missing := sorted(columns - set(there)):
            raise CourseError(
                f"the data set {name} has no column {missing[0]} in its split {split}, "
                f"only {', '.join(there)}: it has changed; update the course, or use "
                "tiny."
            )


def _snapshot(
    name: str, repo_type: str, wanted: list[str] | None, **options: Any
) -> None:
    """Download the wanted files of a repository, and check their hashes once.

    Raises:
        CourseError: the Hub is switched off, and the cache lacks a file.
        Damaged: the hash of a file is wrong; that file has been deleted.
    """
    from pathlib import Path

    from huggingface_hub import HfApi, constants, snapshot_download

    folder = Path(
        snapshot_download(name, repo_type=repo_type, allow_patterns=wanted, **options)
    )
    mark = folder.parents[1] / f"checked-{folder.name}.json"
    checked, there = _read_mark(mark), _facts(folder)
    if constants.HF_HUB_OFFLINE:
        # What other calls have brought since then does no harm.
        if checked and checked.items() <= there.items():
            return
        raise CourseError(f"{name} is not whole in the cache.")
    if checked == there:
        return
    # The client compares sizes only.
    found = HfApi().verify_repo_checksums(
        name, repo_type=repo_type, revision=folder.name
    )
    for mismatch in found.mismatches:
        path = folder / mismatch["path"]
        path.resolve().unlink()
        path.unlink(missing_ok=True)  # was a link to the first
    if found.mismatches:
        raise Damaged(found.mismatches[0]["path"])
    write_text(mark, json.dumps(there))


def _facts(folder: "Path") -> dict[str, list[int]]:
    """Return size and time of each file, by its path in the folder."""
    files = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {
        path.relative_to(folder).as_posix(): [facts.st_size, facts.st_mtime_ns]
        for path, facts in files.items()
    }


def _read_mark(path: "Path") -> dict[str, list[int]]:
    """Return the `_facts` of the last time that a folder's hashes were right, or {}."""
    with suppress(OSError, ValueError):
        return dict(json.loads(path.read_text(encoding="utf-8")))
    return {}


def _diagnosis(error: Exception) -> tuple[bool, str, float]:
    """Return whether an error may pass, what it means, and how many seconds to wait."""
    from huggingface_hub import constants

    chain = list(_causes(error))
    kinds = {kind.__name__ for one in chain for kind in type(one).__mro__}
    responses = [r for one in chain if (r := getattr(one, "response", None))]
    status = responses[0].status_code if responses else None
    first_line = str(error).strip().split("\n")[0][:200] or type(error).__name__
    if constants.HF_HUB_OFFLINE and kinds & {"LocalEntryNotFoundError", *UNREACHABLE}:
        return False, first_line, 0
    if "Damaged" in kinds:
        return True, f"{error} arrived damaged (wrong checksum): try again.", 0
    if "Consistency check failed" in str(error):
        return True, f"a file arrived incomplete: try again. ({first_line})", 0
    if "GatedRepoError" in kinds or "is a gated dataset" in str(error):
        text = "it is gated: accept its terms on its page there, and set HF_TOKEN."
        return False, text, 0
    if kinds & {"RepositoryNotFoundError", "DatasetNotFoundError"}:
        return False, "there is none, or it is private: check the name, or HF_TOKEN.", 0
    if "RemoteEntryNotFoundError" in kinds:
        file = responses[0].url.path.split("/")[-1]
        return False, f"it has no file {file} (404): update the course.", 0
    if status == 401:
        return False, "it refuses your token (401): renew HF_TOKEN, or unset it.", 0
    if status == 429:
        wait = _seconds(responses[0].headers.get("Retry-After"))
        asked = f"in {wait:.0f} s" if wait else "later"
        return (
            True,
            f"too many requests (429): try again {asked}, or set HF_TOKEN.",
            wait,
        )
    if status in WAIT:
        return True, f"it has a fault of its own ({status}): try again later.", 0
    if kinds & SILENT:
        return True, "it does not answer: check the network, or try again later.", 0
    if kinds & UNREACHABLE:
        return True, "it cannot be reached: check the network, or try again later.", 0
    return False, first_line, 0


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0
