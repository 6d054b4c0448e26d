"""Text of any size to shards of token ids, a part at a time.

Four stages, and each leaves files that the next one reads:

1. `clean_part` reads a part of a source, cleans it, and sketches each document. Parts
   do not depend on each other.
2. `find_copies` compares the sketches of all parts, band by band.
3. `tokenize_part` writes a part without the copies as token ids.
4. `finish` writes the index.

A stage's file has its name only once it is whole, so a run that was killed goes on with
the parts that are missing. What is in memory is a few documents of each part at work,
and 8 bytes a document while copies are looked for.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.cleaning import (
    long_enough,
    normalise,
    repair,
    repetition,
    scrub,
)
from course_utils.data.encoder import batches, encoder_of
from course_utils.data.minhash import (
    MARGIN,
    band_keys,
    jaccard,
    meetings,
    shingles,
    sketches,
)
from course_utils.data.parts import PART_BYTES, Part, documents, plan_parts
from course_utils.data.shards import (
    INDEX,
    TOKENIZER,
    Shards,
    checksum,
    is_prepared,
    open_shards,
    read_record,
    write_record,
)
from course_utils.machine.errors import CourseError
from course_utils.machine.files import (
    atomic_path,
    cannot_write,
    content_key,
    room_to_write,
    write_text,
)
from course_utils.machine.progress import progress_bar

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PLAN, WORK = "plan.json", "work"
COPIES, STARTS = "copies.npy", "starts.npy"
# Keys compared at a time: 24 bytes each.
KEYS_AT_ONCE = 1_000_000
# A document is compared with the first of its key and so many just before it. A longer
# run of near copies hangs together all the same.
NEIGHBOURS = 8

Say = Callable[[str], None]
Work = Callable[[Path, int], Any]
# Runs work(folder, number) for all numbers that are given.
Engine = Callable[[Work, Path, list[int], str], None]


@dataclass(frozen=True)
class Settings:
    """What decides the result, beside the sources and the tokenizer.

    Attributes:
        column: what holds the text, in all but text files.
        min_words: shorter documents are dropped.
        max_repetition: documents that repeat themselves more are dropped.
        threshold: near copies from this similarity on are dropped; None keeps them.
        validation: share of the documents that is kept apart.
        part_bytes: about how much text makes one shard.
    """

    column: str = "text"
    min_words: int = 5
    max_repetition: float = 0.3
    threshold: float | None = 0.7
    validation: float = 0.01
    part_bytes: int = PART_BYTES


def prepare(
    sources: Iterable[str | Path],
    out: str | Path,
    tokenizer: "PreTrainedTokenizerFast",
    settings: Settings | None = None,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    resume: bool = False,
    say: Say = lambda line: None,
) -> Shards:
    """Clean, deduplicate and tokenise sources into shards in `out`.

    Args:
        sources: files and data sets, as for `plan_parts`.
        out: the folder to write.
        tokenizer: a fast tokenizer with an eos token.
        settings: what to drop and to keep.
        workers: processes.
        engine: runs the parts; None means processes of this machine.
        resume: go on with what an interrupted call has left in `out`.
        say: called with each line worth telling.

    Raises:
        CourseError: bad input, or a folder that holds another preparation.

    Example:
        >>> import tempfile
        >>> from course_utils.data.tokens import train_bpe
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = write_text(f"{folder}/mine.txt", "Shall we meet at six?\\n" * 2)
        ...     shards = prepare([path], f"{folder}/out", train_bpe(["ab"], 257))
        >>> shards.index["report"]["copies"], shards.index["report"]["train tokens"]
        (1, 22)
    """
    out, settings = Path(out), settings or Settings()
    _check(settings)
    engine = engine or partial(run_locally, workers=workers)
    parts = plan_parts(sources, settings.column, settings.part_bytes)
    description = tokenizer.backend_tokenizer.to_str()
    key = content_key([(part, _changed(part)) for part in parts], settings, description)
    with _alone_in(out), room_to_write(out):
        _claim(out, key, resume)
        if (out / INDEX).exists():
            shutil.rmtree(out / WORK, ignore_errors=True)
            shards = open_shards(out)
            shards.check()
            say(f"{out} is finished")
            return shards
        if not (out / PLAN).exists():
            tokenizer.save_pretrained(out / TOKENIZER)
            # Ids may have holes, so that the last is larger than their number.
            vocab_size = max(tokenizer.get_vocab().values()) + 1
            plan = {
                "key": key,
                "settings": asdict(settings),
                "parts": [asdict(part) for part in parts],
                "changed": [_changed(part) for part in parts],
                "eos": tokenizer.eos_token_id,
                "dtype": "uint16" if vocab_size <= 1 << 16 else "uint32",
                "vocab_size": vocab_size,
            }
            write_record(out / PLAN, plan)
        size = sum(part.size for part in parts)
        say(f"{len(parts):,} parts, {size / 1e6:,.1f} MB")
        with _readable(out, resume):
            for work, what in STAGES:
                by_part = work in (clean_part, tokenize_part)
                engine(work, out, list(range(len(parts) if by_part else 1)), what)
        return open_shards(out)


@contextmanager
def _readable(out: Path, resume: bool) -> Iterator[None]:
    """Turn what damaged files of an earlier call cause into one clear line."""
    try:
        yield
    except (ValueError, LookupError, OSError) as error:  # Arrow's are ValueErrors
        if not resume:
            raise
        line = str(error).splitlines()[0][:200]
        raise CourseError(
            f"what an earlier call has left in {out} cannot be read ({line}): choose "
            "another folder with --out."
        ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other preparations out of a folder, until the block or the process ends.

    Raises:
        CourseError: another one is at work there, or the folder cannot be made.
    """
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CourseError(
            f"cannot write {folder}: {error.strerror or error}. Choose another --out."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise CourseError(
            f"another `course prepare` is at work in {folder}: wait for it, or choose "
            "another folder with --out."
        ) from error
    finally:
        os.close(lock)


def _check(settings: Settings) -> None:
    if settings.threshold is not None and not 0 < settings.threshold <= 1:
        raise CourseError(f"threshold is {settings.threshold}: give one from 0 to 1.")
    if not 0 <= settings.validation < 1:
        raise CourseError(f"validation is {settings.validation}: give a share below 1.")


def _changed(part: Part) -> int:
    """Return when a part's file was changed last."""
    try:
        return 0 if part.kind == "hub" else os.stat(part.source).st_mtime_ns
    except OSError:
        return -1  # it is gone


def _claim(out: Path, key: str, resume: bool) -> None:
    """Refuse a folder that holds something else than what is to be continued."""
    if not is_prepared(out):
        kept = list(out.glob("[!.]*"))  # the tokenizer is written before the plan
        if kept and kept != [out / TOKENIZER]:
            raise CourseError(f"{out} is not empty: choose another folder with --out.")
        return
    if not resume:
        raise CourseError(
            f"{out} already holds a preparation: add --resume to continue it, or "
            "choose another folder with --out."
        )
    record = out / (PLAN if (out / PLAN).exists() else INDEX)
    if read_record(record)["key"] != key:
        raise CourseError(
            f"the preparation in {out} is of other sources or settings: repeat its "
            "command exactly, or choose another folder with --out."
        )


def _plan(out: Path) -> dict[str, Any]:
    plan = read_record(out / PLAN)
    plan["settings"] = Settings(**plan["settings"])
    plan["parts"] = [Part(**part) for part in plan["parts"]]
    return plan


# Stage 1


def clean_part(out: Path, number: int) -> None:
    """Write a part's cleaned documents and their sketches to `out`/work, as a folder.

    The folder holds text.arrow, sketches.npy (documents, 128), keys.npy (bands,
    documents) and counts.json.
    """
    import pyarrow as pa

    folder = _cleaned(out, number)
    if folder.exists():
        return
    plan = _plan(out)
    settings, part = plan["settings"], plan["parts"][number]
    names = ("documents", "bytes", "changed", "too short", "repetition", "clean")
    counts = Counter(dict.fromkeys(names, 0))
    found = []
    with _atomic_folder(folder) as temporary:
        schema = pa.schema([("text", pa.large_string())])
        with pa.ipc.new_file(str(temporary / "text.arrow"), schema) as file:
            kept = _clean(documents(part), settings, counts)
            for texts in batches(kept):
                file.write_batch(
                    pa.record_batch([pa.array(texts, pa.large_string())], schema)
                )
                if settings.threshold is not None:
                    found.append(sketches(texts))
        if _changed(part) != plan["changed"][number]:
            raise CourseError(
                f"{part.source} has changed since the preparation began: prepare it "
                "anew, into another folder with --out."
            )
        if settings.threshold is not None:
            all_found = np.concatenate([sketches([]), *found])
            np.save(temporary / "sketches.npy", all_found)
            np.save(temporary / "keys.npy", band_keys(all_found, settings.threshold))
        write_text(temporary / "counts.json", json.dumps(counts))


def _clean(
    texts: Iterable[str], settings: Settings, counts: Counter[str]
) -> Iterator[str]:
    """Yield the texts that are kept, and count what is done to them."""
    for text in texts:
        tidy = scrub(normalise(repair(text)))
        counts["documents"] += 1
        counts["bytes"] += len(text.encode("utf-8", "replace"))
        counts["changed"] += tidy != text
        if not long_enough(tidy, settings.min_words):
            counts["too short"] += 1
        elif repetition(tidy) > settings.max_repetition:
            counts["repetition"] += 1
        else:
            counts["clean"] += 1
            yield tidy


# Stage 2


def find_copies(out: Path, number: int = 0) -> None:
    """Write the numbers of the documents that are near copies of earlier ones.

    Documents are numbered through all parts. Those that share a key in some band are
    candidates; where their sketches are alike too, they are compared exactly. Documents
    that hang together, directly or through others, are a group, of which the first is
    kept, as in FineWeb.
    """
    if (out / WORK / COPIES).exists():
        return
    plan = _plan(out)
    threshold = plan["settings"].threshold
    sizes = [_counts(out, i)["clean"] for i in range(len(plan["parts"]))]
    groups = Groups(sum(sizes))
    if threshold is not None:
        store = Cleaned(out, sizes)
        bands = len(band_keys(sketches([]), threshold))
        with progress_bar(bands, "looking for copies") as advance:
            for band in range(bands):
                for earlier, later in store.candidates(band):
                    _join(groups, store, earlier, later, threshold)
                groups.settle()
                advance(1)
    copies = np.flatnonzero(groups.first != np.arange(len(groups.first)))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for name, numbers in ((STARTS, starts), (COPIES, copies)):
        with atomic_path(out / WORK / name) as path, open(path, "wb") as file:
            np.save(file, numbers)


class Groups:
    """Documents that hang together (union-find); `first` leads towards the earliest."""

    def __init__(self, count: int) -> None:
        self.first = np.arange(count)

    def of(self, document: int) -> int:
        """Return the first document of a document's group."""
        first = self.first
        while first[document] != document:
            first[document] = document = first[first[document]]
        return int(document)

    def join(self, a: int, b: int) -> None:
        """Make the groups of two documents one."""
        a, b = sorted((self.of(a), self.of(b)))
        self.first[b] = a

    def settle(self) -> None:
        """Let each document name its group's first directly."""
        while not np.array_equal(self.first, next_first := self.first[self.first]):
            self.first[:] = next_first


class Cleaned:
    """The cleaned documents of all parts, read from disk where they are needed."""

    def __init__(self, out: Path, sizes: list[int]) -> None:
        self.out = out
        self.starts = np.concatenate([[0], np.cumsum(sizes)])

    def candidates(self, band: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the documents that share a key in a band, as (earlier, later) arrays.

        The keys are taken a range at a time, so that memory does not grow with them.
        """
        passes = int(self.starts[-1]) // KEYS_AT_ONCE + 1
        for turn in range(passes):
            keys, places = [], []
            for number, start in enumerate(self.starts[:-1]):
                path = _cleaned(self.out, number) / "keys.npy"
                some = np.array(np.load(path, mmap_mode="r")[band])
                mine = np.flatnonzero(
                    (some >> np.uint64(32)) % np.uint64(passes) == turn
                )
                keys.append(some[mine])
                places.append(mine + start)
            documents = np.concatenate(places)
            for earlier, later in meetings(np.concatenate(keys), NEIGHBOURS):
                yield documents[earlier], documents[later]

    def sketches(self, numbers: np.ndarray) -> np.ndarray:
        """Return the sketches of some documents."""
        found = np.empty((len(numbers), sketches([]).shape[1]), dtype=np.uint32)
        for folder, places, rows in self._by_part(numbers):
            found[places] = np.load(folder / "sketches.npy", mmap_mode="r")[rows]
        return found

    def texts(self, numbers: np.ndarray) -> list[str]:
        """Return some documents."""
        found = [""] * len(numbers)
        for folder, places, rows in self._by_part(numbers):
            texts = _stored(folder).take(rows).to_pylist()
            for place, text in zip(places, texts, strict=True):
                found[place] = text
        return found

    def _by_part(
        self, numbers: np.ndarray
    ) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
        """Yield a part's folder, places in `numbers`, and rows, for each part asked."""
        parts = np.searchsorted(self.starts, numbers, side="right") - 1
        for part in np.unique(parts):
            places = np.flatnonzero(parts == part)
            yield (
                _cleaned(self.out, int(part)),
                places,
                numbers[places] - self.starts[part],
            )


def _join(
    groups: Groups,
    store: Cleaned,
    earlier: np.ndarray,
    later: np.ndarray,
    threshold: float,
) -> None:
    """Join those pairs of documents that are near copies."""
    size = 1000
    new = groups.first[earlier] != groups.first[later]
    pairs = np.stack([earlier[new], later[new]], axis=1)
    for start in range(0, len(pairs), size):
        some = pairs[start : start + size]
        a, b = store.sketches(some[:, 0]), store.sketches(some[:, 1])
        some = some[(a == b).mean(axis=1) > threshold - MARGIN]
        wanted = np.unique(some)
        sets = dict(zip(wanted.tolist(), shingles(store.texts(wanted)), strict=True))
        for x, y in some.tolist():
            if groups.of(x) != groups.of(y) and jaccard(sets[x], sets[y]) >= threshold:
                groups.join(x, y)


# Stage 3


def tokenize_part(out: Path, number: int) -> None:
    """Write a part's documents, without the copies, as train and validation shards."""
    train, held_out = (_shard(out, split, number) for split in ("train", "validation"))
    if train.exists():
        return
    plan = _plan(out)
    description = (out / TOKENIZER / "tokenizer.json").read_text(encoding="utf-8")
    encode = encoder_of(description, plan["eos"])
    copies = _copies(out, number)
    share = plan["settings"].validation
    with atomic_path(held_out) as held_path, atomic_path(train) as train_path:
        with open(held_path, "wb") as held_file, open(train_path, "wb") as train_file:
            row = 0
            for batch in _stored(_cleaned(out, number)).chunks:
                texts = [
                    text
                    for i, text in enumerate(batch.to_pylist(), row)
                    if i not in copies
                ]
                row += len(batch)
                held = [_is_held_out(text, share) for text in texts]
                for file, side in ((train_file, False), (held_file, True)):
                    some = [t for t, h in zip(texts, held, strict=True) if h == side]
                    encode(some).astype(plan["dtype"]).tofile(file)


def _is_held_out(text: str, share: float) -> bool:
    """Decide by the text alone, so that a document stays on its side."""
    place = blake2b(text.encode(), digest_size=4).digest()
    return int.from_bytes(place) < share * 2**32


def _copies(out: Path, number: int) -> set[int]:
    """Return the rows of a part that are copies."""
    start, stop = np.load(out / WORK / STARTS)[number : number + 2]
    copies = np.load(out / WORK / COPIES, mmap_mode="r")
    low, high = np.searchsorted(copies, [start, stop])
    return set((copies[low:high] - start).tolist())


def finish(out: Path, number: int = 0) -> None:
    """Write the index; then the files of the stages before can go."""
    if (out / INDEX).exists():
        return
    plan = _plan(out)
    numbers = range(len(plan["parts"]))
    counts: Counter[str] = Counter()
    for number in numbers:
        counts.update(_counts(out, number))
    if not counts["clean"]:
        raise CourseError(
            f"no document is left of {counts['documents']}: too short "
            f"{counts['too short']}, repetition {counts['repetition']}. Give more "
            "text, or lower --min-words, and another folder with --out."
        )
    counts["copies"] = len(np.load(out / WORK / COPIES, mmap_mode="r"))
    width = np.dtype(plan["dtype"]).itemsize
    # The parts' shares for validation are small, and each would lose its remainder.
    held_out = out / "validation.bin"
    with atomic_path(held_out) as temporary, open(temporary, "wb") as file:
        for number in numbers:
            with open(_shard(out, "validation", number), "rb") as part:
                shutil.copyfileobj(part, file)
    train = [_shard(out, "train", number) for number in numbers]
    shards = {
        split: {path.name: path.stat().st_size // width for path in paths}
        for split, paths in (("train", train), ("validation", [held_out]))
    }
    report = dict(counts)
    report |= {f"{split} tokens": sum(shards[split].values()) for split in shards}
    index = {name: plan[name] for name in ("key", "dtype", "vocab_size", "eos")}
    files = [*sorted((out / TOKENIZER).iterdir()), *train, held_out]
    checksums = {str(path.relative_to(out)): checksum(path) for path in files}
    index |= {"report": report, "shards": shards, "checksums": checksums}
    write_record(out / INDEX, index)
    shutil.rmtree(out / WORK, ignore_errors=True)
    for left in out.glob(".*.tmp"):  # of processes that were killed
        left.unlink(missing_ok=True)


STAGES: tuple[tuple[Work, str], ...] = (
    (clean_part, "cleaning"),
    (find_copies, "looking for copies"),
    (tokenize_part, "tokenising"),
    (finish, "finishing"),
)


def _shard(out: Path, split: str, number: int) -> Path:
    folder = out if split == "train" else out / WORK
    return folder / f"{split}-{number:05}.bin"


def _cleaned(out: Path, number: int) -> Path:
    return out / WORK / f"{number:05}"


def _counts(out: Path, number: int) -> Counter[str]:
    path = _cleaned(out, number) / "counts.json"
    return Counter(json.loads(path.read_text(encoding="utf-8")))


def _stored(folder: Path):
    """Return a part's cleaned documents, mapped from disk."""
    import pyarrow as pa

    with pa.memory_map(str(folder / "text.arrow")) as file:
        return pa.ipc.open_file(file).read_all().column("text")


@contextmanager
def _atomic_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill, which gets the name `folder` once it is whole."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        os.replace(temporary, folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


# The processes of this machine


def run_locally(
    work: Work, out: Path, numbers: list[int], what: str, *, workers: int
) -> None:
    """Run `work(out, number)` for all numbers, in processes where there are several.

    Raises:
        CourseError: what the work raised, or that one of the processes was killed.
    """
    from multiprocessing import get_context

    parts = _plan(out)["parts"]
    sizes = [parts[i].size or 1 for i in numbers]
    if len(numbers) == 1:
        work(out, numbers[0])
        return
    with progress_bar(sum(sizes), what, unit="B") as advance:
        if workers == 1:
            for number, size in zip(numbers, sizes, strict=True):
                work(out, number)
                advance(size)
            return
        # Forked, a process would begin with the memory of this one.
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, _end_with_parent) as pool:
            todo = {
                pool.submit(work, out, number): size
                for number, size in zip(numbers, sizes, strict=True)
            }
            try:
                for done in as_completed(todo):
                    done.result()
                    advance(todo.pop(done))
            except BrokenProcessPool as error:
                raise CourseError(
                    f"a process was killed while {what}, perhaps for want of memory: "
                    "repeat the command with --resume, with fewer --workers."
                ) from error
            finally:
                pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, however it ended."""
    from multiprocessing import connection, parent_process
    from threading import Thread

    parent = parent_process()
    if parent is None:  # this is no child
        return
    sentinel = parent.sentinel

    def wait() -> None:
        connection.wait([sentinel])
        os._exit(1)

    Thread(target=wait, daemon=True).start()
