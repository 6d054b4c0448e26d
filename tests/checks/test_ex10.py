"""The references of exercise 10 are what the libraries do."""

from course_utils.checks import Verdict
from course_utils.checks.ex10 import probe, verify


def test_defaults_are_those_of_gpt2():
    from transformers import GPT2Config

    fields = GPT2Config().to_dict()
    assert {name: fields[name] for name in probe.DEFAULTS} == probe.DEFAULTS
    assert not [name for name in probe.NO_FIELDS if hasattr(GPT2Config(), name)]


def test_attention_is_torchs():
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    cases = probe.attention_inputs(6)["cases"]
    outputs = []
    for case in cases:
        q, k, v = (torch.from_numpy(array) for array in case.values())
        out = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        outputs.append(out.numpy())
    assert verify.verify_attention(outputs, {"cases": cases}) == Verdict(3)


def test_every_word_occurs():
    cases = probe.curves_inputs(2)["cases"]
    words = ["fine", "stuck", "overfit", "diverged", "leak", *["nan"] * 3]
    words += [*["fine"] * 4, "overfit", "leak"]
    assert verify.verify_curves(words, {"cases": cases}) == Verdict(3)
