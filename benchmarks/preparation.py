"""Text to packed blocks: `pack` against the usual script and against nanoGPT's way."""

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_utils.commands.bench import Case
from course_utils.data.sources import chitchat
from course_utils.data.tokens import gpt2_tokenizer, pack, token_ids
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast


def cases(
    chats: int = 2000, block_size: int = 128, texts: Sequence[str] = ()
) -> list[Case]:
    """Prepare real chats with GPT-2's vocabulary, and the files in `texts`.

    A folder in `texts` is one text, with a document for each file.
    """
    tokenizer = gpt2_tokenizer()
    named = {"chats": chitchat().select(range(chats))["text"][:]}
    named |= {Path(path).stem: _documents(Path(path)) for path in texts}
    return [
        _case(f"preparation: {name}", documents, tokenizer, block_size)
        for name, documents in named.items()
    ]


def _case(
    name: str,
    documents: list[str],
    tokenizer: "PreTrainedTokenizerFast",
    block_size: int,
) -> Case:
    from datasets import Dataset

    dataset = Dataset.from_dict({"text": documents})
    nano = nano_way(tokenizer)
    return Case(
        name=name,
        unit="tokens",
        work=len(token_ids(documents, tokenizer)),
        course=lambda: len(pack(dataset, tokenizer, block_size)),
        usual={
            "datasets.map + group_texts": lambda: len(
                map_and_group(dataset, tokenizer, block_size)
            ),
            "nanoGPT's way, tiktoken": lambda: len(nano(dataset)) // block_size,
        },
        same={"nanoGPT's way, tiktoken": "the numbers of blocks differ"},
    )


def _documents(path: Path) -> list[str]:
    if path.is_dir():
        files = sorted(path.glob("*.txt"))
        documents = [file.read_text(encoding="utf-8") for file in files]
    elif path.is_file():
        from course_utils.data.sources import text_file

        documents = text_file(path)["text"][:]
    else:
        documents = []
    if not documents:
        raise CourseError(f"no text in {path}: give a text file, or a folder of them.")
    return documents


def nano_way(tokenizer: "PreTrainedTokenizerFast") -> Callable[["Dataset"], np.ndarray]:
    """Return nanoGPT's prepare.py as a function, without its files and processes.

    It calls tiktoken's `encode_ordinary` for each document, appends the end, and joins
    all as uint16. Its `datasets.map` is left out, which only makes it slower.

    Source: https://github.com/karpathy/nanoGPT, data/openwebtext/prepare.py.
    """
    from course_utils.data.encoder import tiktoken_encoding

    end = tokenizer.eos_token_id
    encoding, _ = tiktoken_encoding(tokenizer.backend_tokenizer.to_str(), end)

    def prepare(dataset: "Dataset") -> np.ndarray:
        rows = []
        for text in dataset["text"][:]:
            ids = encoding.encode_ordinary(text)
            ids.append(end)
            rows.append(np.array(ids, dtype=np.uint16))
        return np.concatenate(rows)

    return prepare


def map_and_group(
    dataset: "Dataset", tokenizer: "PreTrainedTokenizerFast", block_size: int
) -> "Dataset":
    """Prepare the data as most training scripts do: two batched maps."""

    def tokenize(rows: dict[str, list]) -> dict[str, list]:
        texts = [text + tokenizer.eos_token for text in rows["text"]]
        return tokenizer(texts, verbose=False)

    def group_texts(rows: dict[str, list]) -> dict[str, list]:
        joined = {name: list(chain(*lists)) for name, lists in rows.items()}
        length = len(joined["input_ids"]) // block_size * block_size
        cut = {
            name: [ids[i : i + block_size] for i in range(0, length, block_size)]
            for name, ids in joined.items()
        }
        return cut | {"labels": [list(ids) for ids in cut["input_ids"]]}

    tokenized = dataset.map(tokenize, batched=True, remove_columns=["text"])
    return tokenized.map(group_texts, batched=True)
