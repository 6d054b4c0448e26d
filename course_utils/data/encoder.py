"""Texts to token ids by tiktoken, with the ids that the tokenizer itself would give."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from tiktoken import Encoding
    from transformers import PreTrainedTokenizerFast

Encode = Callable[[list[str]], np.ndarray]

END_OF_TEXT = "<|endoftext|>"
BATCH_CHARACTERS = 1_000_000
# GPT-2's own way to cut text into words, in tiktoken's quicker spelling.
_WORDS = (
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++"
    r"|\s++$|\s+(?!\S)|\s"
)


def encoder(tokenizer: "PreTrainedTokenizerFast") -> Encode:
    """Return a function from documents to their token ids, eos after each.

    Args:
        tokenizer: a fast tokenizer with an eos token.

    Returns:
        Documents -> int32 array of shape (tokens,).

    Example:
        >>> from course_utils.data.tokens import train_bpe
        >>> tokenizer = train_bpe(["ab"], vocab_size=257)  # 0 is the end, 1 is "!"
        >>> encoder(tokenizer)(["!", "!!"])
        array([1, 0, 1, 1, 0], dtype=int32)
    """
    settings = _settings(tokenizer)
    known = _KNOWN.get(tokenizer)
    if known is None or known[0] != settings:
        description = tokenizer.backend_tokenizer.to_str()
        known = settings, encoder_of(description, tokenizer.eos_token_id)
        _KNOWN[tokenizer] = known
    return known[1]


# Describing a large tokenizer as JSON takes longer than to encode a hundred thousand
# tokens, so its encoder is kept for as long as it lives and does not change.
_KNOWN: "WeakKeyDictionary[PreTrainedTokenizerFast, tuple[str, Encode]]" = (
    WeakKeyDictionary()
)


def _settings(tokenizer: "PreTrainedTokenizerFast") -> str:
    """Return all about a tokenizer that a caller may change in place."""
    parts = tokenizer.backend_tokenizer
    model = parts.model
    return repr(
        (
            tokenizer.eos_token_id,
            parts.normalizer,
            parts.pre_tokenizer,
            parts.get_added_tokens_decoder(),
            parts.get_vocab_size(),
            type(model),
            getattr(model, "dropout", None),
            getattr(model, "ignore_merges", None),
        )
    )


def encoder_of(description: str, eos: int) -> Encode:
    """Return the same from what a tokenizer.json holds; needs no Transformers.

    A tokenizer of GPT-2's kind is rebuilt in tiktoken, which is several times as fast.
    A tokenizer of another kind, and a document that contains a special token's own
    text, are encoded by the tokenizer itself.

    Args:
        description: the tokenizer as JSON.
        eos: the id that goes after each document.

    Example:
        >>> from course_utils.data.tokens import train_bpe
        >>> tokenizer = train_bpe(["ab"], vocab_size=257)  # 0 is the end, 1 is "!"
        >>> encode = encoder_of(tokenizer.backend_tokenizer.to_str(), eos=0)
        >>> encode(["!", "!!"])
        array([1, 0, 1, 1, 0], dtype=int32)

    Source: tiktoken, https://github.com/openai/tiktoken.
    """
    from tokenizers import Tokenizer

    encoding, special = tiktoken_encoding(description, eos)

    def must_be_slow(text: str) -> bool:
        return encoding is None or any(token in text for token in special)

    @cache
    def tokenizer() -> Tokenizer:
        own = Tokenizer.from_str(description)
        own.no_truncation()
        own.no_padding()
        return own

    def slowly(texts: list[str]) -> np.ndarray:
        rows = tokenizer().encode_batch_fast(texts, add_special_tokens=False)
        ids = (token for row in rows for token in (*row.ids, eos))
        return np.fromiter(ids, dtype=np.int32)

    def quickly(texts: list[str]) -> np.ndarray:
        # One call for all: to tiktoken, END_OF_TEXT is the border between documents.
        assert encoding is not None  # else every text is slow
        joined = END_OF_TEXT.join([*texts, ""])
        return encoding.encode_to_numpy(joined, allowed_special="all").view(np.int32)

    def encode(texts: list[str]) -> np.ndarray:
        parts = [np.empty(0, dtype=np.int32)]
        for slow, run in groupby(texts, key=must_be_slow):
            way = slowly if slow else quickly
            parts.append(way(list(run)))
        return np.concatenate(parts)

    return encode


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of texts, each list of about a million characters.

    So much at a time is as fast as any more, and takes a few megabytes.

    Example:
        >>> texts = ["x" * 600_000, "y" * 600_000, "z"]
        >>> [len(batch) for batch in batches(texts)]
        [2, 1]
    """
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@lru_cache(maxsize=4)
def tiktoken_encoding(
    description: str, eos: int
) -> tuple["Encoding | None", frozenset[str]]:
    """Return a tokenizer's byte-level BPE as a tiktoken Encoding, if it has one.

    Its ids are the tokenizer's own, and `<|endoftext|>` is `eos`.

    Args:
        description: the tokenizer as JSON, from `backend_tokenizer.to_str()`.
        eos: the id that goes after each document.

    Returns:
        The Encoding, or None if the tokenizer is not of GPT-2's kind; and the texts
        that it must not be given.

    Example:
        >>> from course_utils.data.tokens import train_bpe
        >>> tokenizer = train_bpe(["ab"], vocab_size=257)  # 0 is the end, 1 is "!"
        >>> description = tokenizer.backend_tokenizer.to_str()
        >>> encoding, special = tiktoken_encoding(description, eos=0)
        >>> encoding.encode("!!"), special
        ([1, 1], frozenset({'<|endoftext|>'}))
    """
    from tiktoken import Encoding

    parts = json.loads(description)
    special = frozenset({END_OF_TEXT, *(t["content"] for t in parts["added_tokens"])})
    ranks = _ranks(parts["model"]) if _is_gpt2s_kind(parts) else None
    if ranks is None:
        return None, special
    ends = {END_OF_TEXT: eos}
    encoding = Encoding(
        "course", pat_str=_WORDS, mergeable_ranks=ranks, special_tokens=ends
    )
    return encoding, special


def _is_gpt2s_kind(parts: dict[str, Any]) -> bool:
    """Whether text is cut into words as by GPT-2, and nothing else is done to it."""
    splitter, model = parts["pre_tokenizer"] or {}, parts["model"]
    return (
        parts["normalizer"] is None
        and splitter.get("type") == "ByteLevel"
        and splitter["use_regex"]
        and not splitter["add_prefix_space"]
        and model["type"] == "BPE"
        and not any(
            model[option]
            for option in (
                "dropout",
                "continuing_subword_prefix",
                "end_of_word_suffix",
                "ignore_merges",
            )
        )
    )


def _ranks(model: dict[str, Any]) -> dict[bytes, int] | None:
    """Return token -> id where tiktoken's rule of merging is the tokenizer's.

    The tokenizer merges the pairs in its list, the earliest first. tiktoken merges any
    two neighbours that together are a token, that of the smallest id first. That is
    the same if ids follow the list, no token is made by two pairs, and each token's own
    text gives that token. It does wherever merges were learnt from text.
    """
    from tokenizers.models import BPE

    vocab = model["vocab"]
    byte_of = _bytes_of_letters()
    if not byte_of.keys() <= vocab.keys():
        return None
    tokens = list(byte_of)
    merges = [tuple(pair) for pair in model["merges"]]
    last = -1
    for left, right in merges:
        if not max(last, vocab[left], vocab[right]) < vocab[left + right]:
            return None
        last = vocab[left + right]
        tokens.append(left + right)
    bpe = BPE(vocab, merges)
    if any(
        [piece.value for piece in bpe.tokenize(token)] != [token] for token in tokens
    ):
        return None
    return {bytes(byte_of[c] for c in token): vocab[token] for token in tokens}


def _bytes_of_letters() -> dict[str, int]:
    """Return the letter that stands for each byte in GPT-2's vocabulary -> the byte.

    Visible Latin-1 characters stand for themselves, the others for those from 256 on.
    """
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in visible]
    letters = {chr(byte): byte for byte in visible}
    return letters | {chr(256 + n): byte for n, byte in enumerate(others)}
