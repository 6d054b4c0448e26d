import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.tokens import gpt2_tokenizer, train_bpe
from course_utils.data.word_encoder import word_encoder

# White space of every kind, and what Python, but not Unicode, takes for it.
SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2003\u2028\u3000\u200b\ufeff"
pieces = st.one_of(
    st.text(alphabet=SPACES, max_size=4),
    st.sampled_from(["don't", "we'LL", "x²", "3.14", "naïve", "猫", "🙂", "_a", "<|"]),
    st.text(max_size=5),
    st.sampled_from(["<|endoftext|>", "  <|endoftext|>"]),
)
texts = st.lists(pieces, max_size=10).map("".join)


@pytest.fixture(scope="module")
def gpt2():
    return gpt2_tokenizer()


def whole(tokenizer, documents):
    """The tokenizer's own ids, document by document."""
    ids = tokenizer(documents, add_special_tokens=False, verbose=False)["input_ids"]
    return [token for one in ids for token in [*one, tokenizer.eos_token_id]]


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_ids_are_the_tokenizers_own(gpt2, documents):
    encode = word_encoder(gpt2)
    expected = whole(gpt2, documents)
    assert encode(documents).tolist() == expected
    # A second time every word is known.
    assert encode(documents).tolist() == expected


def test_real_text_is_the_tokenizers_own(tokenizer, gpt2):
    from course_utils.data.sources import chitchat

    documents = chitchat()["text"][:150]
    for own in (tokenizer, gpt2):
        ids = word_encoder(own)(documents)
        assert ids.dtype == np.int32
        assert ids.tolist() == whole(own, documents)


def test_every_character_splits_as_in_its_neighbourhood(gpt2):
    characters = [chr(c) for c in range(0x3100) if not 0xD800 <= c < 0xE000]
    documents = [f"a{c}b {c}  {c}\n{c}1{c}." for c in characters]
    assert word_encoder(gpt2)(documents).tolist() == whole(gpt2, documents)


def test_another_kind_of_tokenizer_is_left_to_itself():
    from tokenizers import normalizers, pre_tokenizers

    own = train_bpe(["a b c word words"], 300)
    own.backend_tokenizer.normalizer = normalizers.Replace("a b", "x")
    documents = ["a b c", "word a b"]
    assert word_encoder(own)(documents).tolist() == whole(own, documents)
    own = train_bpe(["a b c word words"], 300)
    own.backend_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=False, use_regex=False
    )
    own.backend_tokenizer.post_processor = None
    assert word_encoder(own)(documents).tolist() == whole(own, documents)


def test_no_documents_are_no_tokens(tokenizer):
    assert word_encoder(tokenizer)([]).shape == (0,)
    assert word_encoder(tokenizer)(["", ""]).tolist() == [0, 0]
