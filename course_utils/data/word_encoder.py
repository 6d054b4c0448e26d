"""Byte-level BPE over many texts, each distinct word encoded once."""

import re
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

# Unicode's white space, as the tokenizers library sees it: to Python's \s the four
# separators \x1c to \x1f belong as well.
_SPACE, _OTHER = r"[^\S\x1c-\x1f]", r"[\S\x1c-\x1f]"
# A word with the one space before it, or white space up to that space. GPT-2's own
# pattern cuts further inside of a word, but never across these borders.
_WORDS = re.compile(rf" ?{_OTHER}+|{_SPACE}+(?!{_OTHER})|{_SPACE}+")

Encode = Callable[[list[str]], np.ndarray]


def word_encoder(tokenizer: "PreTrainedTokenizerFast") -> Encode:
    """Return a function from documents to their token ids, eos after each.

    The ids are the tokenizer's own: BPE never merges across the borders between words,
    so a word's tokens do not depend on its neighbours, and most words of a text have
    been seen before. A tokenizer of another kind than GPT-2's, and a document that
    contains a special token, are encoded whole.

    Args:
        tokenizer: a fast tokenizer with an eos token.

    Returns:
        Documents -> int32 array of shape (tokens,).
    """
    by_word = _is_byte_level(tokenizer)
    special = list(tokenizer.get_added_vocab())
    known: dict[str | None, list[int]] = {None: [tokenizer.eos_token_id]}
    encode = tokenizer.backend_tokenizer.encode_batch_fast

    def words(text: str) -> list[str]:
        if by_word and not any(token in text for token in special):
            return _WORDS.findall(text)
        return [text]

    def encode_documents(texts: list[str]) -> np.ndarray:
        documents = [[*words(text), None] for text in texts]
        new = list(set(chain.from_iterable(documents)) - known.keys())
        encodings = encode(new, add_special_tokens=False)
        known.update((word, e.ids) for word, e in zip(new, encodings, strict=True))
        ids = chain.from_iterable(
            map(known.__getitem__, chain.from_iterable(documents))
        )
        return np.fromiter(ids, dtype=np.int32)

    return encode_documents


def _is_byte_level(tokenizer: "PreTrainedTokenizerFast") -> bool:
    """Whether the tokenizer splits text as GPT-2's, and does nothing else to it."""
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel

    parts = tokenizer.backend_tokenizer
    splitter = parts.pre_tokenizer
    return (
        parts.normalizer is None
        and isinstance(parts.model, BPE)
        and not parts.model.dropout
        and isinstance(splitter, ByteLevel)
        and splitter.use_regex
        and not splitter.add_prefix_space
    )
