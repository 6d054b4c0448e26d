"""The references of exercise 2 are what the course's own helpers do."""

import pytest
from datasets import Dataset

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex02_1, ex02_2, ex02_3, ex02_5
from course_utils.data.cleaning import near_duplicates, scrub
from course_utils.data.tokens import pack


def test_blocks_are_those_of_pack(tokenizer):
    texts = ["Hello there, how are you?", "Fine.", "I am writing a longer sentence."]
    rows = pack(Dataset.from_dict({"text": texts}), tokenizer, 8)
    case = {
        "documents": tokenizer(texts)["input_ids"],
        "eos": tokenizer.eos_token_id,
        "block_size": 8,
    }
    got = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
    assert len(got) > 1
    assert ex02_2.judge([got], {"cases": [case]}) == Verdict(True)


def test_scrubbed_as_by_the_library():
    # The library counts www. after a digit as a link, and the exercise does not.
    inputs = question("ex02_1").inputs(4)
    inputs["cases"] = [case for case in inputs["cases"] if "9www" not in case["text"]]
    got = [scrub(case["text"]) for case in inputs["cases"]]
    assert ex02_1.judge(got, inputs) == Verdict(True)


@pytest.mark.parametrize("seed", range(3))
def test_copies_are_those_of_the_library(seed):
    inputs = question("ex02_3").inputs(seed)
    # The library's shingles have 3 words. MinHash may miss a pair at the threshold, so
    # the threshold is one that no pair has.
    # It names each copy once, with the first of its group: three texts have one pair.
    cases = [c for c in inputs["cases"] if c["size"] == 3 and len(c["texts"]) == 3]
    for case in cases:
        found = [list(pair) for pair in near_duplicates(case["texts"], 0.45)]
        verdict = ex02_3.judge([found], {"cases": [{**case, "threshold": 0.45}]})
        assert verdict == Verdict(True), verdict


def test_merges_are_those_of_tokenizers():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    case = {
        "words": [list("lower"), list("newer"), list("wide")],
        "counts": [4, 9, 2],
    }
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    texts = [" ".join(["lower"] * 4 + ["newer"] * 9 + ["wide"] * 2)]
    trainer = trainers.BpeTrainer(vocab_size=9, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    words = [tokenizer.encode("".join(word)).tokens for word in case["words"]]
    [pair] = [piece for word in words for piece in word if len(piece) > 1][:1]
    data = {"answers": [[list(pair), words]], "words": [case["words"]]}
    assert ex02_5.judge(data, {"cases": [case]}) == Verdict(True)
