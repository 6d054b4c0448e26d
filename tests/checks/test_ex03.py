"""The references of exercise 3 are what transformers builds and computes."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from course_utils.checks import Verdict, question
from course_utils.checks.judges import ex03_1, ex03_3, ex03_4, ex03_5
from course_utils.checks.probes.ex03_5 import figures


def test_count_is_the_models():
    cases = question("ex03_1").inputs(5)["cases"]
    counts = []
    for case in cases:
        sizes = {name: case[name] for name in list(case)[:-1]}
        config = GPT2Config(**sizes, n_head=1, tie_word_embeddings=case["tied"])
        with torch.device("meta"):
            counts.append(GPT2LMHeadModel(config).num_parameters())
    assert ex03_1.judge(counts, {"cases": cases}) == Verdict(True)


def test_heads_and_attention_are_the_models():
    torch.manual_seed(0)
    config = GPT2Config(
        n_embd=12, n_head=3, n_layer=1, n_positions=8, attn_implementation="eager"
    )
    model = GPT2LMHeadModel(config).eval()
    layer, seen = model.transformer.h[0].attn, {}
    # What goes into the last matrix is the attention's output, heads side by side.
    layer.c_attn.register_forward_hook(lambda *call: seen.update(qkv=call[2]))
    layer.c_proj.register_forward_hook(lambda *call: seen.update(out=call[1][0]))
    with torch.no_grad():
        ids = torch.randint(99, (2, 5))
        [weights] = model(ids, output_attentions=True).attentions
    case = {"qkv": seen["qkv"].numpy(), "n_head": 3}
    parts = [part.view(2, 5, 3, 4).transpose(1, 2) for part in seen["qkv"].split(12, 2)]
    arrays = [part.numpy() for part in parts]
    assert ex03_3.judge([arrays], {"cases": [case]}) == Verdict(True)

    case = dict(zip(("query", "key", "value"), arrays, strict=True))
    answer = [seen["out"].numpy(), weights.numpy()]
    assert ex03_4.judge([answer], {"cases": [case]}) == Verdict(True)


def test_first_weights_are_the_librarys():
    cases = [{"n_layer": 3, "vocab_size": 99, "n_positions": 64, "seed": 0}]
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=99, n_positions=64, n_embd=64, n_head=2, n_layer=3)
    model = GPT2LMHeadModel(config)
    got = {name: figures(p) for name, p in model.named_parameters()}
    assert ex03_5.judge([got], {"cases": cases}) == Verdict(True)


@pytest.mark.parametrize("name", ["n_ctx", "n_layers", "block_size"])
def test_the_library_still_swallows_unknown_names(name):
    config = GPT2Config(**{name: 7})
    assert (config.n_positions, config.n_layer) == (1024, 12)
