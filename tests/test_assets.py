"""The tokenizer and the models that ship with the course."""

import pytest

from course_utils.data.chats import NAMES


@pytest.mark.parametrize("before", ["", " "])
def test_every_name_is_one_token(tokenizer, before):
    """At a line's start (which begins a new word, as a text does) and after a space."""
    ids = tokenizer([before + name for name in NAMES])["input_ids"]
    assert [len(i) for i in ids] == [1] * len(NAMES)
    line = tokenizer([f"Hi!\n{name}: Hi" for name in NAMES])["input_ids"]
    start = tokenizer(list(NAMES))["input_ids"]
    assert all(name[0] in ids for name, ids in zip(start, line, strict=True))


def test_tokenizer_has_2048_tokens_and_one_for_every_end(tokenizer):
    assert len(tokenizer) == 2048
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == 0
