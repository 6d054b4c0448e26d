"""A GGUF file holds the model: llama.cpp cuts and continues texts as PyTorch does."""

import numpy as np
import pytest
from datasets import load_dataset
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, set_seed

from course_utils.data.people import placeholders
from course_utils.data.sources import write_local_data
from course_utils.data.summaries import prompt
from course_utils.data.tokens import gpt2_tokenizer
from course_utils.evaluation.generation import generate
from course_utils.lesson.profile import get_profile, local_data
from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS
from course_utils.model.export import KINDS, write_gguf
from course_utils.model.gpt2 import load, preset

gguf = pytest.importorskip("gguf", reason="needs the extra export")
SUMMARISER = ASSETS / "tiny-summariser"
ODD = "Ann:  Hi! 😂 don't\tgo, it's 12345 o'clock…\r\n\n  Żółć <|endoftext|> — ok?"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gguf")
    for kind in KINDS:
        write_gguf(SUMMARISER, folder / f"{kind}.gguf", kind)
    return folder


def engine(file, positions=256):
    xllamacpp = pytest.importorskip("xllamacpp", reason="needs the extra export")
    options = xllamacpp.CommonParams()
    options.model.path = str(file)
    options.n_ctx, options.n_parallel, options.verbosity = positions, 1, -1
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1
    options.cache_prompt, options.cache_ram_mib = False, 0
    return xllamacpp.Server(options)


def prompts(count):
    write_local_data(local_data())
    rows = load_dataset(**get_profile("tiny").summaries)["validation"]
    return [prompt(placeholders(d).dialogue) for d in rows["dialogue"][:count]]


def continued(server, texts):
    asked = {"max_tokens": 60, "temperature": 0}
    answers = [server.handle_completions({"prompt": t, **asked}) for t in texts]
    return [answer["choices"][0]["text"] for answer in answers]


def test_llama_cpp_writes_what_pytorch_writes(files):
    texts = prompts(16)
    expected = generate(*load(SUMMARISER), texts, max_new_tokens=60)
    assert continued(engine(files / "f32.gguf"), texts) == expected
    assert continued(engine(files / "f16.gguf"), texts) == expected


@pytest.mark.slow
def test_of_200_texts_nearly_all_are_equal_at_16_and_8_bits(files, record_property):
    texts = prompts(200)
    expected = generate(*load(SUMMARISER), texts, max_new_tokens=60)
    equal = {}
    for kind in KINDS:
        found = continued(engine(files / f"{kind}.gguf"), texts)
        equal[kind] = sum(a == b for a, b in zip(found, expected, strict=True))
    print(equal)
    assert equal["f32"] >= 199
    assert equal["f16"] >= 196
    assert equal["q8_0"] >= 170


@pytest.mark.parametrize("name", ["tiny", "gpt2"])
def test_llama_cpp_cuts_texts_as_the_tokenizer_does(name, tmp_path):
    import httpx

    if name == "tiny":
        tokenizer = AutoTokenizer.from_pretrained(SUMMARISER)
    else:
        tokenizer = gpt2_tokenizer()
    size = {"n_embd": 32, "n_layer": 1, "n_head": 1, "n_positions": 64}
    save(tmp_path, tokenizer, vocab_size=len(tokenizer), **size)
    write_gguf(tmp_path, tmp_path / "small.gguf")
    server = engine(tmp_path / "small.gguf", positions=64)
    asked = {"content": ODD, "parse_special": True}
    answer = httpx.post(f"{server.listening_address}/tokenize", json=asked)
    assert answer.json()["tokens"] == tokenizer(ODD)["input_ids"]


@pytest.mark.parametrize(("kind", "error"), [("f32", 0), ("f16", 5e-4), ("q8_0", 4e-3)])
def test_the_weights_are_kept(kind, error, files):
    model, _ = load(SUMMARISER)
    tensors = gguf.GGUFReader(files / f"{kind}.gguf").tensors
    found = {t.name: gguf.dequantize(t.data, t.tensor_type) for t in tensors}
    block = model.transformer.h[3]
    pairs = {
        "token_embd.weight": model.transformer.wte.weight,
        "blk.3.attn_qkv.weight": block.attn.c_attn.weight.T,
        "blk.3.ffn_down.weight": block.mlp.c_proj.weight.T,
    }
    for name, weights in pairs.items():
        wanted = weights.detach().numpy()
        assert np.abs(found[name] - wanted).max() <= error * np.abs(wanted).max(), name
    exact = model.transformer.wpe.weight.detach().numpy()
    np.testing.assert_array_equal(found["position_embd.weight"], exact)
    assert len(found) == 52
    assert "output.weight" not in found  # it is the table of tokens


def test_a_head_of_its_own_is_written_too(tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(SUMMARISER)
    model = save(tmp_path, tokenizer, tie_word_embeddings=False)
    write_gguf(tmp_path, tmp_path / "untied.gguf", "f32")
    texts = ["Ann: Hi!", "Ben: Are you"]
    expected = generate(model, tokenizer, texts, max_new_tokens=8)
    server = engine(tmp_path / "untied.gguf")
    asked = {"max_tokens": 8, "temperature": 0}
    answers = [server.handle_completions({"prompt": t, **asked}) for t in texts]
    assert [a["choices"][0]["text"] for a in answers] == expected


def save(folder, tokenizer, **fields):
    set_seed(0)
    config = GPT2Config(**{**preset("tiny").to_dict(), **fields})
    model = GPT2LMHeadModel(config).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"activation_function": "relu"}, "activation_function='relu': llama.cpp"),
        ({"scale_attn_by_inverse_layer_idx": True}, "inverse_layer_idx=True"),
        ({"vocab_size": 2050}, "a token for each row of the embeddings"),
    ],
)
def test_another_computation_is_refused(fields, line, tmp_path):
    save(tmp_path, AutoTokenizer.from_pretrained(SUMMARISER), **fields)
    with pytest.raises(CourseError, match=line):
        write_gguf(tmp_path, tmp_path / "no.gguf")
    assert not (tmp_path / "no.gguf").exists()


def test_a_tokenizer_of_another_form_is_refused(tmp_path):
    from tokenizers import normalizers

    tokenizer = AutoTokenizer.from_pretrained(SUMMARISER)
    tokenizer.backend_tokenizer.normalizer = normalizers.Lowercase()
    save(tmp_path, tokenizer)
    with pytest.raises(CourseError, match="no byte-level BPE in GPT-2's form"):
        write_gguf(tmp_path, tmp_path / "no.gguf")


def test_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(CourseError, match="unknown kind 'q4': choose one of f32, f16"):
        write_gguf(SUMMARISER, tmp_path / "no.gguf", "q4")
