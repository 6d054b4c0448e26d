"""Token ids on disk: shards that training reads without loading them.

A shard is a file of nothing but token ids, as in nanoGPT: `numpy.memmap` opens it.
index.json beside the shards says what is in them.
"""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.tokens import blocks
from course_utils.machine.errors import CourseError
from course_utils.machine.files import content_key, write_text
from course_utils.machine.progress import progress_bar

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

INDEX = "index.json"
TOKENIZER = "tokenizer"


@dataclass(frozen=True)
class Shards:
    """A folder that `course prepare` has finished.

    Attributes:
        folder: where it is.
        index: what index.json says: dtype, vocab_size (no id is as large), eos, shards
            (file -> tokens, for each split), checksums (file -> CRC-32), key of the
            sources and settings, and the report of the preparation.
    """

    folder: Path
    index: dict[str, Any]

    def check(self) -> None:
        """Read all files once, to find what has changed since they were prepared.

        Sizes do not tell: a copy that broke off may be as long as the whole, and ids
        of another tokenizer are numbers like any other.

        Raises:
            CourseError: a shard, or the tokenizer, is not what was prepared.
        """
        checksums = self.index["checksums"]
        with progress_bar(len(checksums), "checking") as advance:
            for name, expected in checksums.items():
                path = self.folder / name
                try:
                    whole = path.is_file() and checksum(path) == expected
                except OSError as error:
                    raise _cannot_read(path, error) from error
                if not whole:
                    raise self._changed(path)
                advance(1)

    def tokenizer(self) -> "PreTrainedTokenizerFast":
        """Return the tokenizer that made the ids.

        Raises:
            CourseError: it is missing.
        """
        from transformers import AutoTokenizer

        try:
            return AutoTokenizer.from_pretrained(self.folder / TOKENIZER)
        except (OSError, ValueError) as error:
            raise CourseError(
                f"{self.folder / TOKENIZER} holds no tokenizer: prepare {self.folder} "
                "anew."
            ) from error

    def blocks(self, split: str, block_size: int) -> "Dataset":
        """Return a split as blocks that stay on disk until they are read.

        Each shard loses its remainder after the last whole block.

        Args:
            split: "train" or "validation".
            block_size: tokens in a block.

        Returns:
            A Dataset with columns input_ids and labels, each (blocks, block_size).

        Raises:
            CourseError: no shard fills a block, or a shard is not as the index says.
        """
        from datasets import concatenate_datasets

        files = self.index["shards"][split]
        parts = [
            blocks(
                self._open(name, tokens),
                block_size,
                fingerprint=content_key(self.index["checksums"][name], block_size),
            )
            for name, tokens in files.items()
            if tokens >= block_size
        ]
        if not parts:
            most = max(files.values(), default=0)
            share = ", or a larger share of it with --validation"
            raise CourseError(
                f"{self.folder}: {most} tokens of {split} text do not fill one block "
                f"of {block_size}: prepare more text"
                f"{share if split == 'validation' else ''}."
            )
        return concatenate_datasets(parts)

    def _open(self, name: str, tokens: int) -> np.ndarray:
        path, dtype = self.folder / name, np.dtype(self.index["dtype"])
        if not path.exists() or path.stat().st_size != tokens * dtype.itemsize:
            raise self._changed(path)
        return np.memmap(path, dtype=dtype, mode="r")

    def _changed(self, path: Path) -> CourseError:
        return CourseError(
            f"{path} is missing or has changed: copy it once more, or prepare "
            f"{self.folder} anew."
        )


def checksum(path: Path) -> str:
    """Return a file's CRC-32: it finds accidents, at several gigabytes a second.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checksum(write_text(f"{folder}/digits.txt", "123456789"))
        'cbf43926'
    """
    crc = 0
    with path.open("rb") as file:
        while some := file.read(1 << 20):
            crc = zlib.crc32(some, crc)
    return f"{crc:08x}"


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Write JSON that `read_record` will know to be whole.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_record(Path(folder, "mine.json"), {"tokens": 3})
        ...     sorted(json.loads(Path(folder, "mine.json").read_text()))
        ['checksum', 'tokens']
    """
    write_text(path, json.dumps(record | {"checksum": content_key(record)}, indent=1))


def read_record(path: Path) -> dict[str, Any]:
    """Return what `write_record` has written.

    Raises:
        FileNotFoundError: there is no such file.
        CourseError: it cannot be read, or is not as it was written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_record(Path(folder, "mine.json"), {"tokens": 3})
        ...     read_record(Path(folder, "mine.json"))
        {'tokens': 3}
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.pop("checksum") == content_key(record):
            return record
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _cannot_read(path, error) from error
    except (ValueError, LookupError, TypeError, AttributeError):
        pass  # something else of that name
    raise CourseError(
        f"{path} has changed, or is of another program: prepare {path.parent} anew."
    )


def _cannot_read(path: Path, error: OSError) -> CourseError:
    return CourseError(f"cannot read {path}: {error.strerror or error}.")


def is_prepared(folder: str | Path) -> bool:
    """Return whether `folder` is one that `course prepare` has begun or finished.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     before = is_prepared(folder)
        ...     write_record(Path(folder, INDEX), {})
        ...     before, is_prepared(folder)
        (False, True)
    """
    return any((Path(folder) / name).exists() for name in (INDEX, "plan.json"))


def open_shards(folder: str | Path) -> Shards:
    """Return the shards in a folder.

    Raises:
        CourseError: the preparation has not been finished, or its index has changed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_record(Path(folder, INDEX), {"dtype": "uint16", "eos": 0})
        ...     open_shards(folder).index
        {'dtype': 'uint16', 'eos': 0}
    """
    folder = Path(folder)
    try:
        return Shards(folder, read_record(folder / INDEX))
    except FileNotFoundError as error:
        raise CourseError(
            f"{folder} holds no finished shards: finish `course prepare` with --resume."
        ) from error
