"""The references of exercise 10 are what the libraries do."""

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex10_3, ex10_5
from course_utils.checks.probes.ex10_1 import DEFAULTS, NO_FIELDS


def test_defaults_are_those_of_gpt2():
    from transformers import GPT2Config

    fields = GPT2Config().to_dict()
    assert {name: fields[name] for name in DEFAULTS} == DEFAULTS
    assert not [name for name in NO_FIELDS if hasattr(GPT2Config(), name)]


def test_attention_is_torchs():
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    cases = question("ex10_5").inputs(6)["cases"]
    outputs = []
    for case in cases:
        q, k, v = (torch.from_numpy(array) for array in case.values())
        out = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        outputs.append(out.numpy())
    assert ex10_5.judge(outputs, {"cases": cases}) == Verdict(True)


def test_every_word_occurs_in_an_order_that_nobody_guesses():
    from math import factorial, prod

    cases = question("ex10_3").inputs(2)["cases"]
    words = [ex10_3.right(*case.values()) for case in cases]
    counts = [words.count(word) for word in (*ex10_3.WORDS, "fine")]
    assert min(counts) > 1
    assert sum(counts) == len(words)
    assert factorial(len(words)) / prod(map(factorial, counts)) > 1e6
    assert ex10_3.judge(words, {"cases": cases}) == Verdict(True)
