import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.tokens import (
    END_OF_TEXT,
    blocks,
    gpt2_tokenizer,
    pack,
    token_ids,
    train_bpe,
)
from course_utils.machine.errors import CourseError


def test_gpt2_tokenizer_is_gpt2s_own():
    tokenizer = gpt2_tokenizer()
    assert len(tokenizer) == 50257
    assert tokenizer.eos_token_id == 50256
    # Known ids of OpenAI's vocabulary.
    assert tokenizer("Hello world")["input_ids"] == [15496, 995]
    assert tokenizer.decode([15496, 995]) == "Hello world"


def test_train_bpe_round_trip():
    texts = ["the cat sat on the mat", "the dog sat on the log"] * 20
    tokenizer = train_bpe(texts, vocab_size=300)
    assert len(tokenizer) <= 300
    assert tokenizer.eos_token_id == 0
    assert tokenizer.convert_tokens_to_ids(END_OF_TEXT) == 0
    for text in ["the cat", "  two  spaces\n\ttab", "Grüße, 你好 🙂"]:
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_train_bpe_needs_room_for_bytes():
    with pytest.raises(CourseError, match="at least 257"):
        train_bpe(["a"], vocab_size=100)


documents = st.lists(st.text(max_size=60), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(texts=documents, block_size=st.integers(1, 9))
def test_pack_loses_no_token_but_the_remainder(tokenizer, texts, block_size):
    expected = []
    for text in texts:
        expected += [*tokenizer(text)["input_ids"], tokenizer.eos_token_id]
    dataset = Dataset.from_dict({"text": texts})
    if len(expected) < block_size:
        with pytest.raises(CourseError, match="too little text"):
            pack(dataset, tokenizer, block_size)
        return
    packed = pack(dataset, tokenizer, block_size)
    flat = [token for row in packed["input_ids"] for token in row]
    assert flat == expected[: len(expected) // block_size * block_size]
    assert all(len(row) == block_size for row in packed["input_ids"])
    assert packed["labels"][:] == packed["input_ids"][:]


def test_pack_equals_the_usual_script(tokenizer):
    # The grouping function of Transformers' run_clm example, written out.
    texts = [f"Document {i}: {'words and more ' * (i % 7)}" for i in range(1200)]
    dataset = Dataset.from_dict({"text": texts})

    def group(rows):
        ids = [t for text in rows["text"] for t in [*tokenizer(text)["input_ids"], 0]]
        end = len(ids) // 32 * 32
        return {"input_ids": [ids[i : i + 32] for i in range(0, end, 32)]}

    usual = dataset.map(group, batched=True, batch_size=None, remove_columns="text")
    assert pack(dataset, tokenizer, 32)["input_ids"][:] == usual["input_ids"][:]


def test_blocks_are_arrow_of_fixed_size_and_become_tensors():
    import torch

    dataset = blocks(np.arange(10, dtype=np.int32), 4)
    assert dataset.num_rows == 2
    assert dataset.features["input_ids"].length == 4
    batch = dataset.with_format("torch")[:]
    expected = torch.tensor([[0, 1, 2, 3], [4, 5, 6, 7]])
    assert torch.equal(batch["input_ids"], expected)
    assert torch.equal(batch["labels"], expected)


def test_pack_names_a_missing_column_and_a_null(tokenizer):
    with pytest.raises(CourseError, match="no column 'text'"):
        pack(Dataset.from_dict({"body": ["a"]}), tokenizer, 4)
    with pytest.raises(CourseError, match=r"row 1 .* is null"):
        pack(Dataset.from_dict({"text": ["a", None]}), tokenizer, 4)


def test_token_ids_ends_every_document(tokenizer):
    ids = token_ids(["a", "", "b"], tokenizer)
    assert ids.dtype == np.int32
    a, b = (tokenizer(text)["input_ids"] for text in "ab")
    assert ids.tolist() == [*a, 0, 0, *b, 0]
