import json

import pytest
import torch

from course_utils.machine.errors import CourseError
from course_utils.model.gpt2 import PRESETS, load, preset
from course_utils.training.trainer import save_model

# Wolf et al.'s and OpenAI's checkpoints; counted with tied embeddings.
PUBLISHED = {
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_presets_have_the_published_number_of_parameters(name):
    from transformers import GPT2LMHeadModel

    with torch.device("meta"):
        model = GPT2LMHeadModel(preset(name))
    model.tie_weights()
    assert model.num_parameters() == PUBLISHED[name]


def test_tiny_is_about_a_million_parameters():
    from transformers import GPT2LMHeadModel

    model = GPT2LMHeadModel(preset("tiny"))
    assert 1_000_000 < model.num_parameters() < 1_200_000


def test_the_fused_activation_is_gpt2s():
    from transformers.activations import ACT2FN

    x = torch.linspace(-6, 6, 1001)
    fused, original = ACT2FN["gelu_pytorch_tanh"](x), ACT2FN["gelu_new"](x)
    assert torch.allclose(fused, original, atol=1e-6)


def test_preset_refuses_what_gpt2config_would_swallow():
    with pytest.raises(CourseError, match="n_positions"):
        preset("tiny", n_ctx=64)
    with pytest.raises(CourseError, match="no field 'n_layers'"):
        preset("tiny", n_layers=2)
    with pytest.raises(CourseError, match="not divisible"):
        preset("tiny", n_embd=130)
    with pytest.raises(CourseError, match="unknown preset"):
        preset("gpt3")
    assert preset("tiny", n_positions=64).n_positions == 64


def test_presets_make_fresh_configurations():
    preset("tiny").n_layer = 99
    assert PRESETS["tiny"]["n_layer"] == 4


def test_load_a_saved_folder(tmp_path, tiny_model, tokenizer):
    save_model(tiny_model, tokenizer, tmp_path / "m")
    model, loaded = load(tmp_path / "m")
    ids = torch.tensor([loaded("Hello there")["input_ids"]])
    assert torch.equal(model.eval()(ids).logits, tiny_model(ids).logits)
    fresh, _ = load(tmp_path / "m", from_scratch=True)
    assert not torch.equal(fresh.eval()(ids).logits, tiny_model(ids).logits)
    assert len(loaded) == len(tokenizer)


@pytest.mark.parametrize(
    "damage", ["config.json", "model.safetensors", "truncate", "half"]
)
def test_a_damaged_folder_is_one_line(tmp_path, tiny_model, tokenizer, damage):
    folder = save_model(tiny_model, tokenizer, tmp_path / "m")
    if damage == "truncate":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:5000])
    elif damage == "half":
        config = folder / "config.json"
        config.write_text(config.read_text()[:100])
    else:
        (folder / damage).unlink()
    with pytest.raises(CourseError, match="cannot load the folder") as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    assert ".." not in str(caught.value)


def test_what_transformers_would_fill_in_is_refused(tmp_path, tiny_model, tokenizer):
    from safetensors.torch import load_file, save_file
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = save_model(tiny_model, tokenizer, tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    kept = {name: w for name, w in weights.items() if ".h.1." not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(CourseError, match=r"lacks 12 of its weights, such as .*h\.1"):
        load(folder)

    bare = tmp_path / "bare"
    tiny_model.save_pretrained(bare)
    with pytest.raises(CourseError, match="has no tokenizer"):
        load(bare)

    small = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1}
    other = LlamaForCausalLM(
        LlamaConfig(vocab_size=2048, num_attention_heads=1, **small)
    )
    folder = save_model(other, tokenizer, tmp_path / "llama")
    with pytest.raises(CourseError, match="is a llama model: give a GPT-2"):
        load(folder)


def test_no_such_model():
    with pytest.raises(CourseError, match="no model 'gpt5'"):
        load("gpt5")
    with pytest.raises(CourseError, match="Hub cannot be reached"):
        load("someone/model")


def test_save_model_is_a_plain_transformers_folder(tmp_path, tiny_model, tokenizer):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = save_model(tiny_model, tokenizer, tmp_path / "m")
    assert json.loads((folder / "config.json").read_text())["model_type"] == "gpt2"
    AutoModelForCausalLM.from_pretrained(folder)
    AutoTokenizer.from_pretrained(folder)
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_weights_that_are_not_numbers_are_refused(tiny_model, tokenizer, tmp_path):
    tiny_model.transformer.wte.weight.data[5, 5] = float("nan")
    tiny_model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    with pytest.raises(CourseError, match="weights that are not numbers"):
        load(tmp_path / "model")
