import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most
from tokenizers import Tokenizer, normalizers
from transformers import PreTrainedTokenizerFast

from course_utils.data.encoder import encoder, tiktoken_encoding
from course_utils.data.tokens import END_OF_TEXT, gpt2_tokenizer, train_bpe

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


@pytest.fixture(scope="module")
def both(gpt2, tokenizer):
    return [(own, encoder(own)) for own in (gpt2, tokenizer)]


def fast(tokenizer):
    """Whether tiktoken encodes for this tokenizer."""
    description = tokenizer.backend_tokenizer.to_str()
    return tiktoken_encoding(description, tokenizer.eos_token_id)[0] is not None


def whole(tokenizer, documents):
    """The tokenizer's own ids, document by document."""
    ids = tokenizer(documents, add_special_tokens=False, verbose=False)["input_ids"]
    return [token for one in ids for token in [*one, tokenizer.eos_token_id]]


@settings(max_examples=500, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_ids_are_the_tokenizers_own(both, documents):
    for own, encode in both:
        assert encode(documents).tolist() == whole(own, documents)


def test_real_text_is_the_tokenizers_own(tokenizer, gpt2):
    from course_utils.data.sources import chitchat

    documents = chitchat()["text"][:150]
    for own in (tokenizer, gpt2):
        ids = encoder(own)(documents)
        assert ids.dtype == np.int32
        assert ids.tolist() == whole(own, documents)


def test_both_tokenizers_of_the_course_are_fast(gpt2, tokenizer):
    assert fast(gpt2)
    assert fast(tokenizer)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(texts, min_size=1, max_size=8),
    st.integers(257, 600),
    st.lists(texts, min_size=1, max_size=4),
)
def test_whatever_was_learnt_the_ids_are_the_tokenizers_own(corpus, size, documents):
    own = train_bpe(corpus, size)
    for some in (corpus, documents):
        assert encoder(own)(some).tolist() == whole(own, some)


def around(characters):
    return [
        f"a{c}b {c}  {c}\n{c}1{c}." for c in characters if not "\ud800" <= c <= "\udfff"
    ]


def test_every_character_splits_as_in_its_neighbourhood(gpt2):
    documents = around(map(chr, range(0x3100)))
    assert encoder(gpt2)(documents).tolist() == whole(gpt2, documents)


@pytest.mark.long
def test_so_does_every_character_of_unicode(gpt2):
    for start in range(0, 0x110000, 4096):
        documents = around(map(chr, range(start, start + 4096)))
        assert encoder(gpt2)(documents).tolist() == whole(gpt2, documents)


@pytest.mark.parametrize("part", ["a", "xq", " ", "\n", "!?", "猫", "1"])
def test_a_word_of_100_000_characters(gpt2, part):
    text = part * (100_000 // len(part))
    with at_most(10):
        ids = encoder(gpt2)([text]).tolist()
    assert ids == whole(gpt2, [text])


def test_the_text_of_an_added_token_is_that_token():
    own = train_bpe(["a b c word words"], 300)
    own.add_tokens(["<sep>", "word"])
    documents = ["a<sep>b", "a <s ep>", "", "word words", "<|endof", "text|>", "plain"]
    assert fast(own)
    assert encoder(own)(documents).tolist() == whole(own, documents)


def test_an_end_by_another_name():
    own = train_bpe(["a b c word words"], 300)
    own.add_special_tokens({"eos_token": "aa"})
    documents = ["a", "b a", "aa", "a<|endoftext|>"]
    assert encoder(own)(documents).tolist() == whole(own, documents)


WORDS = ["a b c", "word a b", "words  word\n", "<|endoftext|>a"]


def changed(change):
    """A small tokenizer with its description changed."""
    own = train_bpe(["a b c word words"] * 3, 300)
    parts = json.loads(own.backend_tokenizer.to_str())
    change(parts)
    backend = Tokenizer.from_str(json.dumps(parts))
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=END_OF_TEXT)


def lower(parts):
    parts["normalizer"] = {"type": "Lowercase"}


def uncut(parts):
    parts["pre_tokenizer"]["use_regex"] = False


def spaced(parts):
    parts["pre_tokenizer"]["add_prefix_space"] = True


def split_otherwise(parts):
    parts["pre_tokenizer"] = {"type": "Whitespace"}


def whole_words(parts):
    parts["model"]["ignore_merges"] = True


def without_a_byte(parts):
    del parts["model"]["vocab"]["!"]


def ids_against_the_list(parts):
    merges, vocab = parts["model"]["merges"], parts["model"]["vocab"]
    first, last = "".join(merges[0]), "".join(merges[-1])
    vocab[first], vocab[last] = vocab[last], vocab[first]


def two_ways_to_a_token(parts):
    parts["model"]["vocab"] |= {"xy": 900, "yz": 901, "xyz": 902}
    parts["model"]["merges"] += [["x", "y"], ["y", "z"], ["xy", "z"], ["x", "yz"]]


def a_token_its_own_text_does_not_give(parts):
    # "xyz" is made from x and yz alone, but x and y are merged before.
    parts["model"]["vocab"] |= {"xy": 900, "yz": 901, "xyz": 902}
    parts["model"]["merges"] += [["x", "y"], ["y", "z"], ["x", "yz"]]


@pytest.mark.parametrize(
    "change",
    [
        lower,
        uncut,
        spaced,
        split_otherwise,
        whole_words,
        without_a_byte,
        ids_against_the_list,
        two_ways_to_a_token,
        a_token_its_own_text_does_not_give,
    ],
)
def test_another_kind_of_tokenizer_is_left_to_itself(change):
    own = changed(change)
    assert not fast(own)
    documents = [*WORDS, "word! xyz xy"]
    assert encoder(own)(documents).tolist() == whole(own, documents)


def test_a_tokenizer_that_was_told_to_truncate_does_not():
    own = train_bpe(["a b c word words"], 300)
    expected = whole(own, WORDS)
    own(WORDS, truncation=True, max_length=2, padding="max_length")
    assert encoder(own)(WORDS).tolist() == expected


def test_a_tokenizer_that_changes_is_read_anew():
    own = train_bpe(["a b c word words"] * 3, 300)
    model = own.backend_tokenizer.model
    assert encoder(own)(WORDS).tolist() == whole(own, WORDS)
    own.add_tokens(["word"])
    assert encoder(own)(WORDS).tolist() == whole(own, WORDS)
    own.backend_tokenizer.normalizer = normalizers.Replace("a b", "x")
    assert encoder(own)(WORDS).tolist() == whole(own, WORDS)
    model.ignore_merges = True
    assert encoder(own)(WORDS).tolist() == whole(own, WORDS)


def test_no_documents_are_no_tokens(tokenizer):
    assert encoder(tokenizer)([]).shape == (0,)
    assert encoder(tokenizer)(["", ""]).tolist() == [0, 0]
