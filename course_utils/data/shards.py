"""Token ids on disk: shards that training reads without loading them.

A shard is a file of nothing but token ids, as in nanoGPT: `numpy.memmap` opens it.
index.json beside the shards says what is in them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.tokens import blocks
from course_utils.machine.errors import CourseError
from course_utils.machine.files import content_key

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
        index: what index.json says: dtype, shards (file -> tokens, for each split), key
            of the sources and settings, and the report of the preparation.
    """

    folder: Path
    index: dict[str, Any]

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
                fingerprint=content_key(self.index["key"], name, block_size),
            )
            for name, tokens in files.items()
            if tokens >= block_size
        ]
        if not parts:
            most = max(files.values(), default=0)
            raise CourseError(
                f"{self.folder}: {most} tokens of {split} text do not fill one block "
                f"of {block_size}: prepare more text."
            )
        return concatenate_datasets(parts)

    def _open(self, name: str, tokens: int) -> np.ndarray:
        path, dtype = self.folder / name, np.dtype(self.index["dtype"])
        if not path.exists() or path.stat().st_size != tokens * dtype.itemsize:
            raise CourseError(
                f"{path} is missing or has changed: prepare {self.folder} anew."
            )
        return np.memmap(path, dtype=dtype, mode="r")


def is_prepared(folder: str | Path) -> bool:
    """Return whether `folder` is one that `course prepare` has begun or finished."""
    return any((Path(folder) / name).exists() for name in (INDEX, "plan.json"))


def open_shards(folder: str | Path) -> Shards:
    """Return the shards in a folder.

    Raises:
        CourseError: the preparation has not been finished.
    """
    folder = Path(folder)
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CourseError(
            f"{folder} holds no finished shards: finish `course prepare` with --resume."
        ) from error
    except (OSError, ValueError) as error:
        raise CourseError(
            f"{folder / INDEX} cannot be read: prepare {folder} anew."
        ) from error
    return Shards(folder, index)
