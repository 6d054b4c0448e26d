"""Texts to token ids by tiktoken, with the ids that the tokenizer itself would give."""

import json
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tiktoken import Encoding
    from transformers import PreTrainedTokenizerFast

Encode = Callable[[list[str]], np.ndarray]

END_OF_TEXT = "<|endoftext|>"
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
    """
    return encoder_of(tokenizer.backend_tokenizer.to_str(), tokenizer.eos_token_id)


def encoder_of(description: str, eos: int) -> Encode:
    """Return the same from what a tokenizer.json holds; needs no Transformers.

    A tokenizer of GPT-2's kind is rebuilt in tiktoken, which is several times as fast.
    A tokenizer of another kind, and a document that contains a special token's own
    text, are encoded by the tokenizer itself.

    Args:
        description: the tokenizer as JSON.
        eos: the id that goes after each document.

    Source: tiktoken, https://github.com/openai/tiktoken.
    """
    from tokenizers import Tokenizer

    encoding = tiktoken_encoding(description)
    tokenizer = Tokenizer.from_str(description)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    added = tokenizer.get_added_tokens_decoder().values()
    special = {END_OF_TEXT, *(token.content for token in added)}

    def must_be_slow(text: str) -> bool:
        return encoding is None or any(token in text for token in special)

    def slowly(texts: list[str]) -> np.ndarray:
        rows = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ids = (token for row in rows for token in (*row.ids, eos))
        return np.fromiter(ids, dtype=np.int32)

    def quickly(texts: list[str]) -> np.ndarray:
        # One call for all: to tiktoken, END_OF_TEXT is the border between documents.
        assert encoding is not None  # else every text is slow
        joined = END_OF_TEXT.join([*texts, ""])
        ids = encoding.encode_to_numpy(joined, allowed_special="all").astype(np.int32)
        return np.where(ids == encoding.eot_token, np.int32(eos), ids)

    def encode(texts: list[str]) -> np.ndarray:
        parts = [np.empty(0, dtype=np.int32)]
        for slow, run in groupby(texts, key=must_be_slow):
            way = slowly if slow else quickly
            parts.append(way(list(run)))
        return np.concatenate(parts)

    return encode


@lru_cache(maxsize=4)
def tiktoken_encoding(description: str) -> "Encoding | None":
    """Return a tokenizer's byte-level BPE as a tiktoken Encoding, if it has one.

    Its ids are the tokenizer's own, and one more is <|endoftext|>.

    Args:
        description: the tokenizer as JSON, from `backend_tokenizer.to_str()`.

    Returns:
        None if the tokenizer is not of GPT-2's kind.
    """
    from tiktoken import Encoding

    parts = json.loads(description)
    ranks = _ranks(parts["model"]) if _is_gpt2s_kind(parts) else None
    if ranks is None:
        return None
    return Encoding(
        "course",
        pat_str=_WORDS,
        mergeable_ranks=ranks,
        special_tokens={END_OF_TEXT: max(ranks.values()) + 1},
    )


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
