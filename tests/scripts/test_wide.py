"""The wider base: the quick forward pass, its corpus and its files are right."""

import random

import numpy as np
import pytest
import torch

from course_utils.data.chats import chat
from course_utils.data.people import PLACEHOLDERS
from course_utils.data.summaries import CUE
from scripts import wide_corpus
from scripts.gpu_wide import TOKENIZER, hidden, on_device, read_model, write_model
from scripts.pretrain_base import initial_model

REAL = [
    "\n".join(f"{'AB'[(i * i + j) % 2]}: line {i} of {j}, {i * j}" for i in range(30))
    for j in range(5)
]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return initial_model(n_layer=2, n_embd=64, n_head=2, n_positions=96)


@pytest.fixture
def maker():
    return wide_corpus.Maker(REAL, TOKENIZER, "test", 96)


def test_the_quick_forward_pass_is_the_library_s(model):
    ids = torch.randint(0, 2048, (3, 50))
    with torch.no_grad():
        expected = model.transformer(input_ids=ids).last_hidden_state
        torch.testing.assert_close(hidden(model, ids), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("small", "error"), [(False, 1e-3), (True, 0.05)])
def test_weights_come_back(model, tmp_path, small, error):
    how = write_model(model, tmp_path / "m.safetensors", small)
    again = read_model(tmp_path / "m.safetensors")
    assert how == ("int8" if small else "float16")
    assert again.config.n_positions == 96
    assert again.lm_head.weight is again.transformer.wte.weight
    for name, tensor in model.state_dict().items():
        gap = (again.state_dict()[name] - tensor).abs().max()
        assert gap <= error * tensor.abs().max(), name


@pytest.mark.parametrize("done", [0.01, 0.06, 0.2, 0.9])
def test_batches_hold_whole_rows(maker, done):
    batches = list(maker.pretraining(done, 1024, 200))
    assert sum(len(batch.kinds) for batch in batches) == 200
    for batch in batches:
        assert batch.input_ids.shape == batch.labels.shape
        assert batch.input_ids.shape[1] <= 96
        told = batch.labels != wide_corpus.IGNORED
        assert (batch.input_ids[told] == batch.labels[told]).all()
        ids, labels, kinds = on_device(batch, torch.device("cpu"))
        assert (ids >= 0).all()
        assert (ids < 2048).all()
        assert ((labels == -1).numpy() == ~told).all()
        assert len(kinds) == len(ids)


def test_pairs_are_learnt_on_the_summary_alone(maker):
    cue = maker.encode([CUE])[0]
    for way in ("plain", "place", "long"):
        for batch in maker.pairs(way, 1024, 50):
            for ids, labels in zip(batch.input_ids, batch.labels, strict=True):
                first = int(np.argmax(labels != wide_corpus.IGNORED))
                assert ids[first - len(cue) : first].tolist() == cue
                end = ids[labels != wide_corpus.IGNORED][-1]
                assert end == wide_corpus.EOS


def test_windows_begin_anywhere_in_a_chat(maker):
    chats = [np.arange(500)]
    starts = [wide_corpus.window(maker.rng, chats, 96)[0] for _ in range(200)]
    assert 20 < starts.count(0) < 90
    assert max(starts) > 300


def test_half_of_the_documents_have_placeholders():
    rng = random.Random(0)
    text = "Zofia: Hi Kwame!\nKwame: Hi Zofia."
    texts = [wide_corpus.with_other_names(rng, text) for _ in range(400)]
    placed = f"{PLACEHOLDERS[0]}: Hi {PLACEHOLDERS[1]}!"
    assert 0.4 < sum(t.startswith(placed) for t in texts) / 400 < 0.6
    assert 0.2 < texts.count(text) / 400 < 0.45


def test_natural_dialogues_have_two_to_six_people():
    rng = random.Random(0)
    found = set()
    for _ in range(500):
        turns = wide_corpus.natural_turns(rng, REAL)
        found.add(len({who for who, _ in turns}))
    assert {2, 3, 4} <= found <= {2, 3, 4, 5, 6}


def test_no_dialogue_is_followed_by_its_summary(maker):
    """What a document says after a dialogue is an echo, a quiz or a closing."""
    rng = random.Random(1)
    stories = [wide_corpus.document(rng, REAL, 0.9) for _ in range(2000)]
    assert not any(CUE.strip() in text for _, text in stories)
    for kind, text in stories:
        if kind == "story":
            assert ": " not in text.split("\n")[0][:15]
            assert "\n" not in text
    made = [chat(random.Random(i), "pretrain") for i in range(50)]
    texts = "\n".join(text for _, text in stories)
    assert not any(f"{m.dialogue}\n{m.story}" in texts for m in made)
